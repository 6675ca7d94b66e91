// Names of environment words ("block.number") to handles: interned once per process, so that a plugin resolves a name
// at link time and programs read by index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <rvm/plugin.h>

namespace rvm::runtime {

/// Most environment words a process can know; bounds the array every execution carries.
constexpr std::uint32_t kMaxEnvKeys = RVM_ENV_LIMIT;

/// Handle of `name`, the same for the life of the process; UINT32_MAX when kMaxEnvKeys names exist. Thread-safe.
[[nodiscard]] std::uint32_t env_key(std::string_view name);
/// The name of a handle that env_key() gave out; empty for another. Thread-safe.
[[nodiscard]] std::string env_name(std::uint32_t key);
/// Number of handles given out so far. Thread-safe.
[[nodiscard]] std::uint32_t env_key_count() noexcept;

} // namespace rvm::runtime
