// Keys and deterministic signatures of P-256 (FIPS 186-5, RFC 6979). Secrets meet only what OpenSSL computes in
// constant time: the multiple of the generator, powers with BN_FLG_CONSTTIME, Montgomery products, sums of reduced
// numbers.
#include <sodium.h>

#include <array>
#include <optional>

#include "hmac.hpp"
#include "openssl_support.hpp"
#include "output.hpp"
#include "parts.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

constexpr std::size_t number_bytes = 32;
constexpr std::size_t compressed_bytes = 33;
constexpr std::size_t uncompressed_bytes = 65;
using Word = std::array<std::uint8_t, number_bytes>;

/// What every computation needs; numbers are cleared when they go back.
class Work {
  public:
    Work() noexcept : scratch_(BN_CTX_secure_new()), numbers_(scratch_ ? scratch_.get() : nullptr) {}
    [[nodiscard]] static bool ready(const Work& work) noexcept { return p256() != nullptr && work.scratch_ != nullptr; }
    [[nodiscard]] BN_CTX* context() const noexcept { return scratch_.get(); }
    [[nodiscard]] BIGNUM* number() noexcept { return numbers_.next(); }
    [[nodiscard]] BIGNUM* secret(const std::uint8_t* bytes) noexcept {
        BIGNUM* number = numbers_.next(bytes);
        if (number != nullptr) BN_set_flags(number, BN_FLG_CONSTTIME);
        return number;
    }
    [[nodiscard]] BIGNUM* open(const std::uint8_t* bytes) noexcept { return numbers_.next(bytes); }

  private:
    ErrorMark mark_;
    Scratch scratch_;
    Numbers numbers_;
};

const BIGNUM* order() noexcept { return EC_GROUP_get0_order(p256()); }

bool in_range(const BIGNUM* number) noexcept { return !BN_is_zero(number) && BN_cmp(number, order()) < 0; }

bool write(const BIGNUM* number, std::uint8_t* out) noexcept {
    return BN_bn2binpad(number, out, static_cast<int>(number_bytes)) == static_cast<int>(number_bytes);
}

/// The secrets k of RFC 6979, section 3.2, in their order.
class Nonces {
  public:
    /// `digest` reduced modulo the order.
    Nonces(Bytes secret, Bytes digest) noexcept {
        value_.fill(1);
        key_.fill(0);
        for (const std::uint8_t step : {std::uint8_t{0}, std::uint8_t{1}}) {
            Hmac<Sha256>(key_).update(value_).update({&step, 1}).update(secret).update(digest).finish(key_.data());
            Hmac<Sha256>(key_).update(value_).finish(value_.data());
        }
    }
    ~Nonces() {
        sodium_memzero(value_.data(), value_.size());
        sodium_memzero(key_.data(), key_.size());
    }
    Nonces(const Nonces&) = delete;
    Nonces& operator=(const Nonces&) = delete;

    [[nodiscard]] const Word& next() noexcept {
        if (used_) {
            constexpr std::uint8_t step = 0;
            Hmac<Sha256>(key_).update(value_).update({&step, 1}).finish(key_.data());
            Hmac<Sha256>(key_).update(value_).finish(value_.data());
        }
        used_ = true;
        Hmac<Sha256>(key_).update(value_).finish(value_.data());
        return value_;
    }

  private:
    Word key_;
    Word value_;
    bool used_ = false;
};

/// One attempt: r and s, or nothing when one of them is 0 (then the next k is tried).
rvm_status attempt(Work& work, const BIGNUM* secret, const BIGNUM* digest, BIGNUM* k, std::uint8_t* signature,
                   bool& done) noexcept {
    BN_CTX* context = work.context();
    const Point point(EC_POINT_new(p256()));
    BIGNUM* r = work.number();
    BIGNUM* exponent = work.number();
    BIGNUM* inverse = work.number();
    BIGNUM* s = work.number();
    BN_MONT_CTX* mont = EC_GROUP_get_mont_data(p256());
    if (point == nullptr || s == nullptr || mont == nullptr) return RVM_E_NO_MEMORY;
    if (EC_POINT_mul(p256(), point.get(), k, nullptr, nullptr, context) != 1 ||
        EC_POINT_get_affine_coordinates(p256(), point.get(), r, nullptr, context) != 1 ||
        BN_nnmod(r, r, order(), context) != 1) {
        return RVM_E_NO_MEMORY;
    }
    if (BN_copy(exponent, order()) == nullptr || BN_sub_word(exponent, 2) != 1 ||
        BN_mod_exp_mont_consttime(inverse, k, exponent, order(), context, mont) != 1) { // 1 / k by Fermat
        return RVM_E_NO_MEMORY;
    }
    // s = (digest + r secret) / k: each product has one factor in Montgomery form.
    if (BN_to_montgomery(s, secret, mont, context) != 1 || BN_mod_mul_montgomery(s, s, r, mont, context) != 1 ||
        BN_mod_add_quick(s, s, digest, order()) != 1 || BN_to_montgomery(inverse, inverse, mont, context) != 1 ||
        BN_mod_mul_montgomery(s, s, inverse, mont, context) != 1) {
        return RVM_E_NO_MEMORY;
    }
    done = !BN_is_zero(r) && !BN_is_zero(s);
    return write(r, signature) && write(s, signature + number_bytes) ? RVM_OK : RVM_E_INTERNAL;
}

