// montgomery.hpp's functions on MULX, ADCX and ADOX for 4 and 6 limbs: two carry chains run side by side, the low
// halves of the partial products on CF and the high halves on OF. The results are the same, bit for bit.
//
// Inline assembly needs no compiler flag, and the compiler allocates the registers. The accumulators rotate from row to
// row instead of moving.
#pragma once

#include "curves/path.hpp"

#if RVM_CURVES_ADX

#include "curves/montgomery.hpp"

namespace rvm::curves::adx {

/// What the last carry of a row is added to the top with: reading it is cheaper than clearing a register.
inline constexpr std::uint64_t zero_limb = 0;

/// a - p if a >= p, without a branch.
[[gnu::always_inline]] inline void subtract_once(Limbs<4>& a, const Limbs<4>& p) noexcept {
    std::uint64_t s0 = a[0];
    std::uint64_t s1 = a[1];
    std::uint64_t s2 = a[2];
    std::uint64_t s3 = a[3];
    asm("subq %[p0], %[s0]\n\tsbbq %[p1], %[s1]\n\tsbbq %[p2], %[s2]\n\tsbbq %[p3], %[s3]\n\t"
        "cmovcq %[a0], %[s0]\n\tcmovcq %[a1], %[s1]\n\tcmovcq %[a2], %[s2]\n\tcmovcq %[a3], %[s3]"
        : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3)
        : [p0] "m"(p[0]), [p1] "m"(p[1]), [p2] "m"(p[2]), [p3] "m"(p[3]), [a0] "rm"(a[0]), [a1] "rm"(a[1]),
          [a2] "rm"(a[2]), [a3] "rm"(a[3])
        : "cc");
    a = {s0, s1, s2, s3};
}

[[gnu::always_inline]] inline void subtract_once(Limbs<6>& a, const Limbs<6>& p) noexcept {
    std::uint64_t s0 = a[0];
    std::uint64_t s1 = a[1];
    std::uint64_t s2 = a[2];
    std::uint64_t s3 = a[3];
    std::uint64_t s4 = a[4];
    std::uint64_t s5 = a[5];
    asm("subq %[p0], %[s0]\n\tsbbq %[p1], %[s1]\n\tsbbq %[p2], %[s2]\n\tsbbq %[p3], %[s3]\n\t"
        "sbbq %[p4], %[s4]\n\tsbbq %[p5], %[s5]\n\t"
        "cmovcq %[a0], %[s0]\n\tcmovcq %[a1], %[s1]\n\tcmovcq %[a2], %[s2]\n\tcmovcq %[a3], %[s3]\n\t"
        "cmovcq %[a4], %[s4]\n\tcmovcq %[a5], %[s5]"
        : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [s4] "+&r"(s4), [s5] "+&r"(s5)
        : [p0] "m"(p[0]), [p1] "m"(p[1]), [p2] "m"(p[2]), [p3] "m"(p[3]), [p4] "m"(p[4]), [p5] "m"(p[5]),
          [a0] "rm"(a[0]), [a1] "rm"(a[1]), [a2] "rm"(a[2]), [a3] "rm"(a[3]), [a4] "rm"(a[4]), [a5] "rm"(a[5])
        : "cc");
    a = {s0, s1, s2, s3, s4, s5};
}

/// a += b; the caller knows that no carry leaves. g++ 12 does not find ADD/ADC in portable code.
[[gnu::always_inline]] inline void add_to(Limbs<4>& a, const Limbs<4>& b) noexcept {
    asm("addq %[b0], %[a0]\n\tadcq %[b1], %[a1]\n\tadcq %[b2], %[a2]\n\tadcq %[b3], %[a3]"
        : [a0] "+&r"(a[0]), [a1] "+&r"(a[1]), [a2] "+&r"(a[2]), [a3] "+&r"(a[3])
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3])
        : "cc");
}

