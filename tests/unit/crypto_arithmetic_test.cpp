// blake2f, modexp, P-256 and the curves of org.rvm.crypto in the SDK's test host: laws and corners beyond the plugin's
// own known-answer tests. The published vectors run through the precompiles (evm_precompiles_*_test.cpp).
#include <gtest/gtest.h>
#include <sodium.h>

#include <random>

#include <rvm/test_host.hpp>

namespace rvm::crypto {
namespace {

using sdk::test::Bytes;

class crypto_arithmetic : public ::testing::Test {
  protected:
    crypto_arithmetic() { host.load(rvm_plugin_entry_v0); }
    ~crypto_arithmetic() override { EXPECT_EQ(host.violations(), std::vector<std::string>()); }

    Bytes random_bytes(std::size_t size) {
        Bytes bytes(size);
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(random());
        }
        return bytes;
    }

    sdk::test::TestHost host;
    std::mt19937_64 random{20};
};

Bytes big_endian(std::uint64_t value, std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size && i < sizeof value; ++i) {
        bytes[size - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return bytes;
}

std::uint64_t number(const Bytes& bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) {
        value = value << 8u | byte;
    }
    return value;
}

void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

Bytes power_input(const Bytes& base, const Bytes& exponent, const Bytes& modulus) {
    Bytes input;
    for (const Bytes* part : {&base, &exponent, &modulus}) {
        append(input, big_endian(part->size(), 32));
    }
    for (const Bytes* part : {&base, &exponent, &modulus}) {
        append(input, *part);
    }
    return input;
}

std::uint64_t plain_power(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
    __extension__ using Wide = unsigned __int128;
    Wide result = 1 % modulus;
    Wide square = base % modulus;
    for (; exponent != 0; exponent >>= 1u) {
        if (exponent % 2 == 1) result = result * square % modulus;
        square = square * square % modulus;
    }
    return static_cast<std::uint64_t>(result);
}

TEST_F(crypto_arithmetic, modexp_equals_squaring_and_multiplying) {
    for (int i = 0; i < 3000; ++i) {
        // Of random widths, so that small and even moduli and those with leading zeros occur.
        const std::uint64_t base = random() >> (random() % 64);
        const std::uint64_t exponent = random() >> (random() % 64);
        const std::uint64_t modulus = random() >> (random() % 64);
        const Bytes input = power_input(big_endian(base, 8), big_endian(exponent, 8), big_endian(modulus, 9));
        const auto run = host.run_crypto("modexp", input);
        ASSERT_EQ(run.status, RVM_OK);
        ASSERT_EQ(run.output.size(), 9u);
        EXPECT_EQ(number(run.output), modulus == 0 ? 0 : plain_power(base, exponent, modulus))
            << base << "^" << exponent << " mod " << modulus;
    }
}

/// base^exponent by squaring for each bit of a long exponent; modulus below 2^64.
std::uint64_t plain_power(std::uint64_t base, const Bytes& exponent, std::uint64_t modulus) {
    std::uint64_t result = 1 % modulus;
    for (const std::uint8_t byte : exponent) {
        for (unsigned bit = 8; bit-- > 0;) {
            __extension__ using Wide = unsigned __int128;
            result = plain_power(result, 2, modulus);
            if ((byte >> bit & 1u) != 0) result = static_cast<std::uint64_t>(Wide{result} * base % modulus);
        }
    }
    return result;
}

TEST_F(crypto_arithmetic, modexp_with_long_exponents_and_small_moduli) {
    const auto check = [&](std::uint64_t base, const Bytes& exponent, std::uint64_t modulus) {
        const auto run = host.run_crypto("modexp", power_input(big_endian(base, 8), exponent, big_endian(modulus, 8)));
        EXPECT_EQ(number(run.output), plain_power(base, exponent, modulus)) << base << " mod " << modulus;
    };
    // Every modulus of a byte and more; bases that share factors with it.
    for (std::uint64_t modulus = 1; modulus < 700; ++modulus) {
        for (int i = 0; i < 6; ++i) {
            check(random() % (3 * modulus), random_bytes(9 + random() % 30), modulus);
        }
    }
    for (std::uint64_t modulus = 65536 - 300; modulus < 65536 + 20; ++modulus) {
        check(random(), random_bytes(40), modulus);
    }
    // Odd parts and powers of 2 of all widths.
    for (int i = 0; i < 2000; ++i) {
        const unsigned zeros = static_cast<unsigned>(random() % 64);
        const std::uint64_t modulus = ((random() >> (random() % 64)) | 1u) << zeros;
        Bytes exponent = random_bytes(9 + random() % 20);
        if (i % 5 == 0) std::fill(exponent.begin() + 1, exponent.end(), std::uint8_t{0}); // its low bits are zero
        check(random() >> (random() % 64), exponent, modulus);
    }
}

TEST_F(crypto_arithmetic, modexp_obeys_the_law_of_exponents) {
    for (const std::size_t size : {1u, 7u, 8u, 16u, 31u, 32u, 33u, 64u, 128u, 200u, 1024u}) {
        for (int i = 0; i < 4; ++i) {
            const Bytes base = random_bytes(size);
            const Bytes modulus = random_bytes(size);
            const std::uint64_t a = random() >> 40u;
            const std::uint64_t b = random() >> 40u;
            // (base^a)^b = base^(a b)
            const Bytes inner = host.run_crypto("modexp", power_input(base, big_endian(a, 3), modulus)).output;
            EXPECT_EQ(host.run_crypto("modexp", power_input(inner, big_endian(b, 3), modulus)).output,
                      host.run_crypto("modexp", power_input(base, big_endian(a * b, 6), modulus)).output)
                << size;
            if (size > 200 || (i != 0 && size > 64)) continue;
            // (base^(256^n))^a = base^(a 256^n), with exponents long enough for their own way
            Bytes shift(2 * size + 9);
            shift[0] = 1;
            Bytes product = big_endian(a, 3);
            product.resize(product.size() + shift.size() - 1);
            const Bytes squared = host.run_crypto("modexp", power_input(base, shift, modulus)).output;
            EXPECT_EQ(host.run_crypto("modexp", power_input(squared, big_endian(a, 3), modulus)).output,
                      host.run_crypto("modexp", power_input(base, product, modulus)).output)
                << size;
        }
    }
}

TEST_F(crypto_arithmetic, modexp_reads_zeros_beyond_its_input) {
    EXPECT_EQ(host.run_crypto("modexp", {}).status, RVM_OK) << "no lengths: no answer";
    EXPECT_EQ(host.run_crypto("modexp", {}).output, Bytes());
    // The last byte of the modulus 0x0700 is left out.
    Bytes input = power_input({9}, {5}, {7, 0});
    const Bytes whole = host.run_crypto("modexp", input).output;
    EXPECT_EQ(number(whole), plain_power(9, 5, 0x700));
    input.pop_back();
    EXPECT_EQ(host.run_crypto("modexp", input).output, whole);
    // A base that is not there leaves no modulus.
    Bytes huge = big_endian(~0ull, 32);
    append(huge, big_endian(~0ull, 32));
    append(huge, big_endian(5, 32));
    EXPECT_EQ(host.run_crypto("modexp", huge).output, Bytes(5));
}

TEST_F(crypto_arithmetic, modexp_refuses_numbers_that_no_price_lets_through) {
    Bytes input = big_endian(0, 64);
    append(input, big_endian((1u << 24u) + 1, 32));
    EXPECT_EQ(host.run_crypto("modexp", input).status, RVM_TRAP_LIMIT);
    EXPECT_EQ(host.run_syscall("crypto.modexp", input).status, RVM_TRAP_OUT_OF_GAS);
    // No modulus, no answer: then a base of 2^248 bytes does not matter.
    input.assign(96, 0);
    input[0] = 1;
    EXPECT_EQ(host.run_crypto("modexp", input).status, RVM_OK);
}

TEST_F(crypto_arithmetic, modexp_is_priced_by_its_numbers) {
    const auto gas = [&](std::size_t number, std::size_t exponent) {
        return host.run_syscall("crypto.modexp", power_input(Bytes(number, 3), Bytes(exponent, 255), Bytes(number, 5)))
            .gas_used;
    };
    EXPECT_GT(gas(8, 32), gas(8, 16));
    EXPECT_GT(gas(256, 32), 16 * gas(32, 32)) << "quadratic";
    EXPECT_EQ(host.run_syscall("crypto.modexp", power_input({3}, {5}, {7}), 0).status, RVM_TRAP_LIMIT);
}

TEST_F(crypto_arithmetic, blake2f_makes_the_hash) {
    // RFC 7693, section 3.3: parameter block of an unkeyed 64-byte digest, then one compression per 128 bytes.
    for (std::size_t size = 1; size <= 400; size += 19) {
        const Bytes message = random_bytes(size);
        Bytes state = host.run_crypto("blake2f", Bytes(213)).output; // h ^ v ^ v' of zeros: the initial vector
        ASSERT_EQ(state.size(), 64u);
        state[0] ^= 64;
        state[2] ^= 1;
        state[3] ^= 1;
        for (std::size_t done = 0; done < size;) {
            const std::size_t block = std::min<std::size_t>(128, size - done);
            Bytes input = {0, 0, 0, 12};
            append(input, state);
            append(input,
                   Bytes(message.begin() + static_cast<long>(done), message.begin() + static_cast<long>(done + block)));
            input.resize(4 + 64 + 128);
            done += block;
            for (std::size_t i = 0; i < 16; ++i) {
                input.push_back(i < 8 ? static_cast<std::uint8_t>(done >> (8 * i)) : std::uint8_t{0});
            }
            input.push_back(done == size ? 1 : 0);
            state = host.run_crypto("blake2f", input).output;
        }
        EXPECT_EQ(state, host.run_crypto("blake2b512", message).output) << size;
    }
}

TEST_F(crypto_arithmetic, blake2f_takes_any_number_of_rounds) {
    // r rounds and then s more are not r + s, but the schedule of round 10 is that of round 0: all counts differ.
    std::vector<Bytes> seen;
    for (std::uint8_t rounds = 0; rounds < 40; ++rounds) {
        Bytes input(213, 7);
        input[0] = input[1] = input[2] = 0;
        input[3] = rounds;
        input[212] = 1;
        seen.push_back(host.run_crypto("blake2f", input).output);
        EXPECT_EQ(host.run_syscall("crypto.blake2f", input).gas_used, 100 + 6 * rounds);
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

TEST_F(crypto_arithmetic, sha256_equals_another_implementation) {
    for (std::size_t size = 0; size < 300; ++size) {
        const Bytes data = random_bytes(size);
        Bytes expected(32);
        crypto_hash_sha256(expected.data(), data.data(), data.size());
        EXPECT_EQ(host.run_crypto("sha256", data).output, expected) << size;
    }
}

TEST_F(crypto_arithmetic, points_add_up) {
    // k G + G = (k + 1) G, in each group, by each operation.
    const auto check = [&](const char* multiply, const char* add, const Bytes& point, std::size_t chunk) {
        Bytes one = point;
        append(one, big_endian(1, 32));
        const Bytes generator = host.run_crypto(multiply, one).output;
        ASSERT_EQ(generator.size(), chunk);
        for (int i = 0; i < 8; ++i) {
            const std::uint64_t k = random() >> 1u;
            Bytes low = generator;
            append(low, big_endian(k, 32));
            Bytes high = generator;
            append(high, big_endian(k + 1, 32));
            Bytes sum = host.run_crypto(multiply, low).output;
            append(sum, generator);
            EXPECT_EQ(host.run_crypto(add, sum).output, host.run_crypto(multiply, high).output) << multiply << k;
        }
    };
    Bytes bn254 = big_endian(1, 32);
    append(bn254, big_endian(2, 32));
    check("bn254.mul", "bn254.add", bn254, 64);
    Bytes element(64);
    element[63] = 9;
    check("bls12_381.g1_msm", "bls12_381.g1_add", host.run_crypto("bls12_381.map_fp_to_g1", element).output, 128);
    element.resize(128);
    check("bls12_381.g2_msm", "bls12_381.g2_add", host.run_crypto("bls12_381.map_fp2_to_g2", element).output, 256);
}

TEST_F(crypto_arithmetic, inputs_of_wrong_sizes_are_refused) {
    const std::pair<const char*, std::size_t> sizes[] = {{"blake2f", 213},
                                                         {"secp256r1.verify", 160},
                                                         {"bn254.add", 128},
                                                         {"bn254.mul", 96},
                                                         {"bn254.pairing", 192},
                                                         {"kzg.verify", 160},
                                                         {"bls12_381.g1_add", 256},
                                                         {"bls12_381.g1_msm", 160},
                                                         {"bls12_381.g2_add", 512},
                                                         {"bls12_381.g2_msm", 288},
                                                         {"bls12_381.pairing", 384},
                                                         {"bls12_381.map_fp_to_g1", 64},
                                                         {"bls12_381.map_fp2_to_g2", 128}};
    for (const auto& [id, size] : sizes) {
        EXPECT_EQ(host.run_crypto(id, Bytes(size - 1)).status, RVM_TRAP_CRYPTO) << id;
        EXPECT_EQ(host.run_crypto(id, Bytes(size + 1)).status, RVM_TRAP_CRYPTO) << id;
        if (std::string_view(id) == "kzg.verify") continue; // all zero is no compressed point
        EXPECT_EQ(host.run_crypto(id, Bytes(size), 0).status, RVM_E_BUFFER_TOO_SMALL) << id;
        EXPECT_EQ(host.run_crypto(id, Bytes(size)).status, RVM_OK) << id;
    }
}

TEST_F(crypto_arithmetic, p256_notices_every_changed_byte) {
    // The first known answer: RFC 6979, appendix A.2.5.
    const auto& primitive = host.find<rvm_crypto>(RVM_KIND_CRYPTO, "secp256r1.verify");
    const rvm_view valid = primitive.kats[0].input;
    Bytes input(valid.data, valid.data + valid.size);
    EXPECT_EQ(host.run_crypto("secp256r1.verify", input).output, Bytes{1});
    for (std::size_t i = 0; i < input.size(); ++i) {
        input[i] ^= 1;
        EXPECT_EQ(host.run_crypto("secp256r1.verify", input).output, Bytes{0}) << i;
        input[i] ^= 1;
    }
    for (const std::size_t at : {32u, 64u}) { // r and s: 0 and the largest number are out of range
        Bytes other = input;
        std::fill_n(other.begin() + static_cast<long>(at), 32, std::uint8_t{0});
        EXPECT_EQ(host.run_crypto("secp256r1.verify", other).output, Bytes{0});
        std::fill_n(other.begin() + static_cast<long>(at), 32, std::uint8_t{255});
        EXPECT_EQ(host.run_crypto("secp256r1.verify", other).output, Bytes{0});
    }
}

} // namespace
} // namespace rvm::crypto
