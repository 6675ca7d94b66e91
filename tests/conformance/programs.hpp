// Programs at fixed addresses for the tests, as a built-in plugin.
#pragma once

#include <rvm/plugin.h>

namespace rvm::conformance {

/// 0x0101 identity: 1 gas a byte; 0x0102 five: 5 gas, returns the byte 5 under "evm/cancun", 6 under rules that are never
/// in force; 0x0103 malformed: 7 gas, RVM_TRAP_CRYPTO; 0x0104 big: returns 5000 bytes of 1.
extern const rvm_entry programs_entry;

} // namespace rvm::conformance
