// Runs the body of a verb and reports what it throws as the host reports its own findings.
#ifndef RVM_VERB_RUN_HPP
#define RVM_VERB_RUN_HPP

#include <cstdint>
#include <functional>
#include <string_view>

#include <rvm/plugin.h>

#include "verb/error.hpp"

namespace rvm::verb {

/// "error RVM-U01: text" on the error stream. Never throws: without memory for the text it says less.
void say(const rvm_command_io& io, Fault fault, std::string_view text) noexcept;

/// The same, and with RVM_IO_JSON the document {"exit", "findings": [{"code", "severity",
/// "message"}]} on the other stream. Returns the exit status of `fault`.
[[nodiscard]] std::int32_t report(const rvm_command_io& io, Fault fault, std::string_view text) noexcept;

/// The exit status of `body`, or of what it threw, reported: an Error by its fault, all else as internal.
[[nodiscard]] std::int32_t run(const rvm_command_io& io, const std::function<std::int32_t()>& body) noexcept;

} // namespace rvm::verb

#endif
