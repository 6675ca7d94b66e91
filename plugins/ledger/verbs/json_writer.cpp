#include "verbs/json_writer.hpp"

#include "base/hex.hpp"
#include "u256/text.hpp"

namespace rvm::ledger {

void JsonWriter::new_line() {
    out_ += '\n';
    out_.append(depth_, ' ');
}

/// Before a value or a key.
void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!first_) out_ += ',';
    if (depth_ != 0) new_line();
    first_ = false;
}

void JsonWriter::begin(char bracket) {
    separate();
    out_ += bracket;
    ++depth_;
    first_ = true;
}

void JsonWriter::end(char bracket) {
    --depth_;
    if (!first_) new_line();
    out_ += bracket;
    first_ = false;
}

void JsonWriter::value(std::string_view text) {
    separate();
    out_ += text;
}

void JsonWriter::key(std::string_view name) {
    string(name);
    out_ += ": ";
    after_key_ = true;
}

void JsonWriter::string(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    separate();
    out_ += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (byte < 0x20) {
            out_ += "\\u00";
            out_ += digits[byte >> 4u];
            out_ += digits[byte & 15u];
        } else {
            out_ += c;
        }
    }
    out_ += '"';
}

void JsonWriter::bytes(Bytes data) { string(to_hex(data)); }

void JsonWriter::quantity(const U256& number) { string(u256::to_hex(number)); }

std::string JsonWriter::take() {
    std::string out = std::move(out_);
    *this = JsonWriter();
    return out;
}

} // namespace rvm::ledger
