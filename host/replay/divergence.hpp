// Where a replay stopped being what was recorded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::replay {

/// An instruction as a report shows it.
struct Place {
    std::size_t execution = 0; ///< from 0, over all worlds; filled in where a place outlives its execution
    std::uint64_t step = 0; ///< of its execution, from 0
    std::uint64_t pc = 0;
    std::uint32_t opcode = 0, depth = 0;
    std::int64_t gas = 0, cost = 0; ///< before it; of it
    std::string format, name;
    std::string plugin; ///< whose code ran it; empty: unknown
    std::string source; ///< "fib, byte 31", "sum.rasm:3": the format's own words; empty: unknown
    rvm_address address{};
    std::optional<rvm_address> code; ///< account whose code it is; none: init code
};

/// One line of the window around the place.
struct Line {
    std::optional<std::uint64_t> step; ///< of an instruction
    std::string text;
    bool differs = false;
};

struct Divergence {
    std::size_t execution = 0;  ///< from 0, over all worlds
    std::string stage;          ///< "execution", or what was done to the world: "begin", "set_code", "end", ...
    std::optional<Place> place; ///< the instruction whose effect differs; none: before the first or without steps
    std::string what;           ///< "stack", "memory", "gas", "pc", ...
    std::string recorded, replayed; ///< both values
    std::vector<Line> recorded_window, replayed_window;
};

} // namespace rvm::replay
