// The custom section metadata.code.branch_hint: which way a branch mostly goes. Nothing here follows hints, but tools
// tell their authors when they are wrong.
#pragma once

#include "module.hpp"

namespace rvm::wasm {

inline constexpr std::string_view branch_hint_section = "metadata.code.branch_hint";

/// Reads the section, if there is one; there is at most one: functions ascending, in each the hints ascending, each of
/// one byte, 0 or 1, at an `if` or `br_if`. Throws ModuleError when it is otherwise; custom sections never make a
/// module invalid.
void check_branch_hints(const Module& module);

} // namespace rvm::wasm
