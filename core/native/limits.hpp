// Limits of native bytecode, version 1. Consensus: a program is valid or not by these numbers on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rvm::native {

inline constexpr std::uint32_t container_version = 1;

/// A whole .rvm file. Bounds everything below: each table entry takes at least one byte of the file.
inline constexpr std::size_t max_container_bytes = std::size_t{1} << 20;
inline constexpr std::size_t max_imports = 1024;
inline constexpr std::size_t max_functions = 65536;
inline constexpr std::size_t max_name_bytes = 255; ///< import ids, names of functions, exports, sections, files
inline constexpr std::uint8_t max_parameters = 32; ///< of a function; likewise results
inline constexpr std::uint8_t max_window = 16;     ///< operands of a plugin opcode; likewise results (plugin.h)
inline constexpr std::uint8_t max_immediate = 8;   ///< immediate bytes of a plugin opcode (plugin.h)
inline constexpr std::uint8_t max_pick = 127;      ///< how far `pick` reaches below the top
inline constexpr std::uint8_t register_count = 16; ///< registers of one function activation
inline constexpr std::uint8_t max_topics = 4;      ///< of one log

inline constexpr std::uint32_t page_bytes = 1024;        ///< unit of linear memory
inline constexpr std::uint32_t max_memory_pages = 16384; ///< of one frame: 16 MiB

inline constexpr std::uint32_t max_function_height = 1024; ///< words one function may have on the operand stack
inline constexpr std::uint32_t stack_words = 16384;        ///< operand stack of one frame; more traps STACK
inline constexpr std::uint32_t max_call_depth = 1024;      ///< function activations of one frame; more traps DEPTH

} // namespace rvm::native
