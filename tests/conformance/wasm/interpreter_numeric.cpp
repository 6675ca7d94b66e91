// Numeric instructions (core specification 4.3).
#include <bit>
#include <cmath>

#include "interpreter.hpp"

namespace rvm::wasm::reference {
namespace {

using Kind = spectest::Outcome::Kind;

/// Integer operations of one width; U is the unsigned type. False: not one of these.
template <class U>
bool integer(Op op, Op eqz, Op first_compare, Op first_unary, std::vector<std::uint64_t>& stack) {
    using S = std::make_signed_t<U>;
    constexpr unsigned width = sizeof(U) * 8;
    const auto code = static_cast<unsigned>(op);
    const auto within = [&](Op first, unsigned count) {
        return code >= static_cast<unsigned>(first) && code < static_cast<unsigned>(first) + count;
    };
    if (op == eqz) {
        stack.back() = static_cast<U>(stack.back()) == 0 ? 1 : 0;
        return true;
    }
    if (within(first_unary, 3)) {
        const auto a = static_cast<U>(stack.back());
        const unsigned which = code - static_cast<unsigned>(first_unary);
        stack.back() = static_cast<std::uint64_t>(which == 0   ? std::countl_zero(a)
                                                  : which == 1 ? std::countr_zero(a)
                                                               : std::popcount(a));
        return true;
    }
    const bool compares = within(first_compare, 10);
    const auto first_binary = static_cast<Op>(static_cast<unsigned>(first_unary) + 3);
    if (!compares && !within(first_binary, 15)) return false;
    const auto b = static_cast<U>(stack.back());
    stack.pop_back();
    const auto a = static_cast<U>(stack.back());
    const auto sa = static_cast<S>(a);
    const auto sb = static_cast<S>(b);
    if (compares) {
        const bool answers[] = {a == b, a != b, sa<sb, a<b, sa> sb, a> b, sa <= sb, a <= b, sa >= sb, a >= b};
        stack.back() = answers[code - static_cast<unsigned>(first_compare)] ? 1 : 0;
        return true;
    }
    const unsigned which = code - static_cast<unsigned>(first_binary);
    if (which >= 3 && which <= 6 && b == 0) throw Trap{Kind::trap, "integer divide by zero"};
    const bool overflows = sb == -1 && a == U{1} << (width - 1);
    if (which == 3 && overflows) throw Trap{Kind::trap, "integer overflow"};
    const auto count = static_cast<unsigned>(b % width);
    U out = 0;
    switch (which) {
    case 0:
        out = static_cast<U>(a + b);
        break;
    case 1:
        out = static_cast<U>(a - b);
        break;
    case 2:
        out = static_cast<U>(a * b);
        break;
    case 3:
        out = static_cast<U>(sa / sb);
        break;
    case 4:
        out = static_cast<U>(a / b);
        break;
    case 5:
        out = overflows ? U{0} : static_cast<U>(sa % sb);
        break;
    case 6:
        out = static_cast<U>(a % b);
        break;
    case 7:
        out = a & b;
        break;
    case 8:
        out = a | b;
        break;
    case 9:
        out = a ^ b;
        break;
    case 10:
        out = static_cast<U>(a << count);
        break;
    case 11:
        out = static_cast<U>(sa >> count);
        break;
    case 12:
        out = static_cast<U>(a >> count);
        break;
    case 13:
        out = std::rotl(a, static_cast<int>(count));
        break;
    default:
        out = std::rotr(a, static_cast<int>(count));
        break;
    }
    stack.back() = out;
    return true;
}

} // namespace

bool Interpreter::numeric(Frame& frame, const Instruction& in) {
    std::vector<std::uint64_t>& stack = frame.stack;
    switch (in.op) {
    case Op::i32_const:
    case Op::i64_const:
    case Op::f32_const:
    case Op::f64_const:
        stack.push_back(in.value);
        return true;
    case Op::i32_wrap_i64:
    case Op::i64_extend_i32_u:
        stack.back() = static_cast<std::uint32_t>(stack.back());
        return true;
    case Op::i64_extend_i32_s:
    case Op::i64_extend32_s:
        stack.back() = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(stack.back())));
        return true;
    case Op::i32_extend8_s:
        stack.back() = static_cast<std::uint32_t>(static_cast<std::int8_t>(stack.back()));
        return true;
    case Op::i32_extend16_s:
        stack.back() = static_cast<std::uint32_t>(static_cast<std::int16_t>(stack.back()));
        return true;
    case Op::i64_extend8_s:
        stack.back() = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int8_t>(stack.back())));
        return true;
    case Op::i64_extend16_s:
        stack.back() = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int16_t>(stack.back())));
        return true;
    case Op::i32_reinterpret_f32:
    case Op::i64_reinterpret_f64:
    case Op::f32_reinterpret_i32:
    case Op::f64_reinterpret_i64:
        return true;
    default:
        return integer<std::uint32_t>(in.op, Op::i32_eqz, Op::i32_eq, Op::i32_clz, stack) ||
               integer<std::uint64_t>(in.op, Op::i64_eqz, Op::i64_eq, Op::i64_clz, stack);
    }
}

