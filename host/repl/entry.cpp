#include "repl/entry.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "native/lexer.hpp"
#include "native/opcodes.hpp"

namespace rvm::host::repl {

namespace {

using native::Token;
using native::TokenKind;

std::vector<Token> tokens_of(std::string_view text) {
    Report ignored; // what is no token is the assembler's to report
    native::Diagnostics diagnostics{text, {}, ignored};
    native::Lexer lexer{text, diagnostics};
    std::vector<Token> tokens;
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next())
        tokens.push_back(std::move(token));
    return tokens;
}

/// Whether what this token begins goes on.
bool joins(const Token& token) {
    return token.is(",") || token.is("=") || token.is("+") || token.is("-") || token.is("->") || token.is("[");
}

bool is_jump(std::string_view word) {
    const int byte = native::find_opcode(word);
    if (byte < 0) return false;
    const auto immediate = native::op_info(static_cast<native::Op>(byte)).immediate;
    return immediate == native::Immediate::label;
}

/// Labels that are defined and labels that are jumped to, both once.
struct Labels {
    std::set<std::string_view> defined, wanted;
};

Labels labels_of(const std::vector<Token>& tokens) {
    Labels labels;
    bool in_table = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        if (token.is_name("jumptable")) in_table = true;
        if (token.kind != TokenKind::name) continue;
        const bool after_jump = i > 0 && tokens[i - 1].kind == TokenKind::name && is_jump(tokens[i - 1].text);
        if (i + 1 < tokens.size() && tokens[i + 1].is(":"))
            labels.defined.insert(token.text);
        else if (after_jump)
            labels.wanted.insert(token.text);
        else if (in_table && !token.is_name("jumptable") && !token.is_name("else"))
            labels.wanted.insert(token.text);
        if (in_table && i > 0 && tokens[i - 1].is_name("else")) in_table = false;
    }
    return labels;
}

void refuse(Report& report, std::string_view name, const Token& token, std::string_view line) {
    Finding& finding = report.error(ErrorCode::asm_syntax, std::string{name},
                                    fmt::format("{}:{}", token.place.line, token.place.column),
                                    fmt::format("{} has no meaning in a session", token.text));
    finding.expected = "instructions, func, const, data, space or import";
    finding.found = token.text;
    finding.snippet = fmt::format("  {} | {}", token.place.line, line);
}

} // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

Entry split_entry(std::string_view text, std::string_view name, Report& report) {
    Entry entry;
    const auto tokens = tokens_of(text);
    std::vector<Line>* target = &entry.instructions; // where instructions go
    std::vector<Line>* declaration = nullptr;        // the one that goes on with this line
    const auto lines = lines_of(text);
    auto token = tokens.begin();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto number = static_cast<std::uint32_t>(i + 1);
        const auto first = token;
        while (token != tokens.end() && token->place.line == number)
            ++token;
        const Line line{std::string{lines[i]}, number};
        if (first == token) continue; // nothing but a comment
        std::vector<Line>* place = target;
        const auto second = std::next(first);
        if (declaration != nullptr) {
            place = declaration;
        } else if (first->is_name("const") || first->is_name("data") || first->is_name("space")) {
            place = &entry.declarations;
            if (second != token) entry.declared.emplace_back(second->text);
        } else if (first->is_name("import")) {
            place = &entry.imports;
        } else if (first->is_name("func")) {
            FunctionText& function = entry.functions.emplace_back();
            if (second != token) function.name = second->text;
            place = target = &function.lines;
        } else if (first->is_name("memory") || first->is_name("export") || first->is_name("custom") ||
                   first->kind == TokenKind::directive) {
            refuse(report, name, *first, lines[i]);
            continue;
        }
        place->push_back(line);
        declaration = place != target && joins(*std::prev(token)) ? place : nullptr;
    }
    return entry;
}

bool needs_more(std::string_view text) {
    const auto lines = lines_of(text);
    if (lines.empty()) return false;
    const std::string_view last = lines.back();
    if (last.ends_with('\\')) return true;
    const bool blank = last.find_first_not_of(" \t\r") == std::string_view::npos;
    if (blank) return false;
    const auto tokens = tokens_of(text);
    if (tokens.empty()) return false;
    if (joins(tokens.back())) return true;
    const auto opened = std::ranges::count_if(tokens, [](const Token& token) { return token.is("["); });
    const auto closed = std::ranges::count_if(tokens, [](const Token& token) { return token.is("]"); });
    if (opened > closed) return true;
    if (std::ranges::any_of(tokens, [](const Token& token) { return token.is_name("func"); })) return true;
    const Labels labels = labels_of(tokens);
    return labels.defined != labels.wanted;
}

std::string without_joints(std::string_view text) {
    std::string joined{text};
    for (std::size_t at = joined.find("\\\n"); at != std::string::npos; at = joined.find("\\\n", at))
        joined[at] = ' '; // the line break stays: places in messages are those of the lines as typed
    return joined;
}

} // namespace rvm::host::repl
