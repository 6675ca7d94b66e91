// Internal: the handlers by number, for the builder and the listing.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/builder.hpp"

namespace rvm::engine {

enum class Handler : std::uint16_t {
#define RVM_HANDLER(name, ...) name,
#include "engine/handlers.def"
#undef RVM_HANDLER
    count
};

[[nodiscard]] constexpr std::uint32_t number(Handler handler) noexcept { return static_cast<std::uint32_t>(handler); }

/// Addresses of all handlers, as they stand in code.
[[nodiscard]] const Word* handler_words() noexcept;
/// Name of a handler word; empty when it is none. Linear search: for listings.
[[nodiscard]] std::string_view handler_name(Word word) noexcept;
[[nodiscard]] std::string_view handler_name(Handler handler) noexcept;

/// Order of the forms of operations with two sources; those that leave the result in the accumulator follow.
enum class Sources : std::uint8_t { rr, ri, ar, ra, ai, count };
/// Offsets from an operation's first handler.
inline constexpr std::uint32_t two_sources_to_a = 5;  ///< the same form, result in the accumulator only
inline constexpr std::uint32_t branch_forms = 10;     ///< compare and branch
inline constexpr std::uint32_t branch_not_forms = 15; ///< floats: branch when the comparison is false
inline constexpr std::uint32_t add_branch_r = 15;     ///< integers: add a constant, compare with a cell, branch
inline constexpr std::uint32_t add_branch_i = 16;
inline constexpr std::uint32_t add_branch_a = 2; ///< the same two that add to the accumulator
/// From a branch to the one that goes backwards.
inline constexpr std::uint32_t branch_back = 9;
inline constexpr std::uint32_t float_branch_back = 10;
inline constexpr std::uint32_t zero_branch_back = 4;
inline constexpr std::uint32_t one_source_a = 1;
inline constexpr std::uint32_t one_source_to_a = 2; ///< unary
/// Loads: where the address is; s and t: a sum of 32 bits, of a cell or the accumulator and a constant.
enum class LoadForm : std::uint8_t { r, a, i, s, t, count };
inline constexpr std::uint32_t load_to_a = static_cast<std::uint32_t>(LoadForm::count);
/// Stores: address, value.
enum class StoreForm : std::uint8_t { rr, ri, ar, ra, ai, ir, ii, ia, sr, si, tr, ti };

enum class Family : std::uint8_t {
    binary,
    divide,
    compare,
    unary,
    load,
    store,
    float_binary,
    float_unary,
    float_compare,
    from_float,
    to_float,
    truncate,
    float_load,
    float_store
};

struct OpShape {
    Family family;
    Handler first; ///< of its handlers
    Bank operands; ///< where its operands may be
    Bank result;   ///< where its result is left
    bool commutes;
    bool narrow; ///< 32-bit integer operands
    Op inverse;  ///< compare of integers: true exactly when this one is false
    Op mirrored; ///< compare: the same with operands exchanged
};

[[nodiscard]] const OpShape& shape_of(Op op) noexcept;

} // namespace rvm::engine
