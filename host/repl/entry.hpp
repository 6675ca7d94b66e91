// What a user types at `rvm repl`: when it is complete, and which of its lines are declarations, functions,
// instructions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/report.hpp>

namespace rvm::host::repl {

/// One line of assembly and where it stood.
struct Line {
    std::string text;
    std::uint32_t number = 0; ///< in the entry, from 1; 0: none of the user's
};

struct FunctionText {
    std::string name;
    std::vector<Line> lines; ///< from `func` on
};

/// An entry taken apart by lines: a declaration stands on lines of its own.
struct Entry {
    std::vector<Line> declarations; ///< const, data, space
    std::vector<Line> imports;
    std::vector<std::string> declared; ///< names that `declarations` define
    std::vector<Line> instructions;
    std::vector<FunctionText> functions;
};

/// The lines of a text without their line breaks; they point into it.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

/// Takes an entry apart. Findings for what has no meaning in a session: memory, export, custom, directives.
[[nodiscard]] Entry split_entry(std::string_view text, std::string_view name, Report& report);

/// Whether more lines must follow: the last one ends in a backslash, a comma or inside brackets, a function is open (an
/// empty line ends it), or a label is wanted or not used yet (likewise). `text` has the lines so far, each with its
/// line break.
[[nodiscard]] bool needs_more(std::string_view text);

/// The text without the backslashes that join lines.
[[nodiscard]] std::string without_joints(std::string_view text);

} // namespace rvm::host::repl
