// Syscalls and cryptographic primitives of other plugins as functions of the module `rvm`: each by its stable id, with
// one type: (input, size, output, room) -> bytes written.
#pragma once

#include "hosts/host.hpp"

namespace rvm::wasm::hosts {

inline constexpr const char* item_signature = "iiii.i";

/// A granted item, as a host function reaches it.
struct GrantedItem {
    rvm_syscall_ref syscall{};
    const rvm_crypto* crypto = nullptr;
};

/// data is a `const GrantedItem*`.
Trap call_syscall(Context& context, Cell* window, std::uint64_t data) noexcept;
Trap call_crypto(Context& context, Cell* window, std::uint64_t data) noexcept;

} // namespace rvm::wasm::hosts
