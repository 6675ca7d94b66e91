// <<name>>: the opcode <<name>>.apply, which replaces a b by a + b (modulo 2^64).
#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

// args[0] is the deepest operand, args[pops - 1] was the top of the stack; results are written from args[0] up.
rvm_status apply(const void*, rvm_frame*, rvm_word* args, std::uint64_t) noexcept {
    args[0] = args[0] + args[1];
    return RVM_OK;
}

constexpr rvm_opcode item = sdk::opcode({.id = "<<name>>.apply",
                                         .summary = "a b -> a + b",
                                         .gas = 3, // what a native ADD costs
                                         .pops = 2,
                                         .pushes = 1,
                                         .run = apply,
                                         .flags = RVM_F_PURE}); // the result depends on the operands alone

<<tail>>
