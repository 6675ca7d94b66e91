// Keys from passwords: PBKDF2 (RFC 8018), scrypt (RFC 7914), Argon2id (RFC 9106). Each is bounded: what its input asks
// for is work and memory, and inputs come from files and programs. README.md names the bounds.
#include <sodium.h>

#include <bit>

#include "hmac.hpp"
#include "output.hpp"
#include "parts.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

constexpr std::uint64_t most_key_bytes = 1024;

// What a primitive does at most, about ten times what wallets ask for.
constexpr std::uint64_t most_iterations = 1u << 23u;           // PBKDF2, over all blocks of the key
constexpr std::uint64_t most_memory = std::uint64_t{1} << 30u; // bytes
constexpr std::uint64_t most_scrypt_work = 1u << 24u;          // N r p: blocks of 128 bytes, mixed twice
constexpr std::uint64_t most_argon2_work = 1u << 23u;          // KiB, over all passes
// What a program does at most: memory that its execution's budget does not see.
constexpr std::uint64_t most_memory_of_program = std::uint64_t{1} << 25u;

struct Pbkdf2 {
    std::uint64_t iterations;
    std::uint64_t length;
    Bytes salt;
    Bytes password;

    static bool read(rvm_view input, Pbkdf2& out) noexcept {
        Parts parts(input);
        out.iterations = parts.number();
        out.length = parts.number();
        out.salt = parts.sized();
        out.password = parts.rest();
        return parts.whole() && out.iterations > 0 && out.length > 0 && out.length <= most_key_bytes;
    }
    [[nodiscard]] std::uint64_t work(std::size_t digest_bytes) const noexcept {
        return iterations * ((length + digest_bytes - 1) / digest_bytes);
    }
};

template <class Hash>
rvm_status pbkdf2(rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Pbkdf2 wanted{};
    if (!Pbkdf2::read(input, wanted)) return RVM_TRAP_CRYPTO;
    if (wanted.work(Hash::digest_bytes) > most_iterations) return RVM_TRAP_LIMIT;
    *size = wanted.length;
    if (output.size < wanted.length) return RVM_E_BUFFER_TOO_SMALL;

    Hmac<Hash> mac(wanted.password);
    typename Hmac<Hash>::Tag link;
    typename Hmac<Hash>::Tag block;
    std::span<std::uint8_t> out(output.data, static_cast<std::size_t>(wanted.length));
    for (std::uint32_t index = 1; !out.empty(); ++index) {
        const std::uint8_t number[4] = {static_cast<std::uint8_t>(index >> 24u),
                                        static_cast<std::uint8_t>(index >> 16u), static_cast<std::uint8_t>(index >> 8u),
                                        static_cast<std::uint8_t>(index)};
        mac.update(wanted.salt).update(number).finish(link.data());
        block = link;
        for (std::uint64_t i = 1; i < wanted.iterations; ++i) {
            mac.update(link).finish(link.data());
            for (std::size_t j = 0; j < block.size(); ++j) {
                block[j] ^= link[j];
            }
        }
        const std::size_t part = out.size() < block.size() ? out.size() : block.size();
        std::memcpy(out.data(), block.data(), part);
        out = out.subspan(part);
    }
    sodium_memzero(link.data(), link.size());
    sodium_memzero(block.data(), block.size());
    return RVM_OK;
}

template <class Hash>
std::uint64_t pbkdf2_gas(rvm_view input) noexcept {
    constexpr std::uint64_t per_iteration = Hash::digest_bytes == Sha256::digest_bytes ? 100 : 180;
    Pbkdf2 wanted{};
    if (!Pbkdf2::read(input, wanted)) return 0;
    const std::uint64_t work = wanted.work(Hash::digest_bytes);
    return work > most_iterations ? UINT64_MAX : work * per_iteration;
}

struct Scrypt {
    std::uint64_t n;
    std::uint64_t r;
    std::uint64_t p;
    std::uint64_t length;
    Bytes salt;
    Bytes password;

