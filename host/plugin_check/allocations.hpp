// A plugin's own calls to the allocator, made to fail when told so.
#pragma once

#include <cstddef>
#include <string_view>

#include "plugin_check/tap.hpp"

namespace rvm::host {

/// Decides about the allocations of the plugins given to tap_allocations().
[[nodiscard]] Saboteur& allocation_saboteur() noexcept;

/// Redirects what the loaded library of a plugin calls of the C and C++ allocation functions; the libraries that it
/// uses are left alone. For a child process: it cannot be undone. Returns how many imports were redirected; 0: it
/// allocates nothing itself, or there is no such library.
std::size_t tap_allocations(std::string_view plugin_id);

} // namespace rvm::host