[[gnu::always_inline]] inline void add_to(Limbs<6>& a, const Limbs<6>& b) noexcept {
    asm("addq %[b0], %[a0]\n\tadcq %[b1], %[a1]\n\tadcq %[b2], %[a2]\n\tadcq %[b3], %[a3]\n\t"
        "adcq %[b4], %[a4]\n\tadcq %[b5], %[a5]"
        : [a0] "+&r"(a[0]), [a1] "+&r"(a[1]), [a2] "+&r"(a[2]), [a3] "+&r"(a[3]), [a4] "+&r"(a[4]), [a5] "+&r"(a[5])
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3]), [b4] "rm"(b[4]), [b5] "rm"(b[5])
        : "cc");
}

/// a -= b; all ones if that borrowed, else zero.
[[gnu::always_inline]] inline std::uint64_t subtract_from(Limbs<4>& a, const Limbs<4>& b) noexcept {
    std::uint64_t mask;
    asm("subq %[b0], %[a0]\n\tsbbq %[b1], %[a1]\n\tsbbq %[b2], %[a2]\n\tsbbq %[b3], %[a3]\n\t"
        "sbbq %[mask], %[mask]"
        : [a0] "+&r"(a[0]), [a1] "+&r"(a[1]), [a2] "+&r"(a[2]), [a3] "+&r"(a[3]), [mask] "=&r"(mask)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3])
        : "cc");
    return mask;
}

[[gnu::always_inline]] inline std::uint64_t subtract_from(Limbs<6>& a, const Limbs<6>& b) noexcept {
    std::uint64_t mask;
    asm("subq %[b0], %[a0]\n\tsbbq %[b1], %[a1]\n\tsbbq %[b2], %[a2]\n\tsbbq %[b3], %[a3]\n\t"
        "sbbq %[b4], %[a4]\n\tsbbq %[b5], %[a5]\n\tsbbq %[mask], %[mask]"
        : [a0] "+&r"(a[0]), [a1] "+&r"(a[1]), [a2] "+&r"(a[2]), [a3] "+&r"(a[3]), [a4] "+&r"(a[4]), [a5] "+&r"(a[5]),
          [mask] "=&r"(mask)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [b4] "m"(b[4]), [b5] "m"(b[5])
        : "cc");
    return mask;
}

template <std::size_t N>
[[gnu::always_inline]] inline Limbs<N> add(const Limbs<N>& a, const Limbs<N>& b, const Modulus<N>& m) noexcept {
    Limbs<N> result = a;
    add_to(result, b);
    subtract_once(result, m.p);
    return result;
}

template <std::size_t N>
[[gnu::always_inline]] inline Limbs<N> subtract(const Limbs<N>& a, const Limbs<N>& b, const Modulus<N>& m) noexcept {
    Limbs<N> result = a;
    const std::uint64_t borrowed = subtract_from(result, b);
    Limbs<N> correction;
    for (std::size_t i = 0; i < N; ++i) {
        correction[i] = m.p[i] & borrowed;
    }
    add_to(result, correction);
    return result;
}

// One partial product: memory operand times RDX, low half into one accumulator, high half into the next.
#define RVM_CURVES_STEP(offset, base, low_sum, high_sum)                                                               \
    "mulxq " offset "(%[" base "]), %[lo], %[hi]\n\t"                                                                  \
    "adcxq %[lo], %[" low_sum "]\n\t"                                                                                  \
    "adoxq %[hi], %[" high_sum "]\n\t"

// The same for the first row, which has nothing to add to yet: the high half starts the next accumulator.
#define RVM_CURVES_START(offset, add, low_sum, high_sum)                                                               \
    "mulxq " offset "(%[a]), %[lo], %[" high_sum "]\n\t" add " %[lo], %[" low_sum "]\n\t"

// accumulators += RDX * number. XOR clears CF and OF; the last carries of both chains go to the top accumulator, which
// has room because it was zero.
#define RVM_CURVES_ROW_4(base, t0, t1, t2, t3, t4)                                                                     \
    "xorl %k[lo], %k[lo]\n\t" RVM_CURVES_STEP("0", base, t0, t1) RVM_CURVES_STEP("8", base, t1, t2)                    \
        RVM_CURVES_STEP("16", base, t2, t3)                                                                            \
            RVM_CURVES_STEP("24", base, t3, t4) "adcxq %[zero], %[" t4 "]\n\t"
