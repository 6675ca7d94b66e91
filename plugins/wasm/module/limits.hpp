// Limits of a module's shape. They are part of the rules: the same everywhere, whatever memory a host has.
// What has no entry is bounded by the module's size: every such item takes at least one byte of it.
#pragma once

#include <cstdint>

namespace rvm::wasm::limits {

inline constexpr std::uint64_t module_bytes = 64ull << 20;
inline constexpr std::uint32_t types = 100'000;
inline constexpr std::uint32_t functions = 1'000'000;
inline constexpr std::uint32_t globals = 1'000'000;
inline constexpr std::uint32_t tables = 100;
inline constexpr std::uint32_t memories = 100;
inline constexpr std::uint32_t tags = 1'000'000;
inline constexpr std::uint32_t imports = 100'000;
inline constexpr std::uint32_t parameters = 1'000;
inline constexpr std::uint32_t results = 1'000;
inline constexpr std::uint32_t locals = 50'000; ///< of one function, parameters included
/// Locals of all functions together, parameters included: a body of seven bytes may declare 50,000, and each is work
/// for whoever reads or translates it.
inline constexpr std::uint64_t all_locals = 1'000'000;
inline constexpr std::uint64_t all_locals_per_byte = 4; ///< more for each byte of the module
inline constexpr std::uint32_t control_depth = 50'000;  ///< blocks open at once
inline constexpr std::uint32_t operands = 100'000;      ///< on the operand stack of one function
inline constexpr std::uint32_t function_bytes = 8u << 20;
/// Operands that instructions name through a list of types (of a label, a block, a function), summed over the module: a
/// branch of two bytes may hand on a thousand, and each is work for whoever reads, translates or runs it.
inline constexpr std::uint64_t listed_operands = 65'536;
inline constexpr std::uint64_t listed_operands_per_byte = 8; ///< more for each byte of the module
inline constexpr std::uint64_t table_elements = 10'000'000;  ///< minimum a table may ask for, and growth

inline constexpr std::uint64_t page_bytes = 65'536;
inline constexpr std::uint64_t pages32 = 65'536;     ///< of a memory with 32-bit addresses (core specification 4.2.9)
inline constexpr std::uint64_t pages64 = 1ull << 48; ///< declared; what is allocated is bounded by MemoryLimits

} // namespace rvm::wasm::limits
