#include "manifest/canonical.hpp"

namespace rvm::manifest {
namespace {

void append(std::string& out, const JsonValue& value) {
    switch (value.type()) {
    case JsonValue::Type::null:
        out += "null";
        return;
    case JsonValue::Type::boolean:
        out += *value.boolean() ? "true" : "false";
        return;
    case JsonValue::Type::integer:
        out += value.integer()->text();
        return;
    case JsonValue::Type::string:
        append_json_string(out, *value.string());
        return;
    case JsonValue::Type::array: {
        out += '[';
        bool first = true;
        for (const JsonValue& item : *value.array()) {
            if (!first) out += ',';
            first = false;
            append(out, item);
        }
        out += ']';
        return;
    }
    case JsonValue::Type::object: {
        out += '{';
        bool first = true;
        for (const JsonMember& member : *value.object()) {
            if (!first) out += ',';
            first = false;
            append_json_string(out, member.key);
            out += ':';
            append(out, member.value);
        }
        out += '}';
        return;
    }
    }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\t':
            out += "\\t";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\r':
            out += "\\r";
            break;
        default:
            if (const auto byte = static_cast<unsigned char>(c); byte < 0x20) {
                out += "\\u00";
                out += digits[byte >> 4];
                out += digits[byte & 15];
            } else {
                out += c;
            }
        }
    }
    out += '"';
}

std::string canonical_json(const JsonValue& value) {
    std::string out;
    append(out, value);
    return out;
}

} // namespace rvm::manifest
