// Integers of any size (GMP's, with a lifetime): the oracle of 256-bit arithmetic.
#pragma once

#include <gmp.h>

#include "u256/u256.hpp"

namespace rvm::u256::test {

class Big {
  public:
    Big() { mpz_init(value); }
    Big(long number) : Big() { mpz_set_si(value, number); } // NOLINT: numbers convert
    explicit Big(const U256& word) : Big() { mpz_import(value, 4, -1, 8, 0, 0, word.limbs); }
    Big(const Big& other) : Big() { mpz_set(value, other.value); }
    Big& operator=(const Big& other) {
        mpz_set(value, other.value);
        return *this;
    }
    ~Big() { mpz_clear(value); }

    /// Two's complement.
    static Big from_signed(const U256& word) {
        Big big(word);
        if (word.negative()) mpz_sub(big.value, big.value, two_to(256).value);
        return big;
    }
    static Big two_to(unsigned exponent) {
        Big big;
        mpz_setbit(big.value, exponent);
        return big;
    }

    /// Modulo 2^256, in two's complement.
    [[nodiscard]] U256 word() const {
        Big reduced;
        mpz_fdiv_r_2exp(reduced.value, value, 256);
        U256 out;
        mpz_export(out.limbs, nullptr, -1, 8, 0, 0, reduced.value);
        return out;
    }
    [[nodiscard]] bool zero() const { return mpz_sgn(value) == 0; }

    mpz_t value;
};

/// `Function` is GMP's with a result and two operands: mpz_add.
template <auto Function>
Big apply(const Big& a, const Big& b) {
    Big out;
    Function(out.value, a.value, b.value);
    return out;
}

} // namespace rvm::u256::test