namespace {

template <class F>
using BitsOf = std::conditional_t<sizeof(F) == 4, std::uint32_t, std::uint64_t>;

template <class F>
F number(std::uint64_t bits) {
    return std::bit_cast<F>(static_cast<BitsOf<F>>(bits));
}
/// Bits of a result: every NaN is the positive canonical one.
template <class F>
std::uint64_t bits(F value) {
    if (std::isnan(value)) return sizeof(F) == 4 ? 0x7fc00000u : 0x7ff8000000000000u;
    return std::bit_cast<BitsOf<F>>(value);
}

template <class F>
F minimum(F a, F b, bool largest) {
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<F>::quiet_NaN();
    if (a == 0 && b == 0) return std::signbit(a) != largest ? a : b;
    return (a < b) != largest ? a : b;
}

template <class F>
bool arithmetic(Op op, Op first_compare, Op first_unary, std::vector<std::uint64_t>& stack) {
    constexpr auto sign = static_cast<BitsOf<F>>(BitsOf<F>{1} << (sizeof(F) * 8 - 1));
    const auto code = static_cast<unsigned>(op);
    const unsigned compare = code - static_cast<unsigned>(first_compare);
    const unsigned unary = code - static_cast<unsigned>(first_unary);
    if (unary < 7) {
        const auto raw = static_cast<BitsOf<F>>(stack.back());
        const F a = number<F>(raw);
        switch (unary) {
        case 0:
            stack.back() = raw & static_cast<BitsOf<F>>(~sign);
            break;
        case 1:
            stack.back() = raw ^ sign;
            break;
        case 2:
            stack.back() = bits(std::ceil(a));
            break;
        case 3:
            stack.back() = bits(std::floor(a));
            break;
        case 4:
            stack.back() = bits(std::trunc(a));
            break;
        case 5:
            stack.back() = bits(std::nearbyint(a));
            break;
        default:
            stack.back() = bits(std::sqrt(a));
            break;
        }
        return true;
    }
    const unsigned binary = unary - 7;
    if (compare >= 6 && binary >= 7) return false;
    const auto right = static_cast<BitsOf<F>>(stack.back());
    stack.pop_back();
    const auto left = static_cast<BitsOf<F>>(stack.back());
    const F a = number<F>(left);
    const F b = number<F>(right);
    if (compare < 6) {
        const bool answers[] = {a == b, a != b, a<b, a> b, a <= b, a >= b};
        stack.back() = answers[compare] ? 1 : 0;
        return true;
    }
    switch (binary) {
    case 0:
        stack.back() = bits(a + b);
        break;
    case 1:
        stack.back() = bits(a - b);
        break;
    case 2:
        stack.back() = bits(a * b);
        break;
    case 3:
        stack.back() = bits(a / b);
        break;
    case 4:
        stack.back() = bits(minimum(a, b, false));
        break;
    case 5:
        stack.back() = bits(minimum(a, b, true));
        break;
    default:
        stack.back() = (left & static_cast<BitsOf<F>>(~sign)) | (right & sign);
        break;
    }
    return true;
}

/// Towards zero. `saturates`: out of range gives the nearest end and NaN 0, else they trap.
template <class I, class F>
std::uint64_t truncated(std::uint64_t operand, bool saturates) {
    using U = std::make_unsigned_t<I>;
    const F value = number<F>(operand);
    if (std::isnan(value)) {
        if (!saturates) throw Trap{Kind::trap, "invalid conversion to integer"};
        return 0;
    }
    const F whole = std::trunc(value);
    const F low = std::is_signed_v<I> ? -std::ldexp(F{1}, static_cast<int>(sizeof(I) * 8 - 1)) : F{0};
    const F above = std::ldexp(F{1}, static_cast<int>(sizeof(I) * 8 - (std::is_signed_v<I> ? 1 : 0)));
    if (whole < low || whole >= above) {
        if (!saturates) throw Trap{Kind::trap, "integer overflow"};
        return static_cast<U>(whole < low ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max());
    }
    return static_cast<U>(static_cast<I>(whole));
}

} // namespace

