// base^exponent mod modulus on GMP, with the input of EIP-198.
#include <gmp.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <optional>

#include "modexp_word.hpp"
#include "output.hpp"
#include "primitives.hpp"
#include "u256/u256.hpp"

namespace rvm::crypto {
namespace {

constexpr std::size_t length_bytes = 32;
/// Of the modulus, which is the answer's size: far above what any price lets through (EIP-2565 asks 1.5e12 gas for it),
/// and bounded because GMP ends the process when it gets no memory.
constexpr std::uint64_t max_modulus_bytes = 1u << 24u;

/// One operand: the bytes that the input has of it, and how many zeros follow beyond its end.
struct Operand {
    std::span<const std::uint8_t> bytes;
    std::uint64_t zeros = 0;

    /// Its value, if eight bytes hold it.
    [[nodiscard]] std::optional<std::uint64_t> word() const noexcept {
        std::span<const std::uint8_t> digits = bytes;
        while (digits.size() > sizeof(std::uint64_t) && digits.front() == 0) {
            digits = digits.subspan(1);
        }
        if (zeros != 0 || digits.size() > sizeof(std::uint64_t)) return std::nullopt;
        std::uint64_t value = 0;
        for (const std::uint8_t digit : digits) {
            value = value << 8u | digit;
        }
        return value;
    }
};

/// Takes the operands from the input one after another; what lies beyond its end is zero.
class Reader {
  public:
    explicit Reader(std::span<const std::uint8_t> input) noexcept : rest_(input) {}

    Operand take(std::uint64_t size) noexcept {
        const std::size_t have = std::min<std::uint64_t>(size, rest_.size());
        const Operand operand{rest_.first(have), size - have};
        rest_ = rest_.subspan(have);
        return operand;
    }

    /// A length; UINT64_MAX stands for all that is larger.
    std::uint64_t take_length() noexcept {
        const Operand number = take(length_bytes);
        const u256::U256 length = number.zeros == 0
                                      ? u256::load_be(number.bytes.data())
                                      : u256::load_be(number.bytes.data(), number.bytes.size()) << (8 * number.zeros);
        return length.fits_64() ? length.limbs[0] : UINT64_MAX;
    }

  private:
    std::span<const std::uint8_t> rest_;
};

class Integer {
  public:
    Integer() noexcept { mpz_init(value_); }
    explicit Integer(const Operand& operand) noexcept {
        mpz_init(value_);
        if (!operand.bytes.empty()) read(operand.bytes);
        if (operand.zeros != 0) mpz_mul_2exp(value_, value_, 8 * operand.zeros);
    }
    ~Integer() { mpz_clear(value_); }
    Integer(const Integer&) = delete;
    Integer& operator=(const Integer&) = delete;

    // As GMP's functions take it.
    operator mpz_ptr() noexcept { return value_; }
    operator mpz_srcptr() const noexcept { return value_; }
    [[nodiscard]] bool is_zero() const noexcept { return mpz_sgn(value_) == 0; }
    [[nodiscard]] std::size_t bits() const noexcept { return mpz_sizeinbase(value_, 2); }

    /// The last `size` of its big-endian bytes. (mpz_export goes byte by byte, and mpz_import.)
    void write(std::uint8_t* bytes, std::size_t size) const noexcept {
        const mp_limb_t* const limbs = mpz_limbs_read(value_);
        const std::size_t count = mpz_size(value_);
        for (std::size_t i = 0; size != 0; ++i) {
            const std::size_t part = std::min(size, sizeof(mp_limb_t));
            const mp_limb_t limb = big_endian(i < count ? limbs[i] : 0);
            size -= part;
            std::memcpy(bytes + size, reinterpret_cast<const std::uint8_t*>(&limb) + sizeof limb - part, part);
        }
    }

  private:
    static mp_limb_t big_endian(mp_limb_t limb) noexcept {
        static_assert(sizeof limb == sizeof(std::uint64_t));
        return std::endian::native == std::endian::little ? __builtin_bswap64(limb) : limb;
    }
    void read(std::span<const std::uint8_t> bytes) noexcept {
        const std::size_t count = (bytes.size() + sizeof(mp_limb_t) - 1) / sizeof(mp_limb_t);
        mp_limb_t* const limbs = mpz_limbs_write(value_, static_cast<mp_size_t>(count));
        std::size_t rest = bytes.size();
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t part = std::min(rest, sizeof(mp_limb_t));
            mp_limb_t limb = 0;
            rest -= part;
            std::memcpy(reinterpret_cast<std::uint8_t*>(&limb) + sizeof limb - part, bytes.data() + rest, part);
            limbs[i] = big_endian(limb);
        }
        mpz_limbs_finish(value_, static_cast<mp_size_t>(count));
    }