#define RVM_CURVES_ROW_6(base, t0, t1, t2, t3, t4, t5, t6)                                                             \
    "xorl %k[lo], %k[lo]\n\t" RVM_CURVES_STEP("0", base, t0, t1) RVM_CURVES_STEP("8", base, t1, t2)                    \
        RVM_CURVES_STEP("16", base, t2, t3) RVM_CURVES_STEP("24", base, t3, t4) RVM_CURVES_STEP("32", base, t4, t5)    \
            RVM_CURVES_STEP("40", base, t5, t6) "adcxq %[zero], %[" t6 "]\n\t"

// accumulators = b[0] * a.
#define RVM_CURVES_FIRST_4                                                                                             \
    "movq (%[b]), %%rdx\n\tmulxq (%[a]), %[t0], %[t1]\n\t" RVM_CURVES_START("8", "addq", "t1", "t2")                   \
        RVM_CURVES_START("16", "adcq", "t2", "t3") RVM_CURVES_START("24", "adcq", "t3", "t4") "adcq $0, %[t4]\n\t"
#define RVM_CURVES_FIRST_6                                                                                             \
    "movq (%[b]), %%rdx\n\tmulxq (%[a]), %[t0], %[t1]\n\t" RVM_CURVES_START("8", "addq", "t1", "t2")                   \
        RVM_CURVES_START("16", "adcq", "t2", "t3") RVM_CURVES_START("24", "adcq", "t3", "t4")                          \
            RVM_CURVES_START("32", "adcq", "t4", "t5") RVM_CURVES_START("40", "adcq", "t5", "t6") "adcq $0, %[t6]\n\t"

// accumulators += b[offset / 8] * a.
#define RVM_CURVES_NEXT_4(offset, ...) "movq " offset "(%[b]), %%rdx\n\t" RVM_CURVES_ROW_4("a", __VA_ARGS__)
#define RVM_CURVES_NEXT_6(offset, ...) "movq " offset "(%[b]), %%rdx\n\t" RVM_CURVES_ROW_6("a", __VA_ARGS__)

// Adds the multiple of p that makes the lowest accumulator zero; it is the top one of the next row. The modulus keeps
// -1/p right after p.
#define RVM_CURVES_REDUCE_4(t0, ...)                                                                                   \
    "movq %[" t0 "], %%rdx\n\timulq 32(%[m]), %%rdx\n\t" RVM_CURVES_ROW_4("m", t0, __VA_ARGS__)
#define RVM_CURVES_REDUCE_6(t0, ...)                                                                                   \
    "movq %[" t0 "], %%rdx\n\timulq 48(%[m]), %%rdx\n\t" RVM_CURVES_ROW_6("m", t0, __VA_ARGS__)

// The lowest accumulator leaves for the result and becomes the next row's top.
#define RVM_CURVES_STORE(offset, t0) "movq %[" t0 "], " offset "(%[r])\n\txorl %k[" t0 "], %k[" t0 "]\n\t"

[[gnu::noinline]] inline Limbs<4> multiply(const Limbs<4>& a, const Limbs<4>& b, const Modulus<4>& m) noexcept {
    std::uint64_t t0;
    std::uint64_t t1;
    std::uint64_t t2;
    std::uint64_t t3;
    std::uint64_t t4;
    std::uint64_t lo;
    std::uint64_t hi;
    asm(RVM_CURVES_FIRST_4 RVM_CURVES_REDUCE_4("t0", "t1", "t2", "t3", "t4")
            RVM_CURVES_NEXT_4("8", "t1", "t2", "t3", "t4", "t0") RVM_CURVES_REDUCE_4("t1", "t2", "t3", "t4", "t0")
                RVM_CURVES_NEXT_4("16", "t2", "t3", "t4", "t0", "t1") RVM_CURVES_REDUCE_4("t2", "t3", "t4", "t0", "t1")
                    RVM_CURVES_NEXT_4("24", "t3", "t4", "t0", "t1", "t2")
                        RVM_CURVES_REDUCE_4("t3", "t4", "t0", "t1", "t2")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [a] "r"(a.data()), [b] "r"(b.data()), [m] "r"(&m), [zero] "m"(zero_limb)
        : "rdx", "cc", "memory");
    Limbs<4> result{t4, t0, t1, t2};
    subtract_once(result, m.p);
    return result;
}

