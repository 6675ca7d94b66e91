// What the builder and the listing know of the operations and handlers: tables made of ops.def and handlers.def.
#include <array>

#include "engine/handlers.hpp"

namespace rvm::engine {
namespace {

template <typename T>
constexpr Bank bank_of = Bank::integer;
template <>
constexpr Bank bank_of<float> = Bank::f32;
template <>
constexpr Bank bank_of<double> = Bank::f64;

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

constexpr bool commutes = true;
constexpr bool ordered = false;

constexpr std::array<OpShape, static_cast<std::size_t>(Op::count)> shapes = {{
#define RVM_SHAPE(family, first, operands, result, commuting, narrow)                                                  \
    {Family::family, Handler::first, operands, result, commuting, narrow, Op::count, Op::count},
#define RVM_IR_BINARY(name, type, result, order)                                                                       \
    RVM_SHAPE(binary, name##_rr, Bank::integer, Bank::integer, order, sizeof(type) == 4)
#define RVM_IR_DIVIDE(name, type, overflow, result)                                                                    \
    RVM_SHAPE(divide, name##_rr, Bank::integer, Bank::integer, false, sizeof(type) == 4)
#define RVM_IR_COMPARE(name, type, result)                                                                             \
    RVM_SHAPE(compare, name##_rr, Bank::integer, Bank::integer, false, sizeof(type) == 4)
#define RVM_IR_UNARY(name, type, result) RVM_SHAPE(unary, name##_r, Bank::integer, Bank::integer, false, false)
#define RVM_IR_LOAD(name, memory_type, cell_type) RVM_SHAPE(load, name##_r, Bank::integer, Bank::integer, false, false)
#define RVM_IR_STORE(name, memory_type) RVM_SHAPE(store, name##_rr, Bank::integer, Bank::integer, false, false)
#define RVM_IR_FLOAT_BINARY(name, type, result)                                                                        \
    RVM_SHAPE(float_binary, name##_rr, bank_of<type>, bank_of<type>, false, false)
#define RVM_IR_FLOAT_UNARY(name, type, result)                                                                         \
    RVM_SHAPE(float_unary, name##_r, bank_of<type>, bank_of<type>, false, false)
#define RVM_IR_FLOAT_COMPARE(name, type, result)                                                                       \
    RVM_SHAPE(float_compare, name##_rr, bank_of<type>, Bank::integer, false, false)
#define RVM_IR_FROM_FLOAT(name, type, result)                                                                          \
    RVM_SHAPE(from_float, name##_r, bank_of<type>, Bank::integer, false, false)
#define RVM_IR_TO_FLOAT(name, type, result_type, result)                                                               \
    RVM_SHAPE(to_float, name##_r, bank_of<type>, bank_of<result_type>, false, false)
#define RVM_IR_TRUNCATE(name, float_type, int_type, low, high)                                                         \
    RVM_SHAPE(truncate, name##_r, bank_of<float_type>, Bank::integer, false, false)
#define RVM_IR_FLOAT_LOAD(name, type) RVM_SHAPE(float_load, name##_r, Bank::integer, bank_of<type>, false, false)
#define RVM_IR_FLOAT_STORE(name, type) RVM_SHAPE(float_store, name##_r, bank_of<type>, bank_of<type>, false, false)
#include "engine/ops.def"
}};

struct Related {
    Op op, inverse, mirrored;
};
constexpr Related relations[] = {
#define RVM_RELATED(type)                                                                                              \
    {Op::type##_eq, Op::type##_ne, Op::type##_eq}, {Op::type##_ne, Op::type##_eq, Op::type##_ne},                      \
        {Op::type##_lt_s, Op::type##_ge_s, Op::type##_gt_s}, {Op::type##_gt_s, Op::type##_le_s, Op::type##_lt_s},      \
        {Op::type##_le_s, Op::type##_gt_s, Op::type##_ge_s}, {Op::type##_ge_s, Op::type##_lt_s, Op::type##_le_s},      \
        {Op::type##_lt_u, Op::type##_ge_u, Op::type##_gt_u}, {Op::type##_gt_u, Op::type##_le_u, Op::type##_lt_u},      \
        {Op::type##_le_u, Op::type##_gt_u, Op::type##_ge_u}, {Op::type##_ge_u, Op::type##_lt_u, Op::type##_le_u},
    RVM_RELATED(i32) RVM_RELATED(i64)
#define RVM_RELATED_FLOAT(type)                                                                                        \
    {Op::type##_eq, Op::count, Op::type##_eq}, {Op::type##_ne, Op::count, Op::type##_ne},                              \
        {Op::type##_lt, Op::count, Op::type##_gt}, {Op::type##_gt, Op::count, Op::type##_lt},                          \
        {Op::type##_le, Op::count, Op::type##_ge}, {Op::type##_ge, Op::count, Op::type##_le},
        RVM_RELATED_FLOAT(f32) RVM_RELATED_FLOAT(f64)};

constexpr auto table = [] {
    auto all = shapes;
    for (const Related& related : relations) {
        OpShape& shape = all[static_cast<std::size_t>(related.op)];
        shape.inverse = related.inverse;
        shape.mirrored = related.mirrored;
    }
    return all;
}();

constexpr std::string_view names[] = {
#define RVM_HANDLER(name, ...) #name,
#include "engine/handlers.def"
#undef RVM_HANDLER
};

// The forms stand where handlers.hpp says.
static_assert(number(Handler::i32_add_ai) == number(Handler::i32_add_rr) + static_cast<std::uint32_t>(Sources::ai));
static_assert(number(Handler::i32_add_ra_to_a) == number(Handler::i32_add_ra) + two_sources_to_a);
static_assert(number(Handler::i64_lt_u_branch_rr) == number(Handler::i64_lt_u_rr) + branch_forms);
static_assert(number(Handler::i32_ne_branch_add_i) == number(Handler::i32_ne_rr) + add_branch_i);
static_assert(number(Handler::i64_le_s_branch_add_ai) == number(Handler::i64_le_s_rr) + add_branch_i + add_branch_a);
static_assert(number(Handler::i32_ge_u_branch_back_ri) == number(Handler::i32_ge_u_branch_ri) + branch_back);
static_assert(number(Handler::jump_nonzero_back_a) == number(Handler::jump_nonzero_a) + zero_branch_back);
static_assert(number(Handler::jump_nonzero_a) == number(Handler::jump_nonzero_r) + one_source_a);
static_assert(number(Handler::f32_ge_branch_back_not_ri) == number(Handler::f32_ge_branch_not_ri) + float_branch_back);
static_assert(number(Handler::f64_lt_branch_not_ai) == number(Handler::f64_lt_rr) + branch_not_forms + 4);
static_assert(number(Handler::i64_clz_a_to_a) == number(Handler::i64_clz_r) + one_source_a + one_source_to_a);
static_assert(number(Handler::load64_t_to_a) ==
              number(Handler::load64_r) + static_cast<std::uint32_t>(LoadForm::t) + load_to_a);
static_assert(number(Handler::f64_load_i_to_a) ==
              number(Handler::f64_load_r) + static_cast<std::uint32_t>(LoadForm::i) + load_to_a);
static_assert(number(Handler::store64_ti) == number(Handler::store64_rr) + static_cast<std::uint32_t>(StoreForm::ti));

} // namespace

const OpShape& shape_of(Op op) noexcept { return table[static_cast<std::size_t>(op)]; }

std::string_view handler_name(Handler handler) noexcept { return names[number(handler)]; }

std::string_view handler_name(Word word) noexcept {
    const Word* const words = handler_words();
    for (std::uint32_t i = 0; i < number(Handler::count); ++i)
        if (words[i] == word) return names[i];
    return {};
}

} // namespace rvm::engine
