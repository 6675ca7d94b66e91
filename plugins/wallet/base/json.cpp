#include "base/json.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "hex/hex.hpp"
#include "u256/text.hpp"

namespace rvm::wallet {
namespace {

constexpr std::size_t most_bytes = 1u << 20u;
constexpr int most_levels = 64;
constexpr std::size_t most_shown = 80;

/// "line 2, column 7", and whether the text ends there; never the text: it may hold a secret.
std::string place_of(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1; // npos + 1 is 0
    return "line " + std::to_string(line) + ", column " + std::to_string(column) + ": expected JSON, found " +
           (byte > text.size() ? "the end" : "something else");
}

[[noreturn]] void refuse(const std::string& what, const char* expected, const Json& found) {
    throw Refusal("\"" + what + "\": expected " + expected + ", found " + shown(found));
}

} // namespace

Json parse_json(std::string_view text, const std::string& what) {
    // What the parser alone would let pass. The keys of each open object, outermost first.
    std::vector<std::set<std::string>> keys;
    std::string last_key; // of messages
    const Json::parser_callback_t check = [&](int depth, Json::parse_event_t event, Json& value) {
        switch (event) {
        case Json::parse_event_t::object_start:
            keys.emplace_back();
            [[fallthrough]];
        case Json::parse_event_t::array_start:
            if (depth >= most_levels) throw Refusal("more than 64 levels of objects and arrays");
            break;
        case Json::parse_event_t::object_end:
            keys.pop_back();
            break;
        case Json::parse_event_t::key:
            if (!keys.back().insert(value.get<std::string>()).second) {
                throw Refusal("the key " + shown(value) + " stands twice");
            }
            last_key = value.get<std::string>();
            break;
        case Json::parse_event_t::value:
            if (value.is_number_float()) {
                throw Refusal((last_key.empty() ? "" : shown(last_key) + ": ") +
                              "expected an integer of 64 bits or a string, found " + shown(value));
            }
            break;
        case Json::parse_event_t::array_end:
            break;
        }
        return true;
    };
    try {
        if (text.size() > most_bytes) throw Refusal("more than 1048576 bytes");
        return Json::parse(text, check);
    } catch (const Refusal& refusal) {
        throw Refusal(what + ": " + refusal.what());
    } catch (const Json::parse_error& error) {
        throw Refusal(what + ": " + place_of(text, error.byte));
    } catch (const Json::exception&) {
        throw Refusal(what + ": " + shown(last_key) + ": a number is out of range");
    }
}

std::string shown(const Json& value) {
    const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() > most_shown ? text.substr(0, most_shown) + "..." : text;
}

const Json* find_member(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

const Json& member(const Json& object, const char* key, const std::string& place) {
    const std::string front = place.empty() ? "" : place + ": ";
    if (!object.is_object()) throw Refusal(front + "expected an object, found " + shown(object));
    const Json* found = find_member(object, key);
    if (found == nullptr) throw Refusal(front + "the member \"" + key + "\" is missing");
    return *found;
}

const std::string& text_of(const Json& value, const std::string& what) {
    if (!value.is_string()) refuse(what, "a string", value);
    return value.get_ref<const std::string&>();
}

Buffer bytes_from(const Json& value, const std::string& what) {
    auto bytes = hex::decode(text_of(value, what));
    if (!bytes) refuse(what, "an even number of hex digits", value);
    return std::move(*bytes);
}

U256 number_of(const Json& value, const std::string& what) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (!value.is_string()) refuse(what, "a number that is not negative", value);
    const std::string& text = value.get_ref<const std::string&>();
    const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
    const auto number =
        is_hex ? (text.size() == 2 ? std::optional(U256{}) : u256::from_hex(std::string_view(text).substr(2)))
               : u256::from_decimal(text);
    if (!number) refuse(what, "a number of at most 256 bits", value);
    return *number;
}

std::uint64_t small_number_of(const Json& value, const std::string& what) {
    const U256 number = number_of(value, what);
    if (!number.fits_64()) refuse(what, "a number of at most 64 bits", value);
    return number.limbs[0];
}

} // namespace rvm::wallet