[[gnu::noinline]] inline Limbs<8> multiply_wide(const Limbs<4>& a, const Limbs<4>& b) noexcept {
    Limbs<8> result;
    std::uint64_t t0;
    std::uint64_t t1;
    std::uint64_t t2;
    std::uint64_t t3;
    std::uint64_t t4;
    std::uint64_t lo;
    std::uint64_t hi;
    asm(RVM_CURVES_FIRST_4 RVM_CURVES_STORE("0", "t0") RVM_CURVES_NEXT_4("8", "t1", "t2", "t3", "t4", "t0")
            RVM_CURVES_STORE("8", "t1") RVM_CURVES_NEXT_4("16", "t2", "t3", "t4", "t0", "t1")
                RVM_CURVES_STORE("16", "t2") RVM_CURVES_NEXT_4("24", "t3", "t4", "t0", "t1", "t2")
                    RVM_CURVES_STORE("24", "t3")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [a] "r"(a.data()), [b] "r"(b.data()), [r] "r"(result.data()), [zero] "m"(zero_limb)
        : "rdx", "cc", "memory");
    result[4] = t4;
    result[5] = t0;
    result[6] = t1;
    result[7] = t2;
    return result;
}

[[gnu::noinline]] inline Limbs<4> reduce(const Limbs<8>& wide, const Modulus<4>& m) noexcept {
    std::uint64_t t0 = wide[0];
    std::uint64_t t1 = wide[1];
    std::uint64_t t2 = wide[2];
    std::uint64_t t3 = wide[3];
    std::uint64_t t4 = 0;
    std::uint64_t lo;
    std::uint64_t hi;
    asm(RVM_CURVES_REDUCE_4("t0", "t1", "t2", "t3", "t4") RVM_CURVES_REDUCE_4("t1", "t2", "t3", "t4", "t0")
            RVM_CURVES_REDUCE_4("t2", "t3", "t4", "t0", "t1") RVM_CURVES_REDUCE_4("t3", "t4", "t0", "t1", "t2")
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [m] "r"(&m), [zero] "m"(zero_limb)
        : "rdx", "cc", "memory");
    Limbs<4> result{t4, t0, t1, t2};
    add_to(result, Limbs<4>{wide[4], wide[5], wide[6], wide[7]});
    subtract_once(result, m.p);
    return result;
}

[[gnu::noinline]] inline Limbs<6> multiply(const Limbs<6>& a, const Limbs<6>& b, const Modulus<6>& m) noexcept {
    std::uint64_t t0;
    std::uint64_t t1;
    std::uint64_t t2;
    std::uint64_t t3;
    std::uint64_t t4;
    std::uint64_t t5;
    std::uint64_t t6;
    std::uint64_t lo;
    std::uint64_t hi;
    asm(RVM_CURVES_FIRST_6 RVM_CURVES_REDUCE_6("t0", "t1", "t2", "t3", "t4", "t5", "t6")
            RVM_CURVES_NEXT_6("8", "t1", "t2", "t3", "t4", "t5", "t6", "t0")
                RVM_CURVES_REDUCE_6("t1", "t2", "t3", "t4", "t5", "t6", "t0")
                    RVM_CURVES_NEXT_6("16", "t2", "t3", "t4", "t5", "t6", "t0", "t1")
                        RVM_CURVES_REDUCE_6("t2", "t3", "t4", "t5", "t6", "t0", "t1")
                            RVM_CURVES_NEXT_6("24", "t3", "t4", "t5", "t6", "t0", "t1", "t2")
                                RVM_CURVES_REDUCE_6("t3", "t4", "t5", "t6", "t0", "t1", "t2")
                                    RVM_CURVES_NEXT_6("32", "t4", "t5", "t6", "t0", "t1", "t2", "t3")
                                        RVM_CURVES_REDUCE_6("t4", "t5", "t6", "t0", "t1", "t2", "t3")
                                            RVM_CURVES_NEXT_6("40", "t5", "t6", "t0", "t1", "t2", "t3", "t4")
                                                RVM_CURVES_REDUCE_6("t5", "t6", "t0", "t1", "t2", "t3", "t4")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
          [t6] "=&r"(t6), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [a] "r"(a.data()), [b] "r"(b.data()), [m] "r"(&m), [zero] "m"(zero_limb)
        : "rdx", "cc", "memory");
    Limbs<6> result{t6, t0, t1, t2, t3, t4};
    subtract_once(result, m.p);
    return result;
}

