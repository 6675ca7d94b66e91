// The type section: function types and their identity.
#pragma once

#include "module.hpp"
#include "reader.hpp"

namespace rvm::wasm {

/// Reads the section into types, type_pool, type_first and type_ids.
void read_type_section(Reader& body, Module& module);

/// Id of a function type of the environment; no type indices in it.
[[nodiscard]] TypeId function_type_id(TypeSpace& space, std::span<const ValueType> parameters,
                                      std::span<const ValueType> results);

} // namespace rvm::wasm
