#include "native/parser.hpp"

#include <algorithm>
#include <array>

#include "native/parser_state.hpp"

namespace rvm::native {
namespace {

constexpr std::array<std::string_view, 8> words{"func",   "const",  "data",   "space",
                                                "memory", "import", "export", "custom"};

} // namespace

std::span<const std::string_view> keywords() noexcept { return words; }

bool is_keyword(std::string_view word) noexcept { return std::ranges::find(words, word) != words.end(); }

std::string described(const Token& token) {
    switch (token.kind) {
    case TokenKind::end:
        return "the end of the text";
    case TokenKind::string:
        return "a string";
    default:
        return std::string{token.text};
    }
}

Parser::Parser(std::string_view text, const MnemonicResolver& resolver, Diagnostics& diagnostics)
    : lexer_(text, diagnostics), resolver_(resolver), diagnostics_(diagnostics) {
    advance();
    advance();
}

Module Parser::run() {
    while (token_.kind != TokenKind::end && !diagnostics_.enough())
        if (!statement()) recover();
    return std::move(module_);
}

void Parser::advance() {
    token_ = std::move(ahead_);
    ahead_ = lexer_.next();
}

/// Skips the rest of the line on which something was wrong.
void Parser::recover() {
    const std::uint32_t line = token_.place.line;
    while (token_.kind != TokenKind::end && token_.place.line == line)
        advance();
}

bool Parser::fail(ErrorCode code, Place place, std::string message, Diagnostics::Details details) {
    diagnostics_.error(code, place, std::move(message), std::move(details));
    return false;
}

bool Parser::expected(std::string what, std::string message) {
    return fail(ErrorCode::asm_syntax, token_.place, std::move(message), {std::move(what), described(token_), ""});
}

bool Parser::accept(std::string_view mark) {
    if (!token_.is(mark)) return false;
    advance();
    return true;
}

bool Parser::accept_name(std::string_view name) {
    if (!token_.is_name(name)) return false;
    advance();
    return true;
}

bool Parser::statement() {
    if (token_.kind == TokenKind::directive) return directive();
    if (token_.kind != TokenKind::name) return expected("a mnemonic, label or declaration");
    if (ahead_.is(":")) return label();
    if (token_.text == "func") return function();
    if (token_.text == "const") return constant();
    if (token_.text == "data") return data();
    if (token_.text == "space") return space();
    if (token_.text == "memory") return memory();
    if (token_.text == "import") return import();
    if (token_.text == "export") return export_name();
    if (token_.text == "custom") return custom();
    return instruction();
}

Module parse_module(std::string_view text, const MnemonicResolver& resolver, Diagnostics& diagnostics) {
    return Parser{text, resolver, diagnostics}.run();
}

} // namespace rvm::native