rvm_status sign(Bytes secret_bytes, Bytes digest_bytes, std::uint8_t* signature) noexcept {
    Work work;
    if (!Work::ready(work)) return RVM_E_NO_MEMORY;
    BIGNUM* secret = work.secret(secret_bytes.data());
    BIGNUM* digest = work.open(digest_bytes.data());
    if (secret == nullptr || digest == nullptr) return RVM_E_NO_MEMORY;
    if (!in_range(secret)) return RVM_TRAP_CRYPTO;
    Word reduced;
    if (BN_nnmod(digest, digest, order(), work.context()) != 1) return RVM_E_NO_MEMORY;
    if (!write(digest, reduced.data())) return RVM_E_INTERNAL;
    Nonces nonces(secret_bytes, reduced);
    for (bool done = false; !done;) {
        BIGNUM* k = work.secret(nonces.next().data());
        if (k == nullptr) return RVM_E_NO_MEMORY;
        if (!in_range(k)) continue;
        const rvm_status status = attempt(work, secret, digest, k, signature, done);
        if (status != RVM_OK) return status;
    }
    return RVM_OK;
}

/// Decodes a key; the point at infinity is none.
rvm_status decode(Work& work, Bytes bytes, Point& out) noexcept {
    out.reset(EC_POINT_new(p256()));
    if (out == nullptr) return RVM_E_NO_MEMORY;
    if (bytes.size() != compressed_bytes && bytes.size() != uncompressed_bytes) return RVM_TRAP_CRYPTO;
    if (bytes[0] != (bytes.size() == uncompressed_bytes ? 4 : 2) &&
        !(bytes.size() == compressed_bytes && bytes[0] == 3)) {
        return RVM_TRAP_CRYPTO;
    }
    return EC_POINT_oct2point(p256(), out.get(), bytes.data(), bytes.size(), work.context()) == 1 ? RVM_OK
                                                                                                  : RVM_TRAP_CRYPTO;
}

} // namespace

rvm_status secp256r1_key(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != number_bytes) return RVM_TRAP_CRYPTO;
    Work work;
    if (!Work::ready(work)) return RVM_E_NO_MEMORY;
    BIGNUM* secret = work.secret(input.data);
    const Point point(EC_POINT_new(p256()));
    if (secret == nullptr || point == nullptr) return RVM_E_NO_MEMORY;
    if (!in_range(secret)) return RVM_TRAP_CRYPTO;
    std::array<std::uint8_t, uncompressed_bytes> bytes{};
    if (EC_POINT_mul(p256(), point.get(), secret, nullptr, nullptr, work.context()) != 1 ||
        EC_POINT_point2oct(p256(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(), bytes.size(),
                           work.context()) != bytes.size()) {
        return RVM_E_NO_MEMORY;
    }
    return answer(std::span(bytes).subspan(1), output, size);
}

rvm_status secp256r1_sign(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != 2 * number_bytes) return RVM_TRAP_CRYPTO;
    std::array<std::uint8_t, 2 * number_bytes> signature{};
    const rvm_status status =
        sign({input.data, number_bytes}, {input.data + number_bytes, number_bytes}, signature.data());
    return status == RVM_OK ? answer(signature, output, size) : status;
}

rvm_status secp256r1_secret_add(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != 2 * number_bytes) return RVM_TRAP_CRYPTO;
    Work work;
    if (!Work::ready(work)) return RVM_E_NO_MEMORY;
    BIGNUM* secret = work.secret(input.data);
    BIGNUM* tweak = work.secret(input.data + number_bytes);
    BIGNUM* sum = work.number();
    if (secret == nullptr || tweak == nullptr || sum == nullptr) return RVM_E_NO_MEMORY;
    if (!in_range(secret) || BN_cmp(tweak, order()) >= 0) return RVM_TRAP_CRYPTO;
    if (BN_mod_add_quick(sum, secret, tweak, order()) != 1) return RVM_E_NO_MEMORY;
    if (BN_is_zero(sum)) return RVM_TRAP_CRYPTO;
    Word bytes;
    if (!write(sum, bytes.data())) return RVM_E_INTERNAL;
    const rvm_status status = answer(bytes, output, size);
    sodium_memzero(bytes.data(), bytes.size());
    return status;
}

rvm_status secp256r1_key_add(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size < number_bytes + compressed_bytes) return RVM_TRAP_CRYPTO;
    Work work;
    if (!Work::ready(work)) return RVM_E_NO_MEMORY;
    Point key;
    const rvm_status decoded = decode(work, {input.data + number_bytes, input.size - number_bytes}, key);
    if (decoded != RVM_OK) return decoded;
    BIGNUM* tweak = work.open(input.data);
    BIGNUM* one = work.number();
    const Point sum(EC_POINT_new(p256()));
    if (tweak == nullptr || one == nullptr || sum == nullptr || BN_one(one) != 1) return RVM_E_NO_MEMORY;
    if (BN_cmp(tweak, order()) >= 0) return RVM_TRAP_CRYPTO;
    if (EC_POINT_mul(p256(), sum.get(), tweak, key.get(), one, work.context()) != 1) return RVM_E_NO_MEMORY;
    std::array<std::uint8_t, compressed_bytes> bytes{};
    if (EC_POINT_point2oct(p256(), sum.get(), POINT_CONVERSION_COMPRESSED, bytes.data(), bytes.size(),
                           work.context()) != bytes.size()) {
        return RVM_TRAP_CRYPTO; // the sum is infinity
    }
    return answer(bytes, output, size);
}

} // namespace rvm::crypto
