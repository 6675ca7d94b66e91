// Constant expressions (core specification 3.3.10): initial values of globals, tables, offsets, elements.
#pragma once

#include <functional>

#include "module.hpp"
#include "reader.hpp"

namespace rvm::wasm {

/// Checks the expression at the reader, up to and with its `end`, and returns where it is. `on_function` is told of
/// every function that ref.func names. Throws ModuleError.
Range check_constant(Reader& body, const Module& module, ValueType expected,
                     const std::function<void(std::uint32_t)>& on_function);

} // namespace rvm::wasm
