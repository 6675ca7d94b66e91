// lib/u256 against GMP over operands that favour the edges: few limbs, runs of ones, powers of two and their
// neighbours.
#include "u256/u256.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "support/gmp_integer.hpp"
#include "u256/divide.hpp"
#include "u256/text.hpp"

namespace rvm::u256 {
namespace {

constexpr int random_rounds = 100'000;

using test::Big;

template <auto Fn>
U256 word_of(const Big& a, const Big& b) {
    return test::apply<Fn>(a, b).word();
}

template <auto Fn>
U256 divide_by(const Big& a, const Big& b) {
    return b.zero() ? U256{} : word_of<Fn>(a, b);
}

class Operands {
  public:
    explicit Operands(std::uint64_t seed) : random_(seed) {}

    U256 next() {
        switch (random_() % 8) {
        case 0:
            return few_limbs();
        case 1:
            return U256{1} << random_() % 256;
        case 2:
            return (U256{1} << random_() % 256) - U256{1};
        case 3:
            return -(U256{1} << random_() % 256);
        case 4:
            return random_() % 4;
        case 5:
            return -U256{random_() % 4};
        case 6:
            return edge_limbs();
        default:
            return {random_(), random_(), random_(), random_()};
        }
    }

  private:
    U256 few_limbs() {
        U256 value;
        for (std::size_t i = 0, n = 1 + random_() % 4; i < n; ++i) {
            value.limbs[i] = random_();
        }
        return value;
    }
    /// Limbs that make quotient digits overshoot.
    U256 edge_limbs() {
        constexpr std::uint64_t edges[] = {
            0, 1, 2, ~0ull, ~0ull - 1, 1ull << 63u, (1ull << 63u) - 1, (1ull << 63u) + 1};
        U256 value;
        for (std::uint64_t& limb : value.limbs) {
            limb = edges[random_() % std::size(edges)];
        }
        return value;
    }

