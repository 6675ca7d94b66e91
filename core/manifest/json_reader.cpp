#include "manifest/json_reader.hpp"

#include <algorithm>
#include <charconv>

#include "base/bytes.hpp"

namespace rvm::manifest {
namespace {

std::string range_text(std::uint64_t lowest, std::uint64_t highest) {
    return "an integer from " + std::to_string(lowest) + " to " + std::to_string(highest);
}

/// "0x" and 1 to 16 hex digits.
std::optional<std::uint64_t> hex_integer(std::string_view text) {
    constexpr std::size_t most_digits = 16;
    if (!text.starts_with("0x")) return std::nullopt;
    text.remove_prefix(2);
    if (text.empty() || text.size() > most_digits) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string word_list(std::span<const std::string_view> words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i != 0) out += i + 1 == words.size() ? " or " : ", ";
        out.append("\"").append(words[i]).append("\"");
    }
    return out;
}

} // namespace

void JsonContext::add(Severity severity, ErrorCode code, std::string pointer, std::string message, std::string expected,
                      std::string found, std::string hint) {
    if (severity == Severity::error) {
        failed_ = true;
        if (full()) return;
        ++errors_;
    }
    report_.add({.code = code,
                 .severity = severity,
                 .file = file_,
                 .where = std::move(pointer),
                 .message = std::move(message),
                 .expected = std::move(expected),
                 .found = std::move(found),
                 .hint = std::move(hint),
                 .plugin = plugin_});
}

void JsonContext::error(ErrorCode code, std::string pointer, std::string message, std::string expected,
                        std::string found, std::string hint) {
    add(Severity::error, code, std::move(pointer), std::move(message), std::move(expected), std::move(found),
        std::move(hint));
}

void JsonContext::warning(ErrorCode code, std::string pointer, std::string message, std::string expected,
                          std::string found, std::string hint) {
    add(Severity::warning, code, std::move(pointer), std::move(message), std::move(expected), std::move(found),
        std::move(hint));
}

void wrong_type(JsonContext& context, const JsonValue& value, const std::string& pointer, std::string_view expected) {
    // Scalars are shown, arrays and objects only named.
    std::string found{value.type_name()};
    if (value.array() == nullptr && value.object() == nullptr && value.type() != JsonValue::Type::null)
        found = shown(value);
    context.error(ErrorCode::json_wrong_type, pointer, "the value has the wrong type", std::string{expected}, found);
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
    constexpr std::size_t longest_typing_error = 64; // edit distance is quadratic
    if (word.size() > longest_typing_error) return {};
    const std::string near = nearest(word, candidates);
    return near.empty() ? std::string{} : "did you mean \"" + near + "\"?";
}

std::optional<std::string> read_text(JsonContext& context, const JsonValue& value, const std::string& pointer,
                                     const TextRule& rule) {
    const std::string* text = value.string();
    if (text == nullptr) {
        wrong_type(context, value, pointer, "a string");
        return std::nullopt;
    }
    // A text that has a form of its own is judged by that form first: its message says more.
    if (rule.valid != nullptr && !rule.valid(*text)) {
        context.error(rule.code, pointer, "the text is malformed", std::string{rule.expected}, shown(value));
        return std::nullopt;
    }
    if (text->size() < rule.least || text->size() > rule.most) {
        context.error(ErrorCode::json_out_of_range, pointer, "the text has a wrong length",
                      std::to_string(rule.least) + " to " + std::to_string(rule.most) + " bytes",
                      std::to_string(text->size()) + " bytes");
        return std::nullopt;
    }
    return *text;
}

std::optional<std::uint64_t> read_integer(JsonContext& context, const JsonValue& value, const std::string& pointer,
                                          std::uint64_t lowest, std::uint64_t highest) {
    std::optional<JsonInteger> number;
    if (const JsonInteger* integer = value.integer()) number = *integer;
    if (const std::string* text = value.string())
        if (const auto hex = hex_integer(*text)) number = JsonInteger{false, *hex};
    if (!number) {
        const std::string expected = range_text(lowest, highest);
        if (value.string() != nullptr && value.string()->starts_with("0x"))
            context.error(ErrorCode::json_out_of_range, pointer, "the hex number is malformed or does not fit",
                          expected, shown(value));
        else
            wrong_type(context, value, pointer, expected);
        return std::nullopt;
    }
    if (number->negative || number->magnitude < lowest || number->magnitude > highest) {
        context.error(ErrorCode::json_out_of_range, pointer, "the number is outside its range",
                      range_text(lowest, highest), number->text());
        return std::nullopt;
    }
    return number->magnitude;
}

