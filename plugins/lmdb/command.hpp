// The verb `rvm lmdb`: facts about the deployment's store, and its compact form.
#pragma once

#include <rvm/plugin.h>

#include "engine.hpp"

namespace rvm::lmdb {

/// `rvm lmdb info|compact|check`. Returns the exit status; throws sdk::Failure.
[[nodiscard]] std::int32_t run_command(Engine& engine, const rvm_command_io& io, std::int32_t argc,
                                       const char* const* argv);

} // namespace rvm::lmdb
