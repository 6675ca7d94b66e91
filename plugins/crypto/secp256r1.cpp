// ECDSA over P-256 (FIPS 186-5, section 6.4.2; EIP-7951) on OpenSSL's group arithmetic. The signature equation is
// written out: OpenSSL's own verification wants keys and signatures as objects, which costs more than the arithmetic.
#include "curves/inverse.hpp"
#include "openssl_support.hpp"
#include "output.hpp"
#include "primitives.hpp"

namespace rvm::crypto {

const EC_GROUP* p256() noexcept {
    static const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    return group.get();
}

namespace {

constexpr std::size_t number_bytes = 32;
constexpr std::size_t input_bytes = 5 * number_bytes; // digest, r, s, x, y

/// The order of the group (SP 800-186, section 3.2.1.3), least significant limb first.
constexpr curves::Limbs<4> order_limbs{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000};

/// -1 / order modulo 2^64: each step doubles the bits that are right.
constexpr std::uint64_t negated_inverse = [] {
    std::uint64_t inverse = 1;
    for (int bits = 1; bits < 64; bits *= 2) {
        inverse *= 2 - order_limbs[0] * inverse;
    }
    return 0 - inverse;
}();
static_assert(order_limbs[0] * negated_inverse == ~std::uint64_t{0});

/// result := 1 / number modulo the order, by division steps: a tenth of the time of BN_mod_inverse. False: no memory.
bool invert(BIGNUM* result, const BIGNUM* number) noexcept {
    std::uint8_t bytes[number_bytes];
    if (BN_bn2lebinpad(number, bytes, number_bytes) != number_bytes) return false;
    curves::Limbs<4> limbs{};
    for (std::size_t i = 0; i < number_bytes; ++i) {
        limbs[i / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
    }
    limbs = curves::invert(limbs, order_limbs, negated_inverse);
    for (std::size_t i = 0; i < number_bytes; ++i) {
        bytes[i] = static_cast<std::uint8_t>(limbs[i / 8] >> (8 * (i % 8)));
    }
    return BN_lebin2bn(bytes, number_bytes, result) != nullptr;
}

enum class Verdict { valid, invalid, no_memory };

bool in_range(const BIGNUM* number, const BIGNUM* order) noexcept {
    return !BN_is_zero(number) && BN_cmp(number, order) < 0;
}

Verdict verify(const std::uint8_t* input) noexcept {
    const ErrorMark mark;
    const EC_GROUP* group = p256();
    const Scratch scratch(BN_CTX_new());
    if (group == nullptr || scratch == nullptr) return Verdict::no_memory;
    BN_CTX* context = scratch.get();
    Numbers numbers(context);
    const Point key(EC_POINT_new(group));
    const Point sum(EC_POINT_new(group));
    const BIGNUM* digest = numbers.next(input);
    const BIGNUM* r = numbers.next(input + number_bytes);
    const BIGNUM* s = numbers.next(input + 2 * number_bytes);
    const BIGNUM* x = numbers.next(input + 3 * number_bytes);
    const BIGNUM* y = numbers.next(input + 4 * number_bytes);
    BIGNUM* inverse = numbers.next();
    BIGNUM* u1 = numbers.next();
    BIGNUM* u2 = numbers.next();
    if (key == nullptr || sum == nullptr || u2 == nullptr) return Verdict::no_memory;

    const BIGNUM* order = EC_GROUP_get0_order(group);
    if (!in_range(r, order) || !in_range(s, order)) return Verdict::invalid;
    // Refuses points off the curve and coordinates from p on; (0, 0) is off the curve.
    const BIGNUM* prime = EC_GROUP_get0_field(group);
    if (BN_cmp(x, prime) >= 0 || BN_cmp(y, prime) >= 0 ||
        EC_POINT_set_affine_coordinates(group, key.get(), x, y, context) != 1) {
        return Verdict::invalid;
    }
    // R = (digest / s) G + (r / s) Q
    if (!invert(inverse, s) || BN_mod_mul(u1, digest, inverse, order, context) != 1 ||
        BN_mod_mul(u2, r, inverse, order, context) != 1 ||
        EC_POINT_mul(group, sum.get(), u1, key.get(), u2, context) != 1) {
        return Verdict::no_memory;
    }
    if (EC_POINT_is_at_infinity(group, sum.get()) == 1) return Verdict::invalid;
    BIGNUM* found = u1;
    if (EC_POINT_get_affine_coordinates(group, sum.get(), found, nullptr, context) != 1) return Verdict::no_memory;
    // x is below p < 2 n: at most one subtraction.
    if (BN_cmp(found, order) >= 0 && BN_sub(found, found, order) != 1) return Verdict::no_memory;
    return BN_cmp(found, r) == 0 ? Verdict::valid : Verdict::invalid;
}

} // namespace

rvm_status secp256r1_verify(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != input_bytes) return RVM_TRAP_CRYPTO;
    const Verdict verdict = verify(input.data);
    if (verdict == Verdict::no_memory) return RVM_E_NO_MEMORY;
    return answer(verdict == Verdict::valid, output, size);
}

} // namespace rvm::crypto
