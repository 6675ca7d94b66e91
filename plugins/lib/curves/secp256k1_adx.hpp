// Arithmetic modulo p = 2^256 - c on MULX, ADCX and ADOX, with c = 2^32 + 977: secp256k1_field.hpp has the portable code
// of the same functions. 2^256 is c modulo p, so the high half of a product is folded with four multiplications, and
// what that leaves above with one more; Montgomery's reduction takes sixteen and four for its quotients.
//
// Numbers are any residue below 2^256, not always the least.
#pragma once

#include "curves/path.hpp"

#if RVM_CURVES_ADX

#include "curves/montgomery_adx.hpp"

namespace rvm::curves::secp256k1::adx {

using curves::adx::zero_limb;

// One partial product: operand times RDX, low half into one accumulator, high half into the next.
#define RVM_SECP_STEP(factor, low_sum, high_sum)                                                                       \
    "mulxq %[" factor "], %[lo], %[hi]\n\tadcxq %[lo], %[" low_sum "]\n\tadoxq %[hi], %[" high_sum "]\n\t"

// The first row, which has nothing to add to yet: the high half starts the next accumulator.
#define RVM_SECP_START(factor, add, low_sum, high_sum)                                                                 \
    "mulxq %[" factor "], %[lo], %[" high_sum "]\n\t" add " %[lo], %[" low_sum "]\n\t"

// accumulators += a * factor; XOR clears CF, OF and the top accumulator, which takes the last carries of both chains.
#define RVM_SECP_ROW(factor, s0, s1, s2, s3, s4)                                                                       \
    "movq %[" factor "], %%rdx\n\txorl %k[" s4 "], %k[" s4 "]\n\t" RVM_SECP_STEP("a0", s0, s1)                         \
        RVM_SECP_STEP("a1", s1, s2) RVM_SECP_STEP("a2", s2, s3)                                                        \
            RVM_SECP_STEP("a3", s3, s4) "adcxq %[zero], %[" s4 "]\n\t"

// t3 ... t0 = t7 ... t0 modulo p. The first fold leaves a top limb of at most c, the second a carry of one, which the
// third adds to a number of 67 bits.
#define RVM_SECP_FOLD                                                                                                  \
    "movq %[c], %%rdx\n\txorl %k[lo], %k[lo]\n\t" RVM_SECP_STEP("t4", "t0", "t1") RVM_SECP_STEP("t5", "t1", "t2")      \
        RVM_SECP_STEP("t6", "t2", "t3") "mulxq %[t7], %[lo], %[t4]\n\tadcxq %[lo], %[t3]\n\tadcxq %[zero], %[t4]\n\t"  \
                                        "adoxq %[zero], %[t4]\n\tmulxq %[t4], %[lo], %[hi]\n\t"                        \
                                        "addq %[lo], %[t0]\n\tadcq %[hi], %[t1]\n\tadcq $0, %[t2]\n\tadcq $0, %[t3]\n" \
                                        "\tsbbq %[lo], %[lo]\n\tandq %%rdx, %[lo]\n\taddq %[lo], %[t0]\n\t"            \
                                        "adcq $0, %[t1]"

// Twice an accumulator (chain of OF) plus a square's half (chain of CF).
#define RVM_SECP_DOUBLE(sum, half) "adoxq %[" sum "], %[" sum "]\n\tadcxq %[" half "], %[" sum "]\n\t"

/// a * b.
[[gnu::always_inline]] inline Limbs<4> multiply(const Limbs<4>& a, const Limbs<4>& b, const std::uint64_t& c) noexcept {
    std::uint64_t t0;
    std::uint64_t t1;
    std::uint64_t t2;
    std::uint64_t t3;
    std::uint64_t t4;
    std::uint64_t t5;
    std::uint64_t t6;
    std::uint64_t t7;
    std::uint64_t lo;
    std::uint64_t hi;
    asm("movq %[b0], %%rdx\n\tmulxq %[a0], %[t0], %[t1]\n\t" RVM_SECP_START("a1", "addq", "t1", "t2")
            RVM_SECP_START("a2", "adcq", "t2", "t3") RVM_SECP_START("a3", "adcq", "t3", "t4") "adcq $0, %[t4]\n\t"
        RVM_SECP_ROW("b1", "t1", "t2", "t3", "t4", "t5") RVM_SECP_ROW("b2", "t2", "t3", "t4", "t5", "t6")
            RVM_SECP_ROW("b3", "t3", "t4", "t5", "t6", "t7") RVM_SECP_FOLD
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
          [t6] "=&r"(t6), [t7] "=&r"(t7), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]), [b1] "m"(b[1]),
          [b2] "m"(b[2]), [b3] "m"(b[3]), [c] "m"(c), [zero] "m"(zero_limb)
        : "rdx", "cc");
    return {t0, t1, t2, t3};
}

