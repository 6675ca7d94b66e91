// Assembly text -> Module.
#pragma once

#include "native/assembler.hpp"
#include "native/module.hpp"

namespace rvm::native {

/// Parses the whole text; what is wrong is reported and skipped to the end of its line. The result views into `text`.
[[nodiscard]] Module parse_module(std::string_view text, const MnemonicResolver& resolver, Diagnostics& diagnostics);

/// Words that begin a declaration; no import may be called so.
[[nodiscard]] bool is_keyword(std::string_view word) noexcept;

} // namespace rvm::native