    static bool read(rvm_view input, Scrypt& out) noexcept {
        Parts parts(input);
        out.n = parts.number(8);
        out.r = parts.number();
        out.p = parts.number();
        out.length = parts.number();
        out.salt = parts.sized();
        out.password = parts.rest();
        return parts.whole() && std::has_single_bit(out.n) && out.n > 1 && out.r > 0 && out.p > 0 && out.length > 0 &&
               out.length <= most_key_bytes;
    }
    [[nodiscard]] bool within(std::uint64_t memory) const noexcept {
        constexpr std::uint64_t block_bytes = 128;
        // Each factor is below 2^32 once n is: no product wraps.
        return n <= most_scrypt_work && r <= most_scrypt_work && p <= most_scrypt_work &&
               n * r <= memory / block_bytes && r * p <= memory / block_bytes && n * r * p <= most_scrypt_work;
    }
};

struct Argon2 {
    std::uint64_t passes;
    std::uint64_t kib;
    std::uint64_t length;
    Bytes salt;
    Bytes password;

    static bool read(rvm_view input, Argon2& out) noexcept {
        Parts parts(input);
        out.passes = parts.number();
        out.kib = parts.number();
        out.length = parts.number();
        out.salt = parts.take(crypto_pwhash_argon2id_SALTBYTES);
        out.password = parts.rest();
        return parts.whole() && out.passes > 0 && out.kib >= crypto_pwhash_argon2id_MEMLIMIT_MIN / 1024 &&
               out.length >= crypto_pwhash_argon2id_BYTES_MIN && out.length <= most_key_bytes;
    }
    [[nodiscard]] bool within(std::uint64_t memory) const noexcept {
        return kib <= memory / 1024 && passes <= most_argon2_work && passes * kib <= most_argon2_work;
    }
};

} // namespace

rvm_status pbkdf2_sha256(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return pbkdf2<Sha256>(input, output, size);
}

rvm_status pbkdf2_sha512(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return pbkdf2<Sha512>(input, output, size);
}

rvm_status scrypt(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Scrypt wanted{};
    if (!Scrypt::read(input, wanted)) return RVM_TRAP_CRYPTO;
    if (!wanted.within(most_memory)) return RVM_TRAP_LIMIT;
    *size = wanted.length;
    if (output.size < wanted.length) return RVM_E_BUFFER_TOO_SMALL;
    // The parameters are sound: what can fail is memory.
    return crypto_pwhash_scryptsalsa208sha256_ll(wanted.password.data(), wanted.password.size(), wanted.salt.data(),
                                                 wanted.salt.size(), wanted.n, static_cast<std::uint32_t>(wanted.r),
                                                 static_cast<std::uint32_t>(wanted.p), output.data,
                                                 static_cast<std::size_t>(wanted.length)) == 0
               ? RVM_OK
               : RVM_E_NO_MEMORY;
}

rvm_status argon2id(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Argon2 wanted{};
    if (!Argon2::read(input, wanted)) return RVM_TRAP_CRYPTO;
    if (!wanted.within(most_memory)) return RVM_TRAP_LIMIT;
    *size = wanted.length;
    if (output.size < wanted.length) return RVM_E_BUFFER_TOO_SMALL;
    return crypto_pwhash_argon2id(output.data, wanted.length, reinterpret_cast<const char*>(wanted.password.data()),
                                  wanted.password.size(), wanted.salt.data(), wanted.passes,
                                  static_cast<std::size_t>(wanted.kib * 1024),
                                  crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0
               ? RVM_OK
               : RVM_E_NO_MEMORY;
}

std::uint64_t pbkdf2_sha256_gas(const void*, rvm_view input) noexcept { return pbkdf2_gas<Sha256>(input); }
std::uint64_t pbkdf2_sha512_gas(const void*, rvm_view input) noexcept { return pbkdf2_gas<Sha512>(input); }

std::uint64_t scrypt_gas(const void*, rvm_view input) noexcept {
    constexpr std::uint64_t per_block = 100; // 128 bytes: written once, mixed twice
    Scrypt wanted{};
    if (!Scrypt::read(input, wanted)) return 0;
    if (!wanted.within(most_memory_of_program)) return UINT64_MAX;
    return wanted.n * wanted.r * wanted.p * per_block;
}

std::uint64_t argon2id_gas(const void*, rvm_view input) noexcept {
    constexpr std::uint64_t per_kib = 300;
    Argon2 wanted{};
    if (!Argon2::read(input, wanted)) return 0;
    if (!wanted.within(most_memory_of_program)) return UINT64_MAX;
    return wanted.passes * wanted.kib * per_kib;
}

} // namespace rvm::crypto