std::optional<std::size_t> read_word(JsonContext& context, const JsonValue& value, const std::string& pointer,
                                     std::span<const std::string_view> words) {
    const std::string* text = value.string();
    if (text == nullptr) {
        wrong_type(context, value, pointer, word_list(words));
        return std::nullopt;
    }
    const auto at = std::ranges::find(words, *text);
    if (at == words.end()) {
        context.error(ErrorCode::json_bad_value, pointer, "the word is not one of those allowed", word_list(words),
                      shown(value), suggestion(*text, words));
        return std::nullopt;
    }
    return static_cast<std::size_t>(at - words.begin());
}

ObjectReader::ObjectReader(JsonContext& context, const JsonValue& value, std::string pointer)
    : context_(context), value_(value), pointer_(std::move(pointer)) {
    if (value_.object() == nullptr) wrong_type(context_, value_, pointer_, "an object");
}

const JsonValue* ObjectReader::any(std::string_view key, Need need) {
    known_.push_back(key);
    const JsonValue* value = value_.find(key);
    if (value == nullptr && need == Need::required && value_.object() != nullptr)
        context_.error(ErrorCode::json_missing_key, pointer_, "the key \"" + std::string{key} + "\" is missing");
    return value;
}

std::optional<std::string> ObjectReader::text(std::string_view key, Need need, const TextRule& rule) {
    const JsonValue* value = any(key, need);
    return value == nullptr ? std::nullopt : read_text(context_, *value, pointer(key), rule);
}

std::optional<std::uint64_t> ObjectReader::integer(std::string_view key, Need need, std::uint64_t lowest,
                                                   std::uint64_t highest) {
    const JsonValue* value = any(key, need);
    return value == nullptr ? std::nullopt : read_integer(context_, *value, pointer(key), lowest, highest);
}

std::optional<bool> ObjectReader::boolean(std::string_view key, Need need) {
    const JsonValue* value = any(key, need);
    if (value == nullptr) return std::nullopt;
    if (value->boolean() != nullptr) return *value->boolean();
    wrong_type(context_, *value, pointer(key), "true or false");
    return std::nullopt;
}

std::optional<std::size_t> ObjectReader::word(std::string_view key, Need need,
                                              std::span<const std::string_view> words) {
    const JsonValue* value = any(key, need);
    return value == nullptr ? std::nullopt : read_word(context_, *value, pointer(key), words);
}

const JsonValue* ObjectReader::object(std::string_view key, Need need) {
    const JsonValue* value = any(key, need);
    if (value == nullptr || value->object() != nullptr) return value;
    wrong_type(context_, *value, pointer(key), "an object");
    return nullptr;
}

const JsonValue* ObjectReader::array(std::string_view key, Need need, std::size_t most_items) {
    const JsonValue* value = any(key, need);
    if (value == nullptr) return nullptr;
    if (value->array() == nullptr) {
        wrong_type(context_, *value, pointer(key), "an array");
        return nullptr;
    }
    if (const std::size_t count = value->array()->size(); count > most_items) {
        context_.error(ErrorCode::json_out_of_range, pointer(key), "the list is too long",
                       std::to_string(most_items) + " items at most", std::to_string(count) + " items");
        return nullptr;
    }
    return value;
}

bool ObjectReader::format_version(std::string_view key, std::uint64_t supported) {
    const std::optional<std::uint64_t> version = integer(key, Need::required);
    if (!version) return false;
    if (*version == supported) return true;
    context_.error(ErrorCode::format_version_unsupported, pointer(key), "this format version is not supported",
                   "version " + std::to_string(supported), "version " + std::to_string(*version),
                   *version > supported ? "the file was written for a newer rvm" : "");
    return false;
}

void ObjectReader::finish() {
    if (value_.object() == nullptr) return;
    for (const JsonMember& member : *value_.object()) {
        if (context_.full()) return;
        if (std::ranges::find(known_, member.key) == known_.end())
            context_.error(ErrorCode::json_unknown_key, pointer(member.key), "the key is not known here", "",
                           shown(std::string_view{member.key}), suggestion(member.key, known_));
    }
}

} // namespace rvm::manifest
