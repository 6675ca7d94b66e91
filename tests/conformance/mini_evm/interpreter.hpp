// One frame of the mini EVM.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::conformance::mini_evm {

/// The host interfaces, resolved once at creation.
struct Host {
    const rvm_host_vm* vm;
    const rvm_host_state* state;
    std::uint32_t number; ///< env key of block.number
};

/// What compile() makes of code: where a JUMP may land.
struct Analysis {
    std::vector<bool> jump_destinations;
};

constexpr std::uint64_t kStackLimit = 1024; // yellow paper 9.1

/// Format-owned memory of one depth: see rvm_frame.scratch.
struct Scratch {
    rvm_u256 stack[kStackLimit];
    std::uint8_t* memory;
    std::uint64_t capacity;
};

/// Code that begins so is another format's: the rule set maps the prefix, in init code and in deployed code. The
/// first byte is STOP to the EVM, so nothing useful is lost. (A real rule set does this for Stylus programs, 0xeff000.)
inline constexpr std::string_view kToyPrefix{"\0toy", 4};
inline constexpr char kToyFormat[] = "toy";
inline bool has_prefix(rvm_view code, std::string_view prefix) {
    return std::string_view(reinterpret_cast<const char*>(code.data), code.size).starts_with(prefix);
}

Analysis analyze(rvm_view code);
/// As rvm_format.create_address.
void create_address(const void* self, const rvm_address* creator, std::uint64_t nonce, const rvm_bytes32* salt,
                    rvm_view init_code, rvm_address* out);
rvm_status run(const Host& host, const Analysis& code, rvm_frame& frame, rvm_result& result);

} // namespace rvm::conformance::mini_evm
