// The tracer of `rvm repl`: sees where an entry ends and what stack, registers and memory it leaves.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <rvm/plugin.h>

#include "base/bytes.hpp"
#include "native/limits.hpp"

namespace rvm::host::repl {

inline constexpr const char* repl_tracer = "rvm.host/repl";
[[nodiscard]] const rvm_entry* repl_plugin() noexcept;

/// What to look for in the next execution, and what was seen. pcs are those of the outermost frame.
struct Capture {
    std::uint64_t begin_pc = 0; ///< first instruction of the entry
    std::uint64_t end_pc = 0;   ///< first instruction after it
    std::uint64_t last_pc = 0;  ///< the `halt` at the very end, with all registers on the stack
    std::int64_t gas_after = 0; ///< of the gas in the outermost frame, what is not the entry's
    bool trace = false;         ///< collect `lines`

    bool reached = false; ///< the entry ran to its end; the members below are set
    std::vector<std::uint64_t> stack;
    std::array<std::uint64_t, native::register_count> registers{};
    Bytes memory;
    std::vector<std::string> lines; ///< an instruction each: name, gas left and stack before it
    std::uint64_t left_out = 0;     ///< lines beyond the bound
};

/// The one of this process; begin() of the tracer leaves what to look for alone.
[[nodiscard]] Capture& capture() noexcept;

} // namespace rvm::host::repl