bool Interpreter::floating(Frame& frame, const Instruction& in) {
    using s32 = std::int32_t;
    using s64 = std::int64_t;
    using u32 = std::uint32_t;
    using u64 = std::uint64_t;
    if (frame.stack.empty()) return false;
    u64& top = frame.stack.back();
    switch (in.op) {
    case Op::i32_trunc_f32_s:
        top = truncated<s32, float>(top, false);
        return true;
    case Op::i32_trunc_f32_u:
        top = truncated<u32, float>(top, false);
        return true;
    case Op::i32_trunc_f64_s:
        top = truncated<s32, double>(top, false);
        return true;
    case Op::i32_trunc_f64_u:
        top = truncated<u32, double>(top, false);
        return true;
    case Op::i64_trunc_f32_s:
        top = truncated<s64, float>(top, false);
        return true;
    case Op::i64_trunc_f32_u:
        top = truncated<u64, float>(top, false);
        return true;
    case Op::i64_trunc_f64_s:
        top = truncated<s64, double>(top, false);
        return true;
    case Op::i64_trunc_f64_u:
        top = truncated<u64, double>(top, false);
        return true;
    case Op::i32_trunc_sat_f32_s:
        top = truncated<s32, float>(top, true);
        return true;
    case Op::i32_trunc_sat_f32_u:
        top = truncated<u32, float>(top, true);
        return true;
    case Op::i32_trunc_sat_f64_s:
        top = truncated<s32, double>(top, true);
        return true;
    case Op::i32_trunc_sat_f64_u:
        top = truncated<u32, double>(top, true);
        return true;
    case Op::i64_trunc_sat_f32_s:
        top = truncated<s64, float>(top, true);
        return true;
    case Op::i64_trunc_sat_f32_u:
        top = truncated<u64, float>(top, true);
        return true;
    case Op::i64_trunc_sat_f64_s:
        top = truncated<s64, double>(top, true);
        return true;
    case Op::i64_trunc_sat_f64_u:
        top = truncated<u64, double>(top, true);
        return true;
    case Op::f32_convert_i32_s:
        top = bits(static_cast<float>(static_cast<s32>(top)));
        return true;
    case Op::f32_convert_i32_u:
        top = bits(static_cast<float>(static_cast<u32>(top)));
        return true;
    case Op::f32_convert_i64_s:
        top = bits(static_cast<float>(static_cast<s64>(top)));
        return true;
    case Op::f32_convert_i64_u:
        top = bits(static_cast<float>(top));
        return true;
    case Op::f64_convert_i32_s:
        top = bits(static_cast<double>(static_cast<s32>(top)));
        return true;
    case Op::f64_convert_i32_u:
        top = bits(static_cast<double>(static_cast<u32>(top)));
        return true;
    case Op::f64_convert_i64_s:
        top = bits(static_cast<double>(static_cast<s64>(top)));
        return true;
    case Op::f64_convert_i64_u:
        top = bits(static_cast<double>(top));
        return true;
    case Op::f32_demote_f64:
        top = bits(static_cast<float>(number<double>(top)));
        return true;
    case Op::f64_promote_f32:
        top = bits(static_cast<double>(number<float>(top)));
        return true;
    default:
        return arithmetic<float>(in.op, Op::f32_eq, Op::f32_abs, frame.stack) ||
               arithmetic<double>(in.op, Op::f64_eq, Op::f64_abs, frame.stack);
    }
}

} // namespace rvm::wasm::reference
