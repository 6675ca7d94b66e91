#include "native/lexer.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace rvm::native {
namespace {

constexpr std::size_t most_errors = 20;       ///< of one text; what follows is mostly a consequence
constexpr std::size_t most_shown_bytes = 160; ///< of a source line in a message

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

int digit_value(char c) noexcept {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

bool Diagnostics::enough() const noexcept { return errors_ >= most_errors; }

std::string Diagnostics::snippet(Place place) const {
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line < place.line; ++line) {
        const std::size_t end = text_.find('\n', begin);
        if (end == std::string_view::npos) return {};
        begin = end + 1;
    }
    std::string line{text_.substr(begin, text_.find('\n', begin) - begin)};
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::size_t column = place.column - 1;
    if (line.size() > most_shown_bytes) { // a window around the place
        const std::size_t first = column > most_shown_bytes / 2 ? column - most_shown_bytes / 2 : 0;
        line = line.substr(std::min(first, line.size()), most_shown_bytes);
        column -= first;
    }
    std::string blank;
    for (std::size_t i = 0; i < column && i < line.size(); ++i)
        if (line[i] == '\t')
            blank += '\t';
        else if ((static_cast<unsigned char>(line[i]) & 0xc0) != 0x80)
            blank += ' '; // one for each UTF-8 character
    const std::string number = std::to_string(place.line);
    for (char& c : line)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t') c = '?';
    return fmt::format("  {} | {}\n  {} | {}^", number, line, std::string(number.size(), ' '), blank);
}

void Diagnostics::error(ErrorCode code, Place place, std::string message, Details details) {
    if (enough()) return;
    ++errors_;
    Finding& finding =
        report_.error(code, std::string{file_}, fmt::format("{}:{}", place.line, place.column), std::move(message));
    finding.expected = std::move(details.expected);
    finding.found = std::move(details.found);
    finding.hint = std::move(details.hint);
    finding.snippet = snippet(place);
}

void Diagnostics::relocate(const Finding& finding, Place place) {
    error(finding.code, place, finding.message, {finding.expected, finding.found, finding.hint});
}

char Lexer::peek(std::size_t ahead) const noexcept { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

void Lexer::advance() noexcept {
    if (text_[at_++] == '\n') {
        ++place_.line;
        place_.column = 1;
    } else {
        ++place_.column;
    }
}

void Lexer::skip_blank() noexcept {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == ';' || (c == '/' && peek(1) == '/')) {
            while (at_ < text_.size() && text_[at_] != '\n')
                advance();
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            advance();
        } else {
            return;
        }
    }
}

Token Lexer::next() {
    for (;;) {
        skip_blank();
        Token token;
        token.place = place_;
        if (at_ == text_.size()) return token;
        const char c = text_[at_];
        if (is_digit(c)) return number(std::move(token));
        if (c == '\'') return character(std::move(token));
        if (c == '"') return string(std::move(token));
        const std::size_t begin = at_;
        if (is_letter(c) || (c == '.' && is_letter(peek(1)))) {
            token.kind = c == '.' ? TokenKind::directive : TokenKind::name;
            while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.'))
                advance();
            token.text = text_.substr(begin, at_ - begin);
            return token;
        }
        advance();
        if (std::string_view{":=,[]+-"}.find(c) != std::string_view::npos) {
            if (c == '-' && peek() == '>') advance();
            token.kind = TokenKind::mark;
            token.text = text_.substr(begin, at_ - begin);
            return token;
        }
        while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xc0) == 0x80)
            advance(); // rest of UTF-8
        const bool printable = static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
        diagnostics_.error(ErrorCode::asm_syntax, token.place, "this is no part of the assembly language",
                           {"a mnemonic, label or declaration",
                            printable ? std::string{text_.substr(begin, at_ - begin)}
                                      : fmt::format("byte {:#04x}", static_cast<unsigned char>(c)),
                            ""});
        if (diagnostics_.enough()) at_ = text_.size();
    }
}

