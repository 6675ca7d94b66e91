// The state file: a world kept between calls (program/alloc.hpp).
#pragma once

#include <string>

#include "cli/io.hpp"
#include "program/alloc.hpp"

namespace rvm::host {

/// Loads the accounts of `file` into an empty world. Throws Failure: the file and JSON pointer of what is wrong.
void load_state(Io& io, const std::string& file, bool must_exist, StateForm form, Runtime& runtime, World& world);
/// Replaces `file` by the accounts of `world`, all or nothing.
void save_state(const std::string& file, World& world);

} // namespace rvm::host
