#include "run/vectors.hpp"

#include "run/hooks.hpp"
#include "run/instance.hpp"
#include "run/vector_lanes.hpp"
#include "run/vector_operations.hpp"

namespace rvm::wasm::vectors {
namespace {

// -- lanes by lanes

Trap shuffle(Context&, Cell* out, const Cell* a, const Cell* b, const Cell* chosen, std::uint64_t) noexcept {
    u8 both[32];
    std::memcpy(both, a, 16);
    std::memcpy(both + 16, b, 16);
    Vector<u8> x = lanes<u8>(chosen);
    for (u8& lane : x) {
        lane = both[lane];
    }
    put(out, x);
    return Trap::none;
}

Trap swizzle(Context&, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t) noexcept {
    const Vector<u8> x = lanes<u8>(a);
    Vector<u8> y = lanes<u8>(b);
    for (u8& lane : y) {
        lane = lane < 16 ? x[lane] : u8{0};
    }
    put(out, y);
    return Trap::none;
}

Trap bitselect(Context&, Cell* out, const Cell* a, const Cell* b, const Cell* c, std::uint64_t) noexcept {
    const Cell low = (a[0] & c[0]) | (b[0] & ~c[0]);
    const Cell high = (a[1] & c[1]) | (b[1] & ~c[1]);
    out[0] = low;
    out[1] = high;
    return Trap::none;
}

Trap any_true(Context&, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t) noexcept {
    *out = (a[0] | a[1]) != 0 ? 1 : 0;
    return Trap::none;
}

Trap dot(Context&, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t) noexcept {
    const Vector<i16> x = lanes<i16>(a);
    const Vector<i16> y = lanes<i16>(b);
    Vector<u32> z;
    for (std::size_t i = 0; i < z.size(); ++i) {
        z[i] = static_cast<u32>(i32{x[2 * i]} * y[2 * i]) + static_cast<u32>(i32{x[2 * i + 1]} * y[2 * i + 1]);
    }
    put(out, z);
    return Trap::none;
}

// -- accesses

/// Address of an access of any memory, or null when it is outside.
u8* place(Context& context, std::uint64_t packed, Cell address) noexcept {
    const hooks::Access access = hooks::unpack_access(packed);
    const LinearMemory& memory = *static_cast<Instance*>(context.instance)->memories[access.memory];
    const std::uint64_t at = address + access.offset;
    if (at < address || !memory.holds(at, std::uint64_t{1} << info(access.op).access)) return nullptr;
    return memory.data() + at;
}

template <class From, class To>
Trap load_extended(Context& context, Cell* out, const Cell* a, const Cell*, const Cell*,
                   std::uint64_t packed) noexcept {
    const u8* from = place(context, packed, *a);
    if (from == nullptr) return Trap::memory_bounds;
    std::array<From, 8 / sizeof(From)> x;
    std::memcpy(x.data(), from, 8);
    Vector<To> y;
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = static_cast<To>(x[i]);
    }
    put(out, y);
    return Trap::none;
}

template <class Lane>
Trap load_splat(Context& context, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t packed) noexcept {
    const u8* from = place(context, packed, *a);
    if (from == nullptr) return Trap::memory_bounds;
    Lane lane;
    std::memcpy(&lane, from, sizeof lane);
    Vector<Lane> x;
    x.fill(lane);
    put(out, x);
    return Trap::none;
}

Trap load_zero(Context& context, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t packed) noexcept {
    const u8* from = place(context, packed, *a);
    if (from == nullptr) return Trap::memory_bounds;
    Vector<u8> x{};
    std::memcpy(x.data(), from, std::size_t{1} << info(hooks::unpack_access(packed).op).access);
    put(out, x);
    return Trap::none;
}

Trap load_lane(Context& context, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t packed) noexcept {
    const u8* from = place(context, packed, *a);
    if (from == nullptr) return Trap::memory_bounds;
    const hooks::Access access = hooks::unpack_access(packed);
    const std::size_t bytes = std::size_t{1} << info(access.op).access;
    Vector<u8> x = lanes<u8>(b);
    std::memcpy(x.data() + bytes * access.lane, from, bytes);
    put(out, x);
    return Trap::none;
}

Trap store_lane(Context& context, Cell*, const Cell* a, const Cell* b, const Cell*, std::uint64_t packed) noexcept {
    u8* to = place(context, packed, *a);
    if (to == nullptr) return Trap::memory_bounds;
    const hooks::Access access = hooks::unpack_access(packed);
    const std::size_t bytes = std::size_t{1} << info(access.op).access;
    const Vector<u8> x = lanes<u8>(b);
    std::memcpy(to, x.data() + bytes * access.lane, bytes);
    return Trap::none;
}

} // namespace

