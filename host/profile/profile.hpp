// Where gas and time go: a tree of frames, and below each the places in its code that spent them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "program/machine.hpp"

namespace rvm::host::profiling {

/// The observer as a built-in plugin, for Session::builtins. One execution at a time.
[[nodiscard]] const rvm_entry* profile_plugin() noexcept;
inline constexpr const char* profile_tracer = "rvm.host/profile";

struct Spent {
    std::uint64_t gas = 0;
    std::uint64_t nanoseconds = 0; ///< of the traced loop, which is slower than the one without a tracer
    std::uint64_t count = 0;       ///< frames entered, or instructions executed
};

/// A frame's code with what it was called for, or a place in it: a function, a source line or an instruction, as
/// exactly as the format can say it.
struct Node {
    std::string name;
    Spent total; ///< with everything below
    std::vector<Node> children; ///< the most gas first
};

/// What the last execution of the session spent. `machine` is where the code is found.
[[nodiscard]] Node last_profile(Session& session, Machine& machine);

/// The leaves of the tree by name, the most gas first.
[[nodiscard]] std::vector<Node> by_place(const Node& root);

} // namespace rvm::host::profiling