    std::mt19937_64 random_;
};

std::string show(const U256& a, const U256& b, const U256& c = {}) {
    return to_hex(a) + " " + to_hex(b) + " " + to_hex(c);
}

TEST(u256_arithmetic, agrees_with_gmp_on_sums_products_and_order) {
    Operands operands(1);
    for (int i = 0; i < random_rounds; ++i) {
        const U256 a = operands.next();
        const U256 b = operands.next();
        const Big x(a);
        const Big y(b);
        ASSERT_EQ(a + b, word_of<mpz_add>(x, y)) << show(a, b);
        ASSERT_EQ(a - b, word_of<mpz_sub>(x, y)) << show(a, b);
        ASSERT_EQ(a * b, word_of<mpz_mul>(x, y)) << show(a, b);
        Big sum;
        mpz_add(sum.value, x.value, y.value);
        ASSERT_EQ(add_carry(a, b).carry, mpz_tstbit(sum.value, 256) != 0) << show(a, b);
        ASSERT_EQ(subtract_borrow(a, b).carry, mpz_cmp(x.value, y.value) < 0) << show(a, b);
        ASSERT_EQ(a < b, mpz_cmp(x.value, y.value) < 0) << show(a, b);
        ASSERT_EQ(a == b, mpz_cmp(x.value, y.value) == 0) << show(a, b);
        ASSERT_EQ(signed_less(a, b), mpz_cmp(Big::from_signed(a).value, Big::from_signed(b).value) < 0) << show(a, b);
        ASSERT_EQ(a & b, word_of<mpz_and>(x, y)) << show(a, b);
        ASSERT_EQ(a | b, word_of<mpz_ior>(x, y)) << show(a, b);
        ASSERT_EQ(a ^ b, word_of<mpz_xor>(x, y)) << show(a, b);
        ASSERT_EQ(bit_width(a), a == U256{} ? 0u : mpz_sizeinbase(x.value, 2)) << show(a, b);
    }
}

TEST(u256_arithmetic, agrees_with_gmp_on_division) {
    Operands operands(2);
    for (int i = 0; i < random_rounds; ++i) {
        const U256 a = operands.next();
        const U256 b = operands.next();
        const Big x(a);
        const Big y(b);
        ASSERT_EQ(a / b, divide_by<mpz_tdiv_q>(x, y)) << show(a, b);
        ASSERT_EQ(a % b, divide_by<mpz_tdiv_r>(x, y)) << show(a, b);
        const Division quotient = divide_signed(a, b);
        const Big s = Big::from_signed(a);
        const Big t = Big::from_signed(b);
        ASSERT_EQ(quotient.quotient, divide_by<mpz_tdiv_q>(s, t)) << show(a, b);
        ASSERT_EQ(quotient.remainder, divide_by<mpz_tdiv_r>(s, t)) << show(a, b);
    }
}

TEST(u256_arithmetic, agrees_with_gmp_on_modular_operations_over_the_full_intermediate) {
    Operands operands(3);
    for (int i = 0; i < random_rounds; ++i) {
        const U256 a = operands.next();
        const U256 b = operands.next();
        const U256 m = operands.next();
        Big sum;
        Big product;
        mpz_add(sum.value, Big(a).value, Big(b).value);
        mpz_mul(product.value, Big(a).value, Big(b).value);
        ASSERT_EQ(add_modulo(a, b, m), divide_by<mpz_tdiv_r>(sum, Big(m))) << show(a, b, m);
        ASSERT_EQ(multiply_modulo(a, b, m), divide_by<mpz_tdiv_r>(product, Big(m))) << show(a, b, m);
    }
}

TEST(u256_arithmetic, divides_every_window_whose_head_equals_the_divisors_head) {
    // The digit 2^64 - 1 without an estimate (the case algorithm 5 excludes), for 2, 3 and 4 limb divisors.
    Operands operands(4);
    for (int i = 0; i < random_rounds; ++i) {
        const U256 d = operands.next() | (U256{1} << 128u);
        const U256 below = d - U256{1};
        const U512 wide = multiply_wide(below, max_value);
        Big x;
        mpz_import(x.value, 8, -1, 8, 0, 0, wide.limbs);
        ASSERT_EQ(remainder_wide(wide, d), divide_by<mpz_tdiv_r>(x, Big(d))) << show(d, below);
    }
}

TEST(u256_arithmetic, agrees_with_gmp_on_powers) {
    Operands operands(5);
    const Big modulus = Big::two_to(256);
    for (int i = 0; i < random_rounds / 100; ++i) {
        const U256 base = operands.next();
        const U256 exponent = operands.next();
        Big result;
        mpz_powm(result.value, Big(base).value, Big(exponent).value, modulus.value);
        ASSERT_EQ(power(base, exponent), result.word()) << show(base, exponent);
    }
    EXPECT_EQ(power(0, 0), U256{1});
    EXPECT_EQ(power(2, 255), min_signed);
    EXPECT_EQ(power(2, 256), U256{});
}

TEST(u256_arithmetic, shifts_by_every_count) {
    Operands operands(6);
    for (unsigned count = 0; count <= 300; ++count) {
        for (int i = 0; i < 50; ++i) {
            const U256 a = operands.next();
            Big left;
            Big right;
            Big arithmetic;
            mpz_mul_2exp(left.value, Big(a).value, count);
            mpz_fdiv_q_2exp(right.value, Big(a).value, count);
            mpz_fdiv_q_2exp(arithmetic.value, Big::from_signed(a).value, count);
            ASSERT_EQ(shift_left(a, count), left.word()) << count << " " << show(a, {});
            ASSERT_EQ(shift_right(a, count), right.word()) << count << " " << show(a, {});
            ASSERT_EQ(shift_right_signed(a, count), arithmetic.word()) << count << " " << show(a, {});
        }
    }
    const U256 huge{1, 0, 0, 1}; // the low limb alone would be a small count
    EXPECT_EQ(shift_left(max_value, huge), U256{});
    EXPECT_EQ(shift_right_signed(min_signed, huge), max_value);
}

TEST(u256_arithmetic, is_usable_in_constant_expressions) {
    static_assert(U256{7} * U256{6} == U256{42});
    static_assert(max_value + U256{1} == U256{});
    static_assert(U256{5} - U256{7} == -U256{2});
    static_assert(max_value / U256{10} < max_value);
    static_assert(multiply_modulo(max_value, max_value, U256{12}) == U256{9});
}

TEST(u256_arithmetic, signed_division_of_the_least_valuewraps) {
    EXPECT_EQ(divide_signed(min_signed, max_value).quotient, min_signed);
    EXPECT_EQ(divide_signed(min_signed, max_value).remainder, U256{});
    EXPECT_EQ(divide_signed(-U256{7}, U256{2}).quotient, -U256{3});
    EXPECT_EQ(divide_signed(-U256{7}, U256{2}).remainder, -U256{1});
}

TEST(u256_arithmetic, sign_extends_from_any_byte) {
    EXPECT_EQ(sign_extend(0, 0xff), max_value);
    EXPECT_EQ(sign_extend(0, 0x17f), U256{0x7f});
    EXPECT_EQ(sign_extend(1, 0x8000), -U256{0x8000});
    EXPECT_EQ(sign_extend(31, min_signed), min_signed);
    EXPECT_EQ(sign_extend(max_value, 0xff), U256{0xff});
    for (std::uint64_t index = 0; index < 31; ++index) {
        const U256 sign = U256{1} << (8 * index + 7);
        EXPECT_EQ(sign_extend(index, sign), -sign) << index;
        EXPECT_EQ(sign_extend(index, sign - U256{1}), sign - U256{1}) << index;
    }
}

TEST(u256_arithmetic, reads_bytes_from_the_most_significant) {
    const U256 value{0x1122334455667788, 0, 0, 0xaabb000000000000};
    EXPECT_EQ(byte_at(0, value), U256{0xaa});
    EXPECT_EQ(byte_at(1, value), U256{0xbb});
    EXPECT_EQ(byte_at(31, value), U256{0x88});
    EXPECT_EQ(byte_at(32, value), U256{});
    EXPECT_EQ(byte_at(U256{0, 1, 0, 0}, value), U256{});
}

TEST(u256_arithmetic, stores_and_loads_big_endian) {
    const U256 value{0x18191a1b1c1d1e1f, 0x1011121314151617, 0x08090a0b0c0d0e0f, 0x0001020304050607};
    std::uint8_t bytes[32];
    store_be(value, bytes);
    for (std::uint8_t i = 0; i < 32; ++i) {
        EXPECT_EQ(bytes[i], i);
    }
    EXPECT_EQ(load_be(bytes), value);
    EXPECT_EQ(load_be(bytes + 1, 2), U256{0x0102});
    EXPECT_EQ(load_be(bytes, 0), U256{});
}

} // namespace
} // namespace rvm::u256