engine::LeafFunction operation(Op op) noexcept {
    switch (op) {
    case Op::v128_load8x8_s:
        return load_extended<i8, i16>;
    case Op::v128_load8x8_u:
        return load_extended<u8, u16>;
    case Op::v128_load16x4_s:
        return load_extended<i16, i32>;
    case Op::v128_load16x4_u:
        return load_extended<u16, u32>;
    case Op::v128_load32x2_s:
        return load_extended<i32, i64>;
    case Op::v128_load32x2_u:
        return load_extended<u32, u64>;
    case Op::v128_load8_splat:
        return load_splat<u8>;
    case Op::v128_load16_splat:
        return load_splat<u16>;
    case Op::v128_load32_splat:
        return load_splat<u32>;
    case Op::v128_load64_splat:
        return load_splat<u64>;
    case Op::i8x16_shuffle:
        return shuffle;
    case Op::i8x16_swizzle:
        return swizzle;
    case Op::i8x16_splat:
        return splat<u8>;
    case Op::i16x8_splat:
        return splat<u16>;
    case Op::i32x4_splat:
        return splat<u32>;
    case Op::i64x2_splat:
        return splat<u64>;
    case Op::f32x4_splat:
        return splat<u32>;
    case Op::f64x2_splat:
        return splat<u64>;
    case Op::i8x16_extract_lane_s:
        return extract<i8, u32>;
    case Op::i8x16_extract_lane_u:
        return extract<u8, u64>;
    case Op::i8x16_replace_lane:
        return replace<u8>;
    case Op::i16x8_extract_lane_s:
        return extract<i16, u32>;
    case Op::i16x8_extract_lane_u:
        return extract<u16, u64>;
    case Op::i16x8_replace_lane:
        return replace<u16>;
    case Op::i32x4_extract_lane:
        return extract<u32, u64>;
    case Op::i32x4_replace_lane:
        return replace<u32>;
    case Op::i64x2_extract_lane:
        return extract<u64, u64>;
    case Op::i64x2_replace_lane:
        return replace<u64>;
    case Op::f32x4_extract_lane:
        return extract<u32, u64>;
    case Op::f32x4_replace_lane:
        return replace<u32>;
    case Op::f64x2_extract_lane:
        return extract<u64, u64>;
    case Op::f64x2_replace_lane:
        return replace<u64>;
    case Op::i8x16_eq:
        return compare<i8, equal>;
    case Op::i8x16_ne:
        return compare<i8, not_equal>;
    case Op::i8x16_lt_s:
        return compare<i8, less>;
    case Op::i8x16_lt_u:
        return compare<u8, less>;
    case Op::i8x16_gt_s:
        return compare<i8, greater>;
    case Op::i8x16_gt_u:
        return compare<u8, greater>;
    case Op::i8x16_le_s:
        return compare<i8, at_most>;
    case Op::i8x16_le_u:
        return compare<u8, at_most>;
    case Op::i8x16_ge_s:
        return compare<i8, at_least>;
    case Op::i8x16_ge_u:
        return compare<u8, at_least>;
    case Op::i16x8_eq:
        return compare<i16, equal>;
    case Op::i16x8_ne:
        return compare<i16, not_equal>;
    case Op::i16x8_lt_s:
        return compare<i16, less>;
    case Op::i16x8_lt_u:
        return compare<u16, less>;
    case Op::i16x8_gt_s:
        return compare<i16, greater>;
    case Op::i16x8_gt_u:
        return compare<u16, greater>;
    case Op::i16x8_le_s:
        return compare<i16, at_most>;
    case Op::i16x8_le_u:
        return compare<u16, at_most>;
    case Op::i16x8_ge_s:
        return compare<i16, at_least>;
    case Op::i16x8_ge_u:
        return compare<u16, at_least>;
    case Op::i32x4_eq:
        return compare<i32, equal>;
    case Op::i32x4_ne:
        return compare<i32, not_equal>;
    case Op::i32x4_lt_s:
        return compare<i32, less>;
    case Op::i32x4_lt_u:
        return compare<u32, less>;
    case Op::i32x4_gt_s:
        return compare<i32, greater>;
    case Op::i32x4_gt_u:
        return compare<u32, greater>;
    case Op::i32x4_le_s:
        return compare<i32, at_most>;
    case Op::i32x4_le_u:
        return compare<u32, at_most>;
    case Op::i32x4_ge_s:
        return compare<i32, at_least>;
    case Op::i32x4_ge_u:
        return compare<u32, at_least>;
    case Op::f32x4_eq:
        return compare<float, equal>;
    case Op::f32x4_ne:
        return compare<float, not_equal>;
    case Op::f32x4_lt:
        return compare<float, less>;
    case Op::f32x4_gt:
        return compare<float, greater>;
    case Op::f32x4_le:
        return compare<float, at_most>;
    case Op::f32x4_ge:
        return compare<float, at_least>;
    case Op::f64x2_eq:
        return compare<double, equal>;
    case Op::f64x2_ne:
        return compare<double, not_equal>;
    case Op::f64x2_lt:
        return compare<double, less>;
    case Op::f64x2_gt:
        return compare<double, greater>;
    case Op::f64x2_le:
        return compare<double, at_most>;
    case Op::f64x2_ge:
        return compare<double, at_least>;
    case Op::v128_not:
        return unary<u64, complement>;
    case Op::v128_and:
        return binary<u64, bit_and>;
    case Op::v128_andnot:
        return binary<u64, bit_and_not>;
    case Op::v128_or:
        return binary<u64, bit_or>;
    case Op::v128_xor:
        return binary<u64, bit_xor>;
    case Op::v128_bitselect:
        return bitselect;
    case Op::v128_any_true:
        return any_true;
    case Op::v128_load8_lane:
        return load_lane;
    case Op::v128_load16_lane:
        return load_lane;
    case Op::v128_load32_lane:
        return load_lane;
    case Op::v128_load64_lane:
        return load_lane;
    case Op::v128_store8_lane:
        return store_lane;
    case Op::v128_store16_lane:
        return store_lane;
    case Op::v128_store32_lane:
        return store_lane;
    case Op::v128_store64_lane:
        return store_lane;
    case Op::v128_load32_zero:
        return load_zero;
    case Op::v128_load64_zero:
        return load_zero;
    case Op::f32x4_demote_f64x2_zero:
        return narrow<double, float, true, demote>;
    case Op::f64x2_promote_low_f32x4:
        return widen<float, double, 0, promote>;
    case Op::i8x16_abs:
        return unary<i8, magnitude>;
    case Op::i8x16_neg:
        return unary<u8, negative>;
    case Op::i8x16_popcnt:
        return unary<u8, ones>;
    case Op::i8x16_all_true:
        return all_true<u8>;
    case Op::i8x16_bitmask:
        return bitmask<i8>;
    case Op::i8x16_narrow_i16x8_s:
        return narrow<i16, i8, false, clamp_to<i8>>;
    case Op::i8x16_narrow_i16x8_u:
        return narrow<i16, u8, false, clamp_to<u8>>;
    case Op::f32x4_ceil:
        return unary<float, float_ceil>;
    case Op::f32x4_floor:
        return unary<float, float_floor>;
    case Op::f32x4_trunc:
        return unary<float, float_trunc>;
    case Op::f32x4_nearest:
        return unary<float, float_nearest>;
    case Op::i8x16_shl:
        return shift<u8, left>;
    case Op::i8x16_shr_s:
        return shift<i8, right>;
    case Op::i8x16_shr_u:
        return shift<u8, right>;
    case Op::i8x16_add:
        return binary<u8, add>;
    case Op::i8x16_add_sat_s:
        return binary<i8, add_clamped<i8>>;
    case Op::i8x16_add_sat_u:
        return binary<u8, add_clamped<u8>>;
    case Op::i8x16_sub:
        return binary<u8, sub>;
    case Op::i8x16_sub_sat_s:
        return binary<i8, sub_clamped<i8>>;
    case Op::i8x16_sub_sat_u:
        return binary<u8, sub_clamped<u8>>;
    case Op::f64x2_ceil:
        return unary<double, float_ceil>;
    case Op::f64x2_floor:
        return unary<double, float_floor>;
    case Op::i8x16_min_s:
        return binary<i8, smaller>;
    case Op::i8x16_min_u:
        return binary<u8, smaller>;
    case Op::i8x16_max_s:
        return binary<i8, larger>;
    case Op::i8x16_max_u:
        return binary<u8, larger>;
    case Op::f64x2_trunc:
        return unary<double, float_trunc>;
    case Op::i8x16_avgr_u:
        return binary<u8, average>;
    case Op::i16x8_extadd_pairwise_i8x16_s:
        return pairwise_sum<i8, i16>;
    case Op::i16x8_extadd_pairwise_i8x16_u:
        return pairwise_sum<u8, u16>;
    case Op::i32x4_extadd_pairwise_i16x8_s:
        return pairwise_sum<i16, i32>;
    case Op::i32x4_extadd_pairwise_i16x8_u:
        return pairwise_sum<u16, u32>;
    case Op::i16x8_abs:
        return unary<i16, magnitude>;
    case Op::i16x8_neg:
        return unary<u16, negative>;
    case Op::i16x8_q15mulr_sat_s:
        return binary<i16, q15_product>;
    case Op::i16x8_all_true:
        return all_true<u16>;
    case Op::i16x8_bitmask:
        return bitmask<i16>;
    case Op::i16x8_narrow_i32x4_s:
        return narrow<i32, i16, false, clamp_to<i16>>;
    case Op::i16x8_narrow_i32x4_u:
        return narrow<i32, u16, false, clamp_to<u16>>;
    case Op::i16x8_extend_low_i8x16_s:
        return widen<i8, i16, 0, same>;
    case Op::i16x8_extend_high_i8x16_s:
        return widen<i8, i16, 8, same>;
    case Op::i16x8_extend_low_i8x16_u:
        return widen<u8, u16, 0, same>;
    case Op::i16x8_extend_high_i8x16_u:
        return widen<u8, u16, 8, same>;
    case Op::i16x8_shl:
        return shift<u16, left>;
    case Op::i16x8_shr_s:
        return shift<i16, right>;
    case Op::i16x8_shr_u:
        return shift<u16, right>;
    case Op::i16x8_add:
        return binary<u16, add>;
    case Op::i16x8_add_sat_s:
        return binary<i16, add_clamped<i16>>;
    case Op::i16x8_add_sat_u:
        return binary<u16, add_clamped<u16>>;
    case Op::i16x8_sub:
        return binary<u16, sub>;
    case Op::i16x8_sub_sat_s:
        return binary<i16, sub_clamped<i16>>;
    case Op::i16x8_sub_sat_u:
        return binary<u16, sub_clamped<u16>>;
    case Op::f64x2_nearest:
        return unary<double, float_nearest>;
    case Op::i16x8_mul:
        return binary<u16, mul>;
    case Op::i16x8_min_s:
        return binary<i16, smaller>;
    case Op::i16x8_min_u:
        return binary<u16, smaller>;
    case Op::i16x8_max_s:
        return binary<i16, larger>;
    case Op::i16x8_max_u:
        return binary<u16, larger>;
    case Op::i16x8_avgr_u:
        return binary<u16, average>;
    case Op::i16x8_extmul_low_i8x16_s:
        return extended_product<i8, i16, 0>;
    case Op::i16x8_extmul_high_i8x16_s:
        return extended_product<i8, i16, 8>;
    case Op::i16x8_extmul_low_i8x16_u:
        return extended_product<u8, u16, 0>;
    case Op::i16x8_extmul_high_i8x16_u:
        return extended_product<u8, u16, 8>;
    case Op::i32x4_abs:
        return unary<i32, magnitude>;
    case Op::i32x4_neg:
        return unary<u32, negative>;
    case Op::i32x4_all_true:
        return all_true<u32>;
    case Op::i32x4_bitmask:
        return bitmask<i32>;
    case Op::i32x4_extend_low_i16x8_s:
        return widen<i16, i32, 0, same>;
    case Op::i32x4_extend_high_i16x8_s:
        return widen<i16, i32, 4, same>;
    case Op::i32x4_extend_low_i16x8_u:
        return widen<u16, u32, 0, same>;
    case Op::i32x4_extend_high_i16x8_u:
        return widen<u16, u32, 4, same>;
    case Op::i32x4_shl:
        return shift<u32, left>;
    case Op::i32x4_shr_s:
        return shift<i32, right>;
    case Op::i32x4_shr_u:
        return shift<u32, right>;
    case Op::i32x4_add:
        return binary<u32, add>;
    case Op::i32x4_sub:
        return binary<u32, sub>;
    case Op::i32x4_mul:
        return binary<u32, mul>;
    case Op::i32x4_min_s:
        return binary<i32, smaller>;
    case Op::i32x4_min_u:
        return binary<u32, smaller>;
    case Op::i32x4_max_s:
        return binary<i32, larger>;
    case Op::i32x4_max_u:
        return binary<u32, larger>;
    case Op::i32x4_dot_i16x8_s:
        return dot;
    case Op::i32x4_extmul_low_i16x8_s:
        return extended_product<i16, i32, 0>;
    case Op::i32x4_extmul_high_i16x8_s:
        return extended_product<i16, i32, 4>;
    case Op::i32x4_extmul_low_i16x8_u:
        return extended_product<u16, u32, 0>;
    case Op::i32x4_extmul_high_i16x8_u:
        return extended_product<u16, u32, 4>;
    case Op::i64x2_abs:
        return unary<i64, magnitude>;
    case Op::i64x2_neg:
        return unary<u64, negative>;
    case Op::i64x2_all_true:
        return all_true<u64>;
    case Op::i64x2_bitmask:
        return bitmask<i64>;
    case Op::i64x2_extend_low_i32x4_s:
        return widen<i32, i64, 0, same>;
    case Op::i64x2_extend_high_i32x4_s:
        return widen<i32, i64, 2, same>;
    case Op::i64x2_extend_low_i32x4_u:
        return widen<u32, u64, 0, same>;
    case Op::i64x2_extend_high_i32x4_u:
        return widen<u32, u64, 2, same>;
    case Op::i64x2_shl:
        return shift<u64, left>;
    case Op::i64x2_shr_s:
        return shift<i64, right>;
    case Op::i64x2_shr_u:
        return shift<u64, right>;
    case Op::i64x2_add:
        return binary<u64, add>;
    case Op::i64x2_sub:
        return binary<u64, sub>;
    case Op::i64x2_mul:
        return binary<u64, mul>;
    case Op::i64x2_eq:
        return compare<i64, equal>;
    case Op::i64x2_ne:
        return compare<i64, not_equal>;
    case Op::i64x2_lt_s:
        return compare<i64, less>;
    case Op::i64x2_gt_s:
        return compare<i64, greater>;
    case Op::i64x2_le_s:
        return compare<i64, at_most>;
    case Op::i64x2_ge_s:
        return compare<i64, at_least>;
    case Op::i64x2_extmul_low_i32x4_s:
        return extended_product<i32, i64, 0>;
    case Op::i64x2_extmul_high_i32x4_s:
        return extended_product<i32, i64, 2>;
    case Op::i64x2_extmul_low_i32x4_u:
        return extended_product<u32, u64, 0>;
    case Op::i64x2_extmul_high_i32x4_u:
        return extended_product<u32, u64, 2>;
    case Op::f32x4_abs:
        return unary<u32, without_sign>;
    case Op::f32x4_neg:
        return unary<u32, other_sign>;
    case Op::f32x4_sqrt:
        return unary<float, float_sqrt>;
    case Op::f32x4_add:
        return binary<float, float_add>;
    case Op::f32x4_sub:
        return binary<float, float_sub>;
    case Op::f32x4_mul:
        return binary<float, float_mul>;
    case Op::f32x4_div:
        return binary<float, float_div>;
    case Op::f32x4_min:
        return binary<float, float_minimum>;
    case Op::f32x4_max:
        return binary<float, float_maximum>;
    case Op::f32x4_pmin:
        return binary<float, pseudo_minimum>;
    case Op::f32x4_pmax:
        return binary<float, pseudo_maximum>;
    case Op::f64x2_abs:
        return unary<u64, without_sign>;
    case Op::f64x2_neg:
        return unary<u64, other_sign>;
    case Op::f64x2_sqrt:
        return unary<double, float_sqrt>;
    case Op::f64x2_add:
        return binary<double, float_add>;
    case Op::f64x2_sub:
        return binary<double, float_sub>;
    case Op::f64x2_mul:
        return binary<double, float_mul>;
    case Op::f64x2_div:
        return binary<double, float_div>;
    case Op::f64x2_min:
        return binary<double, float_minimum>;
    case Op::f64x2_max:
        return binary<double, float_maximum>;
    case Op::f64x2_pmin:
        return binary<double, pseudo_minimum>;
    case Op::f64x2_pmax:
        return binary<double, pseudo_maximum>;
    case Op::i32x4_trunc_sat_f32x4_s:
        return widen<float, i32, 0, to_integer<i32>>;
    case Op::i32x4_trunc_sat_f32x4_u:
        return widen<float, u32, 0, to_integer<u32>>;
    case Op::f32x4_convert_i32x4_s:
        return widen<i32, float, 0, same_as<float>>;
    case Op::f32x4_convert_i32x4_u:
        return widen<u32, float, 0, same_as<float>>;
    case Op::i32x4_trunc_sat_f64x2_s_zero:
        return narrow<double, i32, true, to_integer<i32>>;
    case Op::i32x4_trunc_sat_f64x2_u_zero:
        return narrow<double, u32, true, to_integer<u32>>;
    case Op::f64x2_convert_low_i32x4_s:
        return widen<i32, double, 0, same_as<double>>;
    case Op::f64x2_convert_low_i32x4_u:
        return widen<u32, double, 0, same_as<double>>;
    default:
        return nullptr; // not a vector instruction
    }
}

} // namespace rvm::wasm::vectors
