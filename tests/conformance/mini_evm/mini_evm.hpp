// A throw-away EVM under the rules "evm/cancun", written on <rvm/plugin.h> alone. It exists to shape and test the
// boundary: exact in gas order and results for the opcodes it has, short instead of fast. Not the product's EVM.
#pragma once

#include <rvm/plugin.h>

namespace rvm::conformance {

/// Format id of the mini EVM; not "evm", so that it can stand beside the real one.
inline constexpr char kMiniEvm[] = "mini-evm";

extern const rvm_entry mini_evm_entry;

} // namespace rvm::conformance
