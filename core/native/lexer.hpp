// Words of assembly text, and messages that point at them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <rvm/report.hpp>

namespace rvm::native {

/// A place in the text; both count from 1, columns in bytes.
struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

/// Collects errors of one text, each with its source line and a caret.
class Diagnostics {
  public:
    Diagnostics(std::string_view text, std::string_view file, Report& report)
        : text_(text), file_(file), report_(report) {}

    struct Details {
        std::string expected;
        std::string found;
        std::string hint;
    };
    void error(ErrorCode code, Place place, std::string message, Details details);
    /// Moves a finding of the verifier to a place in the text.
    void relocate(const Finding& finding, Place place);

    [[nodiscard]] bool ok() const noexcept { return errors_ == 0; }
    /// Further errors would tell nothing new.
    [[nodiscard]] bool enough() const noexcept;

  private:
    [[nodiscard]] std::string snippet(Place place) const;

    std::string_view text_;
    std::string_view file_;
    Report& report_;
    std::size_t errors_ = 0;
};

enum class TokenKind : std::uint8_t {
    name,      ///< letter or '_', then letters, digits, '_', '.'
    directive, ///< '.' and a name
    number,    ///< 64 bits, as written: 10, 0xff, 0b101, 'a'; '_' separates digits
    string,    ///< "..." with \n \t \0 \\ \" \xNN
    mark,      ///< one of : = , [ ] + - or ->
    end
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::string_view text;   ///< as written
    std::uint64_t value = 0; ///< number
    std::string string;      ///< string: its bytes
    Place place;

    [[nodiscard]] bool is(std::string_view mark) const noexcept { return kind == TokenKind::mark && text == mark; }
    [[nodiscard]] bool is_name(std::string_view name) const noexcept { return kind == TokenKind::name && text == name; }
};

/// Splits text into tokens. `;` and `//` begin comments that end with the line; white space only separates.
class Lexer {
  public:
    Lexer(std::string_view text, Diagnostics& diagnostics) : text_(text), diagnostics_(diagnostics) {}
    /// The next token; `end` for ever after the last. What is no token is reported and skipped.
    Token next();

  private:
    void skip_blank() noexcept;
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept;
    void advance() noexcept;
    Token number(Token token);
    Token character(Token token);
    Token string(Token token);
    bool escape(std::string& out);

    std::string_view text_;
    Diagnostics& diagnostics_;
    std::size_t at_ = 0;
    Place place_;
};

} // namespace rvm::native
