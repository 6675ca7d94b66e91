// Where code comes from.
#pragma once

#include <string>

#include "verbs/text.hpp"

namespace rvm::evm {

/// A file's bytes, or standard input's for "-". Throws VerbError.
[[nodiscard]] std::string read_file(const rvm_command_io& io, const std::string& name);

/// Code from what the command line names: hex digits themselves, else a file or standard input that holds hex digits, a
/// compiler's JSON or bytes. `deployed`: of a compiler's output, the code that stands on the chain rather than what
/// creates it.
[[nodiscard]] Bytes load_code(const rvm_command_io& io, const std::string& source, bool deployed);

/// What a file's content is as code; `origin` names it in messages.
[[nodiscard]] Bytes code_of_content(const std::string& content, const std::string& origin, bool deployed);

} // namespace rvm::evm