    mpz_t value_;
};

/// The last `size` of the word's big-endian bytes, after zeros.
void write_word(std::uint64_t word, std::uint8_t* bytes, std::size_t size) noexcept {
    for (std::size_t i = size; i-- > 0; word >>= 8u) {
        bytes[i] = static_cast<std::uint8_t>(word);
    }
}

/// Exponents up to this length, and up to twice that of an even modulus, go to GMP as they are: what saves work for
/// longer ones costs some itself.
constexpr std::size_t short_exponent_bits = 64;

/// Carmichael's function of 1 <= modulus < 2^16: a^(e + lambda) = a^e for every a and every e >= 16.
unsigned long carmichael(unsigned long modulus) noexcept {
    unsigned long lambda = 1;
    const auto take = [&](unsigned long prime) {
        unsigned long order = 1; // of the units modulo the prime's power
        for (unsigned long power = prime; modulus % prime == 0; power *= prime) {
            modulus /= prime;
            order = power == prime ? prime - 1 : order * prime;
            if (power == 8) order /= 2; // from 8 on the units modulo 2^n are no cyclic group
        }
        lambda = std::lcm(lambda, order);
    };
    for (unsigned long prime = 2; prime * prime <= modulus; ++prime) {
        if (modulus % prime == 0) take(prime);
    }
    if (modulus > 1) take(modulus);
    return lambda;
}

/// Replaces a long exponent by a short one with the same power modulo a small modulus. EIP-198 sells 20 bits of
/// exponent for one gas when the modulus is a byte.
void shorten_exponent(Integer& exponent, const Integer& modulus) noexcept {
    const unsigned long lambda = carmichael(mpz_get_ui(modulus));
    const unsigned long rest = mpz_fdiv_ui(exponent, lambda);
    mpz_set_ui(exponent, rest + 16 * lambda); // at least 16
}

/// power := power^exponent modulo an even number, by its odd part and its power of 2. GMP does so too, but raises both
/// to the whole exponent; modulo 2^k its low k bits are enough.
void raise_modulo_even(Integer& power, const Integer& exponent, const Integer& modulus) noexcept {
    const mp_bitcnt_t k = mpz_scan1(modulus, 0);
    Integer odd;
    mpz_fdiv_q_2exp(odd, modulus, k);
    Integer two_to_k;
    mpz_setbit(two_to_k, k);
    // Modulo 2^k an even number's power is zero, its exponent being above k; an odd one's order divides 2^k.
    Integer low;
    if (mpz_odd_p(static_cast<mpz_srcptr>(power)) != 0) {
        mpz_fdiv_r_2exp(low, exponent, k);
        mpz_powm(low, power, low, two_to_k);
    }
    if (mpz_cmp_ui(static_cast<mpz_srcptr>(odd), 1) == 0) {
        mpz_set(power, low);
        return;
    }
    mpz_powm(power, power, exponent, odd);
    // The number below odd 2^k that both agree with: power + odd ((low - power) / odd mod 2^k).
    Integer inverse;
    mpz_invert(inverse, odd, two_to_k);
    mpz_sub(low, low, power);
    mpz_mul(low, low, inverse);
    mpz_fdiv_r_2exp(low, low, k);
    mpz_addmul(power, low, odd);
}

/// power := power^exponent mod modulus, which is not zero.
void raise(Integer& power, Integer& exponent, const Integer& modulus) noexcept {
    if (exponent.bits() > short_exponent_bits) {
        if (mpz_cmp_ui(static_cast<mpz_srcptr>(modulus), 1ul << 16u) < 0) {
            shorten_exponent(exponent, modulus);
        } else if (mpz_even_p(static_cast<mpz_srcptr>(modulus)) != 0 && exponent.bits() > 2 * modulus.bits()) {
            return raise_modulo_even(power, exponent, modulus);
        }
    }
    mpz_powm(power, power, exponent, modulus);
}

} // namespace

rvm_status modexp(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Reader reader(sdk::bytes(input));
    const std::uint64_t base_size = reader.take_length();
    const std::uint64_t exponent_size = reader.take_length();
    const std::uint64_t modulus_size = reader.take_length();
    if (modulus_size > max_modulus_bytes) return RVM_TRAP_LIMIT;
    *size = modulus_size;
    if (output.size < modulus_size) return RVM_E_BUFFER_TOO_SMALL;
    if (modulus_size == 0) return RVM_OK;

    const Operand base_part = reader.take(base_size);
    const Operand exponent_part = reader.take(exponent_size);
    const Operand modulus_part = reader.take(modulus_size);
    if (const auto b = base_part.word(), e = exponent_part.word(), m = modulus_part.word(); b && e && m.value_or(0) != 0) {
        write_word(power_modulo_word(*b, *e, *m), output.data, modulus_size);
        return RVM_OK;
    }
    const Integer modulus(modulus_part);
    if (modulus.is_zero()) { // EIP-198
        std::fill_n(output.data, modulus_size, std::uint8_t{0});
        return RVM_OK;
    }
    // The modulus comes last and is not zero, so base and exponent are whole: no larger than the input.
    Integer power(base_part);
    Integer exponent(exponent_part);
    raise(power, exponent, modulus);
    power.write(output.data, modulus_size);
    return RVM_OK;
}

// A squaring modulo n limbs takes about n^2 + 4 n + 12 nanoseconds; a gas stands for two.
std::uint64_t modexp_gas(const void*, rvm_view input) noexcept {
    Reader reader(sdk::bytes(input));
    const std::uint64_t base_size = reader.take_length();
    const std::uint64_t exponent_size = reader.take_length();
    const std::uint64_t modulus_size = reader.take_length();
    constexpr std::uint64_t largest = 1u << 24u; // the square below stays in 64 bits
    if (std::max({base_size, exponent_size, modulus_size}) > largest) return UINT64_MAX;
    const std::uint64_t limbs = std::max(base_size, modulus_size) / sizeof(mp_limb_t) + 1;
    const std::uint64_t squarings = 8 * exponent_size + 1;
    std::uint64_t price = 0;
    if (__builtin_mul_overflow((limbs * limbs + 4 * limbs + 12) / 2, squarings, &price)) return UINT64_MAX;
    return price;
}

} // namespace rvm::crypto