/// a * a: six products of different limbs, doubled, and four squares.
[[gnu::always_inline]] inline Limbs<4> square(const Limbs<4>& a, const std::uint64_t& c) noexcept {
    std::uint64_t t0;
    std::uint64_t t1;
    std::uint64_t t2;
    std::uint64_t t3;
    std::uint64_t t4;
    std::uint64_t t5;
    std::uint64_t t6;
    std::uint64_t t7;
    std::uint64_t lo;
    std::uint64_t hi;
    asm("movq %[a0], %%rdx\n\tmulxq %[a1], %[t1], %[t2]\n\t" RVM_SECP_START("a2", "addq", "t2", "t3")
            RVM_SECP_START("a3", "adcq", "t3", "t4") "adcq $0, %[t4]\n\t"
        "movq %[a1], %%rdx\n\txorl %k[t5], %k[t5]\n\t" RVM_SECP_STEP("a2", "t3", "t4") RVM_SECP_STEP("a3", "t4", "t5")
        "movq %[a2], %%rdx\n\tmulxq %[a3], %[lo], %[t6]\n\tadcxq %[lo], %[t5]\n\tadcxq %[zero], %[t6]\n\t"
        "movq %[a0], %%rdx\n\txorl %k[t7], %k[t7]\n\tmulxq %%rdx, %[t0], %[hi]\n\t" RVM_SECP_DOUBLE("t1", "hi")
        "movq %[a1], %%rdx\n\tmulxq %%rdx, %[lo], %[hi]\n\t" RVM_SECP_DOUBLE("t2", "lo") RVM_SECP_DOUBLE("t3", "hi")
        "movq %[a2], %%rdx\n\tmulxq %%rdx, %[lo], %[hi]\n\t" RVM_SECP_DOUBLE("t4", "lo") RVM_SECP_DOUBLE("t5", "hi")
        "movq %[a3], %%rdx\n\tmulxq %%rdx, %[lo], %[hi]\n\t" RVM_SECP_DOUBLE("t6", "lo") RVM_SECP_DOUBLE("t7", "hi")
            RVM_SECP_FOLD
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
          [t6] "=&r"(t6), [t7] "=&r"(t7), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [c] "m"(c), [zero] "m"(zero_limb)
        : "rdx", "cc");
    return {t0, t1, t2, t3};
}

#undef RVM_SECP_STEP
#undef RVM_SECP_START
#undef RVM_SECP_ROW
#undef RVM_SECP_FOLD
#undef RVM_SECP_DOUBLE

/// a + b. A second carry leaves a number below c: practically never, so it is a branch.
[[gnu::always_inline]] inline Limbs<4> add(const Limbs<4>& a, const Limbs<4>& b, std::uint64_t c) noexcept {
    Limbs<4> sum = a;
    std::uint64_t mask;
    bool carry;
    asm("addq %[b0], %[s0]\n\tadcq %[b1], %[s1]\n\tadcq %[b2], %[s2]\n\tadcq %[b3], %[s3]\n\t"
        "sbbq %[mask], %[mask]\n\tandq %[c], %[mask]\n\t"
        "addq %[mask], %[s0]\n\tadcq $0, %[s1]\n\tadcq $0, %[s2]\n\tadcq $0, %[s3]"
        : [s0] "+&r"(sum[0]), [s1] "+&r"(sum[1]), [s2] "+&r"(sum[2]), [s3] "+&r"(sum[3]), [mask] "=&r"(mask),
          "=@ccc"(carry)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3]), [c] "r"(c));
    if (carry) [[unlikely]]
        sum[0] += c;
    return sum;
}

/// a - b, likewise.
[[gnu::always_inline]] inline Limbs<4> subtract(const Limbs<4>& a, const Limbs<4>& b, std::uint64_t c) noexcept {
    Limbs<4> difference = a;
    std::uint64_t mask;
    bool borrow;
    asm("subq %[b0], %[s0]\n\tsbbq %[b1], %[s1]\n\tsbbq %[b2], %[s2]\n\tsbbq %[b3], %[s3]\n\t"
        "sbbq %[mask], %[mask]\n\tandq %[c], %[mask]\n\t"
        "subq %[mask], %[s0]\n\tsbbq $0, %[s1]\n\tsbbq $0, %[s2]\n\tsbbq $0, %[s3]"
        : [s0] "+&r"(difference[0]), [s1] "+&r"(difference[1]), [s2] "+&r"(difference[2]), [s3] "+&r"(difference[3]),
          [mask] "=&r"(mask), "=@ccc"(borrow)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3]), [c] "r"(c));
    if (borrow) [[unlikely]]
        difference[0] -= c;
    return difference;
}

} // namespace rvm::curves::secp256k1::adx

#endif
