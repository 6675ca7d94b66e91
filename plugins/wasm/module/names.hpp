// Names for people: of functions and instructions, in traces, messages and listings.
#pragma once

#include <cstdint>
#include <string>

#include "module/module.hpp"

namespace rvm::wasm {

/// From the name section, else the function's export or import, else "function 7". A broken name section names nothing.
[[nodiscard]] std::string function_name(const Module& module, std::uint32_t function);

/// The function whose body holds this byte of the module; UINT32_MAX: none.
[[nodiscard]] std::uint32_t function_at(const Module& module, std::uint64_t offset) noexcept;

} // namespace rvm::wasm
