// What making an instance takes, counted from the module: the same on every host.
#pragma once

#include <cstdint>

#include "module/module.hpp"

namespace rvm::wasm {

/// Bytes of the execution's memory budget that parts of an instance take; no less than what this program allocates.
namespace footprint {
inline constexpr std::uint64_t instance = 1'024;
inline constexpr std::uint64_t function = 64;
inline constexpr std::uint64_t global = 96;
inline constexpr std::uint64_t memory = 256; ///< besides its pages
inline constexpr std::uint64_t table = 256;  ///< besides its elements
inline constexpr std::uint64_t table_element = 8;
inline constexpr std::uint64_t tag = 32;
inline constexpr std::uint64_t segment = 1; ///< of elements or data
} // namespace footprint

struct Instantiation {
    std::uint64_t units = 0; ///< price, see module/costs.hpp
    std::uint64_t bytes = 0; ///< first pages and elements included, the stack not
};
/// Without overflow, whatever the module declares: more than the limits allow counts as a little more.
[[nodiscard]] Instantiation instantiation_of(const Module& module) noexcept;

} // namespace rvm::wasm
