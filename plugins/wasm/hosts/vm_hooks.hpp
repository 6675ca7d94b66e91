// The import module `vm_hooks`: the functions of Stylus contracts (Arbitrum Nitro's user host), and the older names
// that its SDK for C uses. Addresses have 20 bytes, values 32, big-endian.
#pragma once

#include <span>

#include "hosts/host.hpp"

namespace rvm::wasm::hosts {

/// One name may stand there with two types.
[[nodiscard]] std::span<const Function> vm_hooks_functions() noexcept;

} // namespace rvm::wasm::hosts
