// Names, numbers and bytes as they are written in assembly text.
#include <fmt/format.h>

#include "native/limits.hpp"
#include "native/parser_state.hpp"

namespace rvm::native {

bool Parser::name(Use& out, std::string_view what) {
    if (token_.kind != TokenKind::name) return expected(std::string{what});
    out = {token_.text, token_.place};
    if (!is_identifier(token_.text))
        return fail(ErrorCode::asm_range, token_.place, "the name is too long",
                    {fmt::format("at most {} characters", max_name_bytes), std::to_string(token_.text.size()), ""});
    advance();
    return true;
}

bool Parser::text(std::string& out, std::string_view what) {
    if (token_.kind != TokenKind::string) return expected(fmt::format("{} in quotes", what));
    if (token_.string.size() > max_name_bytes)
        return fail(ErrorCode::asm_range, token_.place, "the text is too long",
                    {fmt::format("at most {} bytes", max_name_bytes), std::to_string(token_.string.size()), ""});
    out = token_.string;
    advance();
    return true;
}

/// number, name, or sums and differences of them
bool Parser::expression(std::vector<Term>& out) {
    bool negative = false;
    for (;;) {
        const Place begin = token_.place;
        while (token_.is("-") || (out.empty() && token_.is("+"))) {
            negative = token_.is("-") ? !negative : negative;
            advance();
        }
        if (token_.kind != TokenKind::number && token_.kind != TokenKind::name)
            return expected("a number or the name of a constant");
        Term term;
        term.place = begin;
        term.negative = negative;
        if (token_.kind == TokenKind::number)
            term.value = token_.value;
        else
            term.name = token_.text;
        out.push_back(term);
        advance();
        negative = token_.is("-");
        if (!token_.is("+") && !negative) return true;
        advance();
    }
}

/// A value that must be known here, as a word.
bool Parser::value(std::uint64_t& out) {
    std::vector<Term> terms;
    if (!expression(terms)) return false;
    out = 0;
    for (const Term& term : terms) {
        std::uint64_t summand = term.value;
        if (!term.name.empty()) {
            const auto found = module_.constants.find(term.name);
            if (found == module_.constants.end())
                return fail(ErrorCode::asm_unknown_name, term.place, fmt::format("unknown constant {}", term.name),
                            {"a constant or datum defined above", std::string{term.name}, ""});
            summand = found->second;
        }
        out = term.negative ? out - summand : out + summand;
    }
    return true;
}

bool Parser::value(std::uint64_t& out, std::uint64_t max, std::string_view what) {
    const Place place = token_.place;
    if (!value(out)) return false;
    return out <= max || fail(ErrorCode::asm_range, place, fmt::format("{} is out of range", what),
                              {fmt::format("0 to {}", max), std::to_string(out), ""});
}

bool Parser::define(const Use& use, std::uint64_t word) {
    if (module_.constants.emplace(use.name, word).second) return true;
    return fail(ErrorCode::asm_duplicate, use.place, fmt::format("{} is defined twice", use.name));
}

bool Parser::data_items(Bytes& out) {
    do {
        const std::size_t before = out.size();
        if (!data_item(out)) return false;
        data_bytes_ += out.size() - before;
        if (data_bytes_ > max_container_bytes) // of all data together: a short text can ask for much
            return fail(ErrorCode::asm_range, token_.place, "the data of the program is too long",
                        {fmt::format("at most {} bytes", max_container_bytes), std::to_string(data_bytes_), ""});
    } while (accept(","));
    return true;
}

bool Parser::data_item(Bytes& out) {
    if (token_.kind == TokenKind::string) {
        out.insert(out.end(), token_.string.begin(), token_.string.end());
        advance();
        return true;
    }
    std::uint64_t word = 0;
    if (accept_name("hex")) return hex(out);
    if (accept_name("word")) {
        if (!value(word)) return false;
        for (unsigned shift = 0; shift < 64; shift += 8)
            out.push_back(static_cast<std::uint8_t>(word >> shift));
        return true;
    }
    if (accept_name("u256")) {
        if (!value(word)) return false;
        out.insert(out.end(), 24, 0);
        for (int shift = 56; shift >= 0; shift -= 8)
            out.push_back(static_cast<std::uint8_t>(word >> shift));
        return true;
    }
    if (accept_name("zero")) {
        if (!value(word, max_container_bytes, "number of zeros")) return false;
        out.insert(out.end(), static_cast<std::size_t>(word), 0);
        return true;
    }
    const Place place = token_.place;
    if (!value(word)) return false;
    const auto number = static_cast<std::int64_t>(word);
    if (number < -128 || number > 255)
        return fail(ErrorCode::asm_range, place, "a plain number in data is one byte",
                    {"-128 to 255", std::to_string(number), "write `word N` for eight bytes"});
    out.push_back(static_cast<std::uint8_t>(word));
    return true;
}

bool Parser::hex(Bytes& out) {
    if (token_.kind != TokenKind::string) return expected("hexadecimal digits in quotes");
    std::string digits = token_.string;
    std::erase_if(digits, [](char c) { return c == ' ' || c == '_'; });
    const auto bytes = from_hex(digits);
    if (!bytes) return expected("an even number of hexadecimal digits", "this is not a sequence of bytes");
    out.insert(out.end(), bytes->begin(), bytes->end());
    advance();
    return true;
}

} // namespace rvm::native
