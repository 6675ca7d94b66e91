// Tracers that must not change a result: `hostile` does what an observer can do wrong, `witness` follows every change.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::determinism {

extern const rvm_entry tracers_entry;

inline constexpr char kHostile[] = "hostile"; ///< scribbles on copies, is slow, throws
inline constexpr char kWitness[] = "witness";

using Bytes20 = std::vector<std::uint8_t>;
using Limbs = std::vector<std::uint64_t>; ///< four, least significant first

/// What the witness of this thread saw in the last transaction: the net effect of the state events whose frames
/// succeeded.
struct Seen {
    struct Net {
        Limbs before, after;
    };
    /// {address, RVM_STATE_*, key}; key is empty except for slots. No transient slots.
    std::map<std::tuple<Bytes20, std::uint32_t, Limbs>, Net> net;
    std::set<Bytes20> destroyed;
    std::uint64_t logs = 0;
    std::uint64_t frames = 0, operations = 0, state_events = 0; ///< all of them, reverted or not
    std::uint64_t unbalanced = 0;                               ///< leave without its enter
};
[[nodiscard]] Seen witnessed();

} // namespace rvm::determinism
