// Opcodes that only the virtual machine of mini_vm.cpp has, in slots that Ethereum leaves free.
#pragma once

#include <cstdint>

namespace rvm::test {

enum MiniOpcode : std::uint8_t {
    NONCE = 0xb0,   ///< of an address
    ACCESS = 0xb1,  ///< 1 when the slot was warm; warms it
    FOREIGN = 0xb2, ///< reads slot 0 of an address, which no host allows
};

} // namespace rvm::test
