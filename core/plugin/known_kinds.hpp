// The contribution kinds of this ABI.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include <rvm/plugin.h>

namespace rvm::plugin {

inline constexpr std::array<std::string_view, 10> known_kinds{
    RVM_KIND_OPCODE,  RVM_KIND_SYSCALL, RVM_KIND_CRYPTO,  RVM_KIND_PROGRAM, RVM_KIND_FORMAT,
    RVM_KIND_STORAGE, RVM_KIND_TRACER,  RVM_KIND_SERVICE, RVM_KIND_COMMAND, RVM_KIND_INTERFACE};

[[nodiscard]] constexpr bool is_known_kind(std::string_view kind) noexcept {
    return std::ranges::find(known_kinds, kind) != known_kinds.end();
}

} // namespace rvm::plugin