[[gnu::noinline]] inline Limbs<12> multiply_wide(const Limbs<6>& a, const Limbs<6>& b) noexcept {
    Limbs<12> result;
    std::uint64_t t0;
    std::uint64_t t1;
    std::uint64_t t2;
    std::uint64_t t3;
    std::uint64_t t4;
    std::uint64_t t5;
    std::uint64_t t6;
    std::uint64_t lo;
    std::uint64_t hi;
    asm(RVM_CURVES_FIRST_6 RVM_CURVES_STORE("0", "t0") RVM_CURVES_NEXT_6("8", "t1", "t2", "t3", "t4", "t5", "t6", "t0")
            RVM_CURVES_STORE("8", "t1") RVM_CURVES_NEXT_6("16", "t2", "t3", "t4", "t5", "t6", "t0", "t1")
                RVM_CURVES_STORE("16", "t2") RVM_CURVES_NEXT_6("24", "t3", "t4", "t5", "t6", "t0", "t1", "t2")
                    RVM_CURVES_STORE("24", "t3") RVM_CURVES_NEXT_6("32", "t4", "t5", "t6", "t0", "t1", "t2", "t3")
                        RVM_CURVES_STORE("32", "t4") RVM_CURVES_NEXT_6("40", "t5", "t6", "t0", "t1", "t2", "t3", "t4")
                            RVM_CURVES_STORE("40", "t5")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
          [t6] "=&r"(t6), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [a] "r"(a.data()), [b] "r"(b.data()), [r] "r"(result.data()), [zero] "m"(zero_limb)
        : "rdx", "cc", "memory");
    result[6] = t6;
    result[7] = t0;
    result[8] = t1;
    result[9] = t2;
    result[10] = t3;
    result[11] = t4;
    return result;
}

[[gnu::noinline]] inline Limbs<6> reduce(const Limbs<12>& wide, const Modulus<6>& m) noexcept {
    std::uint64_t t0 = wide[0];
    std::uint64_t t1 = wide[1];
    std::uint64_t t2 = wide[2];
    std::uint64_t t3 = wide[3];
    std::uint64_t t4 = wide[4];
    std::uint64_t t5 = wide[5];
    std::uint64_t t6 = 0;
    std::uint64_t lo;
    std::uint64_t hi;
    asm(RVM_CURVES_REDUCE_6("t0", "t1", "t2", "t3", "t4", "t5", "t6")
            RVM_CURVES_REDUCE_6("t1", "t2", "t3", "t4", "t5", "t6", "t0")
                RVM_CURVES_REDUCE_6("t2", "t3", "t4", "t5", "t6", "t0", "t1")
                    RVM_CURVES_REDUCE_6("t3", "t4", "t5", "t6", "t0", "t1", "t2")
                        RVM_CURVES_REDUCE_6("t4", "t5", "t6", "t0", "t1", "t2", "t3")
                            RVM_CURVES_REDUCE_6("t5", "t6", "t0", "t1", "t2", "t3", "t4")
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [t5] "+&r"(t5),
          [t6] "+&r"(t6), [lo] "=&r"(lo), [hi] "=&r"(hi)
        : [m] "r"(&m), [zero] "m"(zero_limb)
        : "rdx", "cc", "memory");
    Limbs<6> result{t6, t0, t1, t2, t3, t4};
    add_to(result, Limbs<6>{wide[6], wide[7], wide[8], wide[9], wide[10], wide[11]});
    subtract_once(result, m.p);
    return result;
}

