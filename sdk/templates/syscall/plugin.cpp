// <<name>>: the syscall <<name>>.reverse, which answers with its input backwards.
#include <algorithm>

#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

constexpr std::uint64_t largest = 4096; // bytes of an answer; the host never asks for more

// `input` and `output` never overlap. [frame]
rvm_status reverse(const void*, rvm_frame*, rvm_view input, rvm_span output, std::uint64_t* output_size) noexcept {
    if (input.size > output.size) return RVM_TRAP_LIMIT;
    std::ranges::reverse_copy(sdk::bytes(input), output.data);
    *output_size = input.size;
    return RVM_OK;
}

// The host charges this from its own copy before the syscall runs: 20, and 3 for every 32 bytes of input.
constexpr rvm_gas_schedule price = sdk::gas(20, 3, 32);

constexpr rvm_syscall item = sdk::syscall({.id = "<<name>>.reverse",
                                           .summary = "bytes -> bytes backwards",
                                           .gas = &price,
                                           .max_output = largest,
                                           .run = reverse,
                                           .flags = RVM_F_PURE}); // the answer depends on the input alone

<<tail>>
