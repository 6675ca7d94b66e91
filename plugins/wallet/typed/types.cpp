#include "typed/types.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/error.hpp"

namespace rvm::wallet {
namespace {

constexpr std::string_view domain_type = "EIP712Domain";

/// Members of a domain in the order of EIP-712.
constexpr struct {
    const char* name;
    const char* type;
} domain_fields[] = {{"name", "string"},
                     {"version", "string"},
                     {"chainId", "uint256"},
                     {"verifyingContract", "address"},
                     {"salt", "bytes32"}};

bool is_identifier(const std::string& text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
    };
    return !text.empty() && std::ranges::all_of(text, letter) && !(text[0] >= '0' && text[0] <= '9');
}

std::string innermost(std::string type) { return type.substr(0, type.find('[')); }

Fields read_fields(const Json& list, const std::string& name) {
    if (!list.is_array()) throw Refusal("types." + name + ": expected an array, found " + shown(list));
    Fields fields;
    std::set<std::string> names;
    for (const Json& entry : list) {
        const std::string place = "types." + name + "[" + std::to_string(fields.size()) + "]";
        Field field{text_of(member(entry, "name", place), place + ".name"),
                    text_of(member(entry, "type", place), place + ".type")};
        if (!is_identifier(field.name)) throw Refusal(place + ".name: \"" + field.name.substr(0, 80) + "\" is no name");
        if (!names.insert(field.name).second) throw Refusal(place + ".name: \"" + field.name + "\" stands twice");
        constexpr auto most_levels = 64; // of JSON (base/json.hpp): no value is deeper
        if (std::ranges::count(field.type, '[') > most_levels)
            throw Refusal(place + ".type: expected at most 64 levels of arrays");
        for (std::string type = field.type; const auto array = as_array(type);) {
            type = array->element; // throws for a malformed suffix
        }
        fields.push_back(std::move(field));
    }
    return fields;
}

Fields domain_of(const Json& domain) {
    Fields fields;
    for (const auto& [name, type] : domain_fields) {
        if (find_member(domain, name) != nullptr) fields.push_back({name, type});
    }
    return fields;
}

} // namespace

std::optional<unsigned> suffix_number(const std::string& type, std::string_view prefix) {
    if (!type.starts_with(prefix) || type.size() == prefix.size() || type[prefix.size()] == '0') return std::nullopt;
    unsigned number = 0;
    const char* end = type.data() + type.size();
    const auto [stop, error] = std::from_chars(type.data() + prefix.size(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

bool is_elementary(const std::string& type) {
    if (type == "bool" || type == "address" || type == "string" || type == "bytes") return true;
    if (const auto size = suffix_number(type, "bytes")) return *size >= 1 && *size <= 32;
    auto bits = suffix_number(type, "uint");
    if (!bits) bits = suffix_number(type, "int");
    return bits && *bits >= 8 && *bits <= 256 && *bits % 8 == 0;
}

std::optional<ArrayType> as_array(const std::string& type) {
    if (!type.ends_with(']')) {
        if (type.find('[') != std::string::npos) throw Refusal("the type \"" + type.substr(0, 80) + "\" is malformed");
        return std::nullopt;
    }
    const std::size_t open = type.rfind('[');
    if (open == std::string::npos || open == 0) throw Refusal("the type \"" + type.substr(0, 80) + "\" is malformed");
    ArrayType out{type.substr(0, open), std::nullopt};
    if (open + 2 == type.size()) return out;
    std::uint64_t count = 0;
    const char* end = type.data() + type.size() - 1;
    const auto [stop, error] = std::from_chars(type.data() + open + 1, end, count);
    if (error != std::errc{} || stop != end || type[open + 1] == '0') {
        throw Refusal("the type \"" + type.substr(0, 80) + "\" has no size in its brackets");
    }
    out.count = count;
    return out;
}

Types::Types(const Json& types, const Json& domain) {
    if (!types.is_object()) throw Refusal("\"types\": expected an object, found " + shown(types));
    // The type of each names all those it refers to: the work grows with the square, and documents come from programs.
    constexpr std::size_t most_structs = 256;
    if (types.size() > most_structs) {
        throw Refusal("\"types\": expected at most " + std::to_string(most_structs) + " structs, found " +
                      std::to_string(types.size()));
    }
    for (const auto& [name, list] : types.items()) {
        if (!is_identifier(name) || is_elementary(name)) {
            throw Refusal("types: \"" + name.substr(0, 80) + "\" is no name of a struct");
        }
        structs_.emplace(name, read_fields(list, name));
    }
    const std::string domain_name(domain_type);
    if (!structs_.contains(domain_name)) structs_.emplace(domain_name, domain_of(domain));
    for (const auto& [name, fields] : structs_) {
        for (const Field& field : fields) {
            const std::string type = innermost(field.type);
            if (!is_struct(type) && !is_elementary(type)) {
                throw Refusal("types." + name + "." + field.name + ": there is no type \"" + type.substr(0, 80) + "\"");
            }
        }
    }
}

const Fields& Types::fields(const std::string& type) const {
    const auto found = structs_.find(type);
    if (found == structs_.end()) throw Refusal("there is no struct \"" + type.substr(0, 80) + "\"");
    return found->second;
}

std::string Types::encoded(const std::string& type) const {
    std::set<std::string> referred;
    std::vector<std::string> open{type};
    while (!open.empty()) {
        const std::string name = open.back();
        open.pop_back();
        for (const Field& field : fields(name)) {
            const std::string inner = innermost(field.type);
            if (is_struct(inner) && inner != type && referred.insert(inner).second) open.push_back(inner);
        }
    }
    std::string out;
    const auto append = [&](const std::string& name) {
        out += name + "(";
        const char* comma = "";
        for (const Field& field : fields(name)) {
            out += comma + field.type + " " + field.name;
            comma = ",";
        }
        out += ")";
    };
    append(type);
    for (const std::string& name : referred) {
        append(name);
    }
    return out;
}

} // namespace rvm::wallet
