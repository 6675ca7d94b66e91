// The import module `rvm`: what a program asks of its frame and of the world.
#pragma once

#include <span>

#include "hosts/host.hpp"

namespace rvm::wasm::hosts {

[[nodiscard]] std::span<const Function> rvm_functions() noexcept;

/// `create` and, with a format's id after a dot, `create.evm`; data is the id or null.
inline constexpr const char* create_signature = "iiiii.i";
Trap create(Context& context, Cell* window, std::uint64_t format) noexcept;

} // namespace rvm::wasm::hosts