Token Lexer::number(Token token) {
    const std::size_t begin = at_;
    unsigned base = 10;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) base = 16;
    if (peek() == '0' && (peek(1) == 'b' || peek(1) == 'B')) base = 2;
    if (base != 10) {
        advance();
        advance();
    }
    token.kind = TokenKind::number;
    bool overflow = false;
    bool wrong = false;
    std::size_t digits = 0;
    while (is_letter(peek()) || is_digit(peek())) {
        const char c = peek();
        const int digit = digit_value(c);
        advance();
        if (c == '_') continue;
        ++digits;
        if (digit < 0 || static_cast<unsigned>(digit) >= base) {
            wrong = true;
            continue;
        }
        const auto next = static_cast<std::uint64_t>(digit);
        overflow = overflow || token.value > (std::numeric_limits<std::uint64_t>::max() - next) / base;
        token.value = token.value * base + next;
    }
    token.text = text_.substr(begin, at_ - begin);
    if (wrong || digits == 0)
        diagnostics_.error(ErrorCode::asm_syntax, token.place, "this is not a number",
                           {base == 16  ? "hexadecimal digits"
                            : base == 2 ? "binary digits"
                                        : "decimal digits",
                            std::string{token.text}, ""});
    else if (overflow)
        diagnostics_.error(
            ErrorCode::asm_range, token.place, "the number does not fit 64 bits",
            {"at most 18446744073709551615", std::string{token.text}, "write wider values as data: hex \"...\""});
    return token;
}

bool Lexer::escape(std::string& out) {
    const Place place = place_;
    advance(); // the backslash
    const char c = peek();
    if (at_ < text_.size() && c != '\n') advance();
    switch (c) {
    case 'n':
        out += '\n';
        return true;
    case 't':
        out += '\t';
        return true;
    case '0':
        out += '\0';
        return true;
    case '\\':
    case '"':
    case '\'':
        out += c;
        return true;
    case 'x': {
        const int high = digit_value(peek());
        const int low = high < 0 ? -1 : digit_value(peek(1));
        if (low < 0) break;
        advance();
        advance();
        out += static_cast<char>(high * 16 + low);
        return true;
    }
    default:
        break;
    }
    diagnostics_.error(ErrorCode::asm_syntax, place, "unknown escape", {"\\n \\t \\0 \\\\ \\\" \\' or \\xNN", "", ""});
    return false;
}

Token Lexer::character(Token token) {
    const std::size_t begin = at_;
    token.kind = TokenKind::number;
    advance();
    std::string bytes;
    if (peek() == '\\')
        escape(bytes);
    else if (at_ < text_.size() && peek() != '\n' && peek() != '\'') {
        bytes += peek();
        advance();
    }
    if (bytes.size() == 1 && peek() == '\'') {
        advance();
        token.value = static_cast<unsigned char>(bytes[0]);
    } else {
        diagnostics_.error(ErrorCode::asm_syntax, token.place, "a character is one byte between quotes",
                           {"'a'", "", ""});
        while (at_ < text_.size() && peek() != '\n' && peek() != '\'')
            advance();
        if (peek() == '\'') advance();
    }
    token.text = text_.substr(begin, at_ - begin);
    return token;
}

Token Lexer::string(Token token) {
    const std::size_t begin = at_;
    token.kind = TokenKind::string;
    advance();
    while (at_ < text_.size() && peek() != '"' && peek() != '\n') {
        if (peek() == '\\') {
            escape(token.string);
        } else {
            token.string += peek();
            advance();
        }
    }
    if (at_ < text_.size() && peek() == '"')
        advance();
    else
        diagnostics_.error(ErrorCode::asm_syntax, token.place, "the string does not end on its line", {"\"", "", ""});
    token.text = text_.substr(begin, at_ - begin);
    return token;
}

} // namespace rvm::native
