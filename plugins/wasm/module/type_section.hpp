// The type section: function types and their identity.
#pragma once

#include "module.hpp"
#include "reader.hpp"

namespace rvm::wasm {

/// Reads the section into types, type_pool, type_first and type_ids.
void read_type_section(Reader& body, Module& module);

} // namespace rvm::wasm
