// The vector instructions (core specification 4.3) as leaves: two cells a v128, lane 0 in the lowest bits.
#pragma once

#include "engine/context.hpp"
#include "module/opcodes.hpp"

namespace rvm::wasm::vectors {

/// The leaf of a vector instruction other than v128.load, v128.store, v128.const. Its immediate is the lane, or for
/// accesses hooks::pack_access(). i8x16.shuffle takes its lanes as a third operand.
[[nodiscard]] engine::LeafFunction operation(Op op) noexcept;

} // namespace rvm::wasm::vectors
