// What precompiles cost, by the call and by the gas: the column "CPU" and the counter ns_per_gas (at most 20 wanted),
// on the input of each that does the most work for its price. Primitives by the call:
//
//   ecrecover 38 us, P-256 65 us, bn254 mul 50 us, check of two pairs 1.0 ms, KZG 1.0 ms, BLS12-381 check of two pairs
//   0.95 ms, keccak256 of 1 KiB, modexp against GMP's powm on the same numbers (powm/N beside modexp/N).
#include <gmp.h>

#include <random>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

#include "evm_precompiles_host.hpp"

namespace {

using rvm::evm::test::Bytes;
using rvm::evm::test::PrecompileHost;

PrecompileHost& host() {
    static PrecompileHost host;
    static const rvm_status linked = host.link();
    if (linked != RVM_OK) throw std::runtime_error("no host interface");
    return host;
}

std::mt19937_64& random_source() {
    static std::mt19937_64 source(1);
    return source;
}

Bytes random_bytes(std::size_t size) {
    Bytes bytes(size);
    for (auto& byte : bytes) {
        byte = static_cast<std::uint8_t>(random_source()());
    }
    return bytes;
}

Bytes big_endian(std::uint64_t value, std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size && i < sizeof value; ++i) {
        bytes[size - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return bytes;
}

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

Bytes times(const Bytes& unit, std::size_t count) {
    Bytes all;
    for (std::size_t i = 0; i < count; ++i) {
        all.insert(all.end(), unit.begin(), unit.end());
    }
    return all;
}

Bytes answer(unsigned address, const Bytes& input) { return host().run(address, "evm/osaka", input).output; }

/// Times one program; reports what a gas costs.
void measure(benchmark::State& state, unsigned address, const char* rules, const Bytes& input, bool refused = false) {
    const rvm_program* program = host().find(address, rules);
    std::vector<std::uint8_t> room(4096 + input.size());
    std::int64_t used = 0;
    for (auto _ : state) {
        rvm_span out{room.data(), room.size()};
        std::int64_t gas = INT64_MAX;
        const rvm_status status = program->run(program->self, {input.data(), input.size()}, &gas, &out);
        if ((status != RVM_OK) != refused) return state.SkipWithError("refused");
        used = INT64_MAX - gas;
        benchmark::DoNotOptimize(room.data());
    }
    state.counters["gas"] = static_cast<double>(used);
    state.counters["ns_per_gas"] =
        benchmark::Counter(static_cast<double>(used) * 1e-9 * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// ---- Points: multiples made by the precompiles themselves ----

Bytes bn254_point() { return answer(0x07, join({big_endian(1, 32), big_endian(2, 32), random_bytes(32)})); }
/// The generator of EIP-197.
Bytes bn254_g2() {
    return rvm::evm::test::from_hex("198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
                                    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
                                    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
                                    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa");
}
Bytes bls_g1() { return answer(0x10, join({Bytes(16), big_endian(random_source()(), 48)})); }
Bytes bls_g2() { return answer(0x11, join({Bytes(16), big_endian(random_source()(), 48), Bytes(64)})); }

Bytes msm(std::size_t points, Bytes (*point)()) {
    Bytes input;
    for (std::size_t i = 0; i < points; ++i) {
        input = join({input, point(), random_bytes(32)});
    }
    return input;
}

Bytes pairs(std::size_t count, Bytes (*g1)(), Bytes (*g2)()) {
    Bytes input;
    for (std::size_t i = 0; i < count; ++i) {
        input = join({input, g1(), g2()});
    }
    return input;
}

// ---- The first ones ----

/// A signature that recovers: r is the x of a point (small numbers are), s anything.
Bytes ecrecover_input() {
    for (std::uint64_t r = 1;; ++r) {
        const Bytes input = join({random_bytes(32), big_endian(27, 32), big_endian(r, 32), random_bytes(32)});
        if (!answer(0x01, input).empty()) return input;
    }
}
void ecrecover(benchmark::State& state) { measure(state, 0x01, "evm/osaka", ecrecover_input()); }
BENCHMARK(ecrecover)->Unit(benchmark::kMicrosecond);

void sha256(benchmark::State& state) {
    measure(state, 0x02, "evm/osaka", random_bytes(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(sha256)->Arg(0)->Arg(32)->Arg(56)->Arg(1024)->Arg(65536);

void ripemd160(benchmark::State& state) {
    measure(state, 0x03, "evm/osaka", random_bytes(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(ripemd160)->Arg(0)->Arg(32)->Arg(1024)->Arg(65536);

void identity(benchmark::State& state) {
    measure(state, 0x04, "evm/osaka", random_bytes(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(identity)->Arg(0)->Arg(32)->Arg(1024)->Arg(65536)->Arg(1 << 20);

void keccak256(benchmark::State& state) {
    static rvm::sdk::test::TestHost crypto;
    if (crypto.items().empty()) crypto.load(rvm_plugin_entry_v0);
    const auto& hash = crypto.find<rvm_crypto>(RVM_KIND_CRYPTO, "keccak256");
    const Bytes input = random_bytes(static_cast<std::size_t>(state.range(0)));
    std::uint8_t digest[32];
    for (auto _ : state) {
        hash.hash(hash.self, {input.data(), input.size()}, digest);
        benchmark::DoNotOptimize(digest);
    }
}
BENCHMARK(keccak256)->Arg(32)->Arg(136)->Arg(1024)->Arg(65536);

// ---- MODEXP ----

struct Numbers {
    Bytes base, exponent, modulus;
};
/// Modulus of `size` bytes, odd or a power of two times an odd number; exponent all ones. The same ones for the same
/// arguments, and an odd base, as powers of even ones modulo an even number cost less.
Numbers numbers(std::size_t size, std::size_t exponent, bool odd) {
    random_source().seed(size);
    Numbers n{random_bytes(size), Bytes(exponent, 0xff), random_bytes(size)};
    n.base.back() |= 1;
    n.modulus[0] |= 0x80;
    n.modulus.back() = static_cast<std::uint8_t>(odd ? n.modulus.back() | 1u : n.modulus.back() & 0xf0u);
    return n;
}
Bytes encode(const Numbers& n) {
    return join({big_endian(n.base.size(), 32), big_endian(n.exponent.size(), 32), big_endian(n.modulus.size(), 32),
                 n.base, n.exponent, n.modulus});
}
constexpr const char* modexp_rules[] = {"evm/byzantium", "evm/berlin", "evm/osaka"};

/// Arguments: bytes of base and modulus, of the exponent, odd?, rules (0 EIP-198, 1 EIP-2565, 2 EIP-7883).
void modexp(benchmark::State& state) {
    const Numbers n = numbers(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
                              state.range(2) == 1);
    measure(state, 0x05, modexp_rules[state.range(3)], encode(n));
}
BENCHMARK(modexp)
    ->ArgNames({"bytes", "exponent", "odd", "rules"})
    ->ArgsProduct({{1, 2, 8, 16, 24, 32, 40, 64, 128, 256, 1024}, {1, 3, 32, 1024}, {0, 1}, {0, 1, 2}});

void powm(benchmark::State& state) {
    const Numbers n = numbers(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
                              state.range(2) == 1);
    mpz_t base, exponent, modulus, power;
    mpz_inits(base, exponent, modulus, power, nullptr);
    mpz_import(base, n.base.size(), 1, 1, 0, 0, n.base.data());
    mpz_import(exponent, n.exponent.size(), 1, 1, 0, 0, n.exponent.data());
    mpz_import(modulus, n.modulus.size(), 1, 1, 0, 0, n.modulus.data());
    for (auto _ : state) {
        mpz_powm(power, base, exponent, modulus);
        benchmark::DoNotOptimize(power);
    }
    mpz_clears(base, exponent, modulus, power, nullptr);
}
BENCHMARK(powm)->ArgNames({"bytes", "exponent", "odd"})->ArgsProduct({{8, 32, 64, 128, 256, 1024}, {3, 32, 1024}, {0, 1}});

// ---- Curves ----

void bn254_add(benchmark::State& state) { measure(state, 0x06, "evm/osaka", join({bn254_point(), bn254_point()})); }
BENCHMARK(bn254_add);

void bn254_mul(benchmark::State& state) { measure(state, 0x07, "evm/osaka", join({bn254_point(), random_bytes(32)})); }
BENCHMARK(bn254_mul)->Unit(benchmark::kMicrosecond);

void bn254_pairing(benchmark::State& state) {
    measure(state, 0x08, "evm/osaka", pairs(static_cast<std::size_t>(state.range(0)), bn254_point, bn254_g2));
}
BENCHMARK(bn254_pairing)->Arg(1)->Arg(2)->Arg(8)->Arg(64)->Unit(benchmark::kMicrosecond);

void blake2f(benchmark::State& state) {
    Bytes input = random_bytes(213);
    const Bytes rounds = big_endian(static_cast<std::uint64_t>(state.range(0)), 4);
    std::copy(rounds.begin(), rounds.end(), input.begin());
    input.back() = 1;
    measure(state, 0x09, "evm/osaka", input);
}
BENCHMARK(blake2f)->Arg(1)->Arg(12)->Arg(1000)->Arg(100000);

/// A constant polynomial has the proof "infinity"; a wrong proof costs the same and has no shortcut.
void kzg_point_evaluation(benchmark::State& state) {
    Bytes commitment = bls_g1();
    Bytes compressed(commitment.begin() + 16, commitment.begin() + 64);
    compressed[0] |= 0x80;
    Bytes hash = answer(0x02, compressed);
    hash[0] = 1;
    measure(state, 0x0a, "evm/osaka", join({hash, big_endian(5, 32), big_endian(6, 32), compressed, compressed}), true);
}
BENCHMARK(kzg_point_evaluation)->Unit(benchmark::kMicrosecond);

void bls12_g1add(benchmark::State& state) { measure(state, 0x0b, "evm/osaka", join({bls_g1(), bls_g1()})); }
BENCHMARK(bls12_g1add);

void bls12_g1msm(benchmark::State& state) {
    measure(state, 0x0c, "evm/osaka", msm(static_cast<std::size_t>(state.range(0)), bls_g1));
}
BENCHMARK(bls12_g1msm)->Arg(1)->Arg(2)->Arg(8)->Arg(32)->Arg(128)->Arg(512)->Unit(benchmark::kMicrosecond);

void bls12_g2add(benchmark::State& state) { measure(state, 0x0d, "evm/osaka", join({bls_g2(), bls_g2()})); }
BENCHMARK(bls12_g2add);

void bls12_g2msm(benchmark::State& state) {
    measure(state, 0x0e, "evm/osaka", msm(static_cast<std::size_t>(state.range(0)), bls_g2));
}
BENCHMARK(bls12_g2msm)->Arg(1)->Arg(2)->Arg(8)->Arg(32)->Arg(128)->Unit(benchmark::kMicrosecond);

void bls12_pairing_check(benchmark::State& state) {
    measure(state, 0x0f, "evm/osaka", pairs(static_cast<std::size_t>(state.range(0)), bls_g1, bls_g2));
}
BENCHMARK(bls12_pairing_check)->Arg(1)->Arg(2)->Arg(8)->Arg(32)->Unit(benchmark::kMicrosecond);

void bls12_map_fp_to_g1(benchmark::State& state) {
    measure(state, 0x10, "evm/osaka", join({Bytes(17), random_bytes(47)}));
}
BENCHMARK(bls12_map_fp_to_g1)->Unit(benchmark::kMicrosecond);

void bls12_map_fp2_to_g2(benchmark::State& state) {
    measure(state, 0x11, "evm/osaka", times(join({Bytes(17), random_bytes(47)}), 2));
}
BENCHMARK(bls12_map_fp2_to_g2)->Unit(benchmark::kMicrosecond);

void p256verify(benchmark::State& state) {
    // RFC 6979, appendix A.2.5: SHA-256 of "sample".
    measure(state, 0x100, "evm/osaka",
            rvm::evm::test::from_hex("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"
                                     "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
                                     "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                     "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
}
BENCHMARK(p256verify)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
