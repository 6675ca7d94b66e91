// An entry of `rvm repl` as a program: it begins with what the session keeps and ends where that can be seen.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "repl/entry.hpp"
#include "repl/kept.hpp"

namespace rvm::host::repl {

/// A container that runs an entry.
struct EntryProgram {
    Bytes bytes;
    std::uint64_t begin_pc = 0;                                ///< as in Capture
    std::uint64_t end_pc = UINT64_MAX, last_pc = UINT64_MAX; ///< likewise; so when nothing reaches its end
    std::int64_t gas_before = 0; ///< what restoring stack, registers and memory costs
    std::int64_t gas_after = 0;  ///< what showing the registers costs
    /// The definitions after it: to be kept when it succeeds.
    std::map<std::string, std::uint64_t> constants;
    std::uint64_t data_end = 0;
    std::vector<std::string> imports;
    std::vector<FunctionText> functions;
};

/// Assembles `text`, called `name` in messages, on top of `kept`. Messages show the lines of the entry. Nullopt with
/// findings.
[[nodiscard]] std::optional<EntryProgram> make_program(Session& session, const Kept& kept, const std::string& text,
                                                       const std::string& name, Report& report);

} // namespace rvm::host::repl
