// The way from the middle of a translated block back to the stack as the EVM knows it.
#pragma once

#include "hot/program.hpp"

namespace rvm::evm::hot {

struct Recovered {
    std::uint32_t position; ///< of the opcode behind the one that instruction `index` belongs to
    U256* sp;               ///< nullptr: no memory
};

/// Puts every word where the stack wants it, as it is behind the opcode of instruction `index`. Rare (a frame that is
/// about to run out of gas), so nothing is kept for it: the block is translated again up to that opcode.
[[nodiscard]] Recovered recover(const Program& program, std::size_t index, U256* base) noexcept;

} // namespace rvm::evm::hot