#undef RVM_CURVES_STEP
#undef RVM_CURVES_START
#undef RVM_CURVES_ROW_4
#undef RVM_CURVES_ROW_6
#undef RVM_CURVES_FIRST_4
#undef RVM_CURVES_FIRST_6
#undef RVM_CURVES_NEXT_4
#undef RVM_CURVES_NEXT_6
#undef RVM_CURVES_REDUCE_4
#undef RVM_CURVES_REDUCE_6
#undef RVM_CURVES_STORE

// One limb of a difference in memory; the borrow stays in CF.
#define RVM_CURVES_BORROW(op, offset)                                                                                  \
    "movq " offset "(%[a]), %[limb]\n\t" op " " offset "(%[b]), %[limb]\n\tmovq %[limb], " offset "(%[r])\n\t"

/// result = a - b; all ones if that borrowed, else zero. `result` may be a or b.
[[gnu::always_inline]] inline std::uint64_t subtract_limbs(Limbs<8>& result, const Limbs<8>& a,
                                                           const Limbs<8>& b) noexcept {
    std::uint64_t limb;
    asm(RVM_CURVES_BORROW("subq", "0") RVM_CURVES_BORROW("sbbq", "8") RVM_CURVES_BORROW("sbbq", "16")
            RVM_CURVES_BORROW("sbbq", "24") RVM_CURVES_BORROW("sbbq", "32") RVM_CURVES_BORROW("sbbq", "40")
                RVM_CURVES_BORROW("sbbq", "48") RVM_CURVES_BORROW("sbbq", "56") "sbbq %[limb], %[limb]"
        : [limb] "=&r"(limb), "=m"(result)
        : [a] "r"(a.data()), [b] "r"(b.data()), [r] "r"(result.data()), "m"(a), "m"(b)
        : "cc");
    return limb;
}

/// result = a - b; all ones if that borrowed, else zero. `result` may be a or b.
[[gnu::always_inline]] inline std::uint64_t subtract_limbs(Limbs<12>& result, const Limbs<12>& a,
                                                           const Limbs<12>& b) noexcept {
    std::uint64_t limb;
    asm(RVM_CURVES_BORROW("subq", "0") RVM_CURVES_BORROW("sbbq", "8") RVM_CURVES_BORROW("sbbq", "16")
            RVM_CURVES_BORROW("sbbq", "24") RVM_CURVES_BORROW("sbbq", "32") RVM_CURVES_BORROW("sbbq", "40")
                RVM_CURVES_BORROW("sbbq", "48") RVM_CURVES_BORROW("sbbq", "56") RVM_CURVES_BORROW("sbbq", "64")
                    RVM_CURVES_BORROW("sbbq", "72") RVM_CURVES_BORROW("sbbq", "80")
                        RVM_CURVES_BORROW("sbbq", "88") "sbbq %[limb], %[limb]"
        : [limb] "=&r"(limb), "=m"(result)
        : [a] "r"(a.data()), [b] "r"(b.data()), [r] "r"(result.data()), "m"(a), "m"(b)
        : "cc");
    return limb;
}

#undef RVM_CURVES_BORROW

/// a - b for a >= b.
template <std::size_t N>
[[gnu::always_inline]] inline void subtract_wide_from(Limbs<N>& a, const Limbs<N>& b) noexcept {
    subtract_limbs(a, a, b);
}

template <std::size_t N>
[[gnu::always_inline]] inline void subtract_wide(Limbs<2 * N>& a, const Limbs<2 * N>& b, const Modulus<N>& m) noexcept {
    const std::uint64_t borrowed = subtract_limbs(a, a, b);
    Limbs<N> high;
    Limbs<N> correction;
    for (std::size_t i = 0; i < N; ++i) {
        high[i] = a[N + i];
        correction[i] = m.p[i] & borrowed;
    }
    add_to(high, correction);
    for (std::size_t i = 0; i < N; ++i) {
        a[N + i] = high[i];
    }
}

} // namespace rvm::curves::adx

#endif
