// Sums of products with one reduction, for 6 limbs on MULX, ADCX and ADOX: after each limb of the factors b the
// reduction takes one limb off the whole sum. In towers that replaces Karatsuba's additions and all reductions but one
// a coefficient: P. Longa, "Efficient Algorithms for Large Prime Characteristic Fields and Their Application to
// Bilinear Pairings", CHES 2023.
#pragma once

#include "curves/montgomery_adx.hpp"

#if RVM_CURVES_ADX

namespace rvm::curves::adx {

// One partial product, as in montgomery_adx.hpp; `place` is an address expression.
#define RVM_CURVES_STEP(place, low_sum, high_sum)                                                                      \
    "mulxq " place ", %[lo], %[hi]\n\tadcxq %[lo], %[" low_sum "]\n\tadoxq %[hi], %[" high_sum "]\n\t"

// accumulators += RDX * number at `base`.
#define RVM_CURVES_ROW(offset, base, t0, t1, t2, t3, t4, t5, t6)                                                       \
    "xorl %k[lo], %k[lo]\n\t" RVM_CURVES_STEP(offset "(%[" base "])", t0, t1)                                          \
        RVM_CURVES_STEP(offset "+8(%[" base "])", t1, t2) RVM_CURVES_STEP(offset "+16(%[" base "])", t2, t3)           \
            RVM_CURVES_STEP(offset "+24(%[" base "])", t3, t4) RVM_CURVES_STEP(offset "+32(%[" base "])", t4, t5)      \
                RVM_CURVES_STEP(offset "+40(%[" base "])", t5, t6) "adcxq %[zero], %[" t6 "]\n\t"

// accumulators += limb of a factor b, whose pointer is at `pointer`, times the factor a at `offset`.
#define RVM_CURVES_PRODUCT(offset, pointer, limb, ...)                                                                 \
    "movq " pointer "(%[b]), %%rdx\n\tmovq " limb "(%%rdx), %%rdx\n\t" RVM_CURVES_ROW(offset, "a", __VA_ARGS__)

// Adds the multiple of p that makes the lowest accumulator zero; it is the top one of the next limb.
#define RVM_CURVES_REDUCE(t0, ...)                                                                                     \
    "movq %[" t0 "], %%rdx\n\timulq 48(%[m]), %%rdx\n\t" RVM_CURVES_ROW("0", "m", t0, __VA_ARGS__)

// The accumulators rotate from limb to limb.
#define RVM_CURVES_ALL_LIMBS(LIMB)                                                                                     \
    LIMB("0", "t0", "t1", "t2", "t3", "t4", "t5", "t6")                                                                \
    LIMB("8", "t1", "t2", "t3", "t4", "t5", "t6", "t0")                                                                \
    LIMB("16", "t2", "t3", "t4", "t5", "t6", "t0", "t1")                                                               \
    LIMB("24", "t3", "t4", "t5", "t6", "t0", "t1", "t2")                                                               \
    LIMB("32", "t4", "t5", "t6", "t0", "t1", "t2", "t3")                                                               \
    LIMB("40", "t5", "t6", "t0", "t1", "t2", "t3", "t4")

#define RVM_CURVES_SUM(LIMB, ...)                                                                                      \
    std::uint64_t t0 = 0;                                                                                              \
    std::uint64_t t1 = 0;                                                                                              \
    std::uint64_t t2 = 0;                                                                                              \
    std::uint64_t t3 = 0;                                                                                              \
    std::uint64_t t4 = 0;                                                                                              \
    std::uint64_t t5 = 0;                                                                                              \
    std::uint64_t t6 = 0;                                                                                              \
    std::uint64_t lo;                                                                                                  \
    std::uint64_t hi;                                                                                                  \
    asm(RVM_CURVES_ALL_LIMBS(LIMB)                                                                                     \
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [t5] "+&r"(t5),              \
          [t6] "+&r"(t6), [lo] "=&r"(lo), [hi] "=&r"(hi)                                                               \
        : [a] "r"(a), [b] "r"(b), [m] "r"(&m), [zero] "m"(zero_limb)__VA_OPT__(, ) __VA_ARGS__                         \
        : "rdx", "cc", "memory");                                                                                      \
    Limbs<6> result{t6, t0, t1, t2, t3, t4};                                                                           \
    subtract_once(result, m.p);                                                                                        \
    return result

#define RVM_CURVES_TWO(limb, ...)                                                                                      \
    RVM_CURVES_PRODUCT("0", "0", limb, __VA_ARGS__) RVM_CURVES_PRODUCT("48", "8", limb, __VA_ARGS__)

/// (a[0] b0 + a[1] b1) / R mod p. Each sum of this file is below p R, so that one subtraction is enough.
[[gnu::noinline]] inline Limbs<6> sum_of_2(const Limbs<6>* a, const Limbs<6>* const* b, const Modulus<6>& m) noexcept {
#define RVM_CURVES_LIMB(limb, ...) RVM_CURVES_TWO(limb, __VA_ARGS__) RVM_CURVES_REDUCE(__VA_ARGS__)
    RVM_CURVES_SUM(RVM_CURVES_LIMB);
#undef RVM_CURVES_LIMB
}

/// (a[0] b0 + a[1] b1 + a[2] b2) / R mod p.
[[gnu::noinline]] inline Limbs<6> sum_of_3(const Limbs<6>* a, const Limbs<6>* const* b, const Modulus<6>& m) noexcept {
#define RVM_CURVES_LIMB(limb, ...)                                                                                     \
    RVM_CURVES_TWO(limb, __VA_ARGS__)                                                                                  \
    RVM_CURVES_PRODUCT("96", "16", limb, __VA_ARGS__) RVM_CURVES_REDUCE(__VA_ARGS__)
    RVM_CURVES_SUM(RVM_CURVES_LIMB);
#undef RVM_CURVES_LIMB
}

/// (a[0] b0 + a[1] b1 + a[Second] b2 + a[Second + 1] b3) / R mod p.
template <int Second>
[[gnu::noinline]] Limbs<6> sum_of_4(const Limbs<6>* a, const Limbs<6>* const* b, const Modulus<6>& m) noexcept {
#define RVM_CURVES_LIMB(limb, ...)                                                                                     \
    RVM_CURVES_TWO(limb, __VA_ARGS__)                                                                                  \
    RVM_CURVES_PRODUCT("%c[second]", "16", limb, __VA_ARGS__)                                                          \
    RVM_CURVES_PRODUCT("%c[second]+48", "24", limb, __VA_ARGS__) RVM_CURVES_REDUCE(__VA_ARGS__)
    RVM_CURVES_SUM(RVM_CURVES_LIMB, [second] "i"(Second * static_cast<int>(sizeof(Limbs<6>))));
#undef RVM_CURVES_LIMB
}

/// (a[0] b0 + ... + a[5] b5) / R mod p.
[[gnu::noinline]] inline Limbs<6> sum_of_6(const Limbs<6>* a, const Limbs<6>* const* b, const Modulus<6>& m) noexcept {
#define RVM_CURVES_LIMB(limb, ...)                                                                                     \
    RVM_CURVES_TWO(limb, __VA_ARGS__)                                                                                  \
    RVM_CURVES_PRODUCT("96", "16", limb, __VA_ARGS__)                                                                  \
    RVM_CURVES_PRODUCT("144", "24", limb, __VA_ARGS__) RVM_CURVES_PRODUCT("192", "32", limb, __VA_ARGS__)              \
        RVM_CURVES_PRODUCT("240", "40", limb, __VA_ARGS__) RVM_CURVES_REDUCE(__VA_ARGS__)
    RVM_CURVES_SUM(RVM_CURVES_LIMB);
#undef RVM_CURVES_LIMB
}

#undef RVM_CURVES_TWO
#undef RVM_CURVES_SUM
#undef RVM_CURVES_ALL_LIMBS
#undef RVM_CURVES_REDUCE
#undef RVM_CURVES_PRODUCT
#undef RVM_CURVES_ROW
#undef RVM_CURVES_STEP

} // namespace rvm::curves::adx

#endif
