#include "manifest/schema.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "manifest/canonical.hpp"

namespace rvm::manifest {
namespace {

using Type = JsonValue::Type;

constexpr std::array<std::string_view, 5> type_words{"object", "array", "string", "integer", "boolean"};
constexpr std::array<Type, 5> types{Type::object, Type::array, Type::string, Type::integer, Type::boolean};

struct Keyword {
    std::string_view name;
    std::string_view type; ///< the only type it applies to; empty: any
};
constexpr std::array<Keyword, 13> keywords{{{"additionalProperties", "object"},
                                            {"default", ""},
                                            {"description", ""},
                                            {"enum", ""},
                                            {"items", "array"},
                                            {"maxItems", "array"},
                                            {"maxLength", "string"},
                                            {"maximum", "integer"},
                                            {"minLength", "string"},
                                            {"minimum", "integer"},
                                            {"properties", "object"},
                                            {"required", "object"},
                                            {"type", ""}}};
constexpr auto keyword_names = [] {
    std::array<std::string_view, keywords.size()> names;
    for (std::size_t i = 0; i < keywords.size(); ++i)
        names[i] = keywords[i].name;
    return names;
}();

/// Unicode code points of valid UTF-8.
std::uint64_t code_points(std::string_view text) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Checks an instance against a schema that is valid, and fills in defaults.
class Instance {
  public:
    Instance(JsonContext& context, ErrorCode code) : context_(context), code_(code) {}

    JsonValue check(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
        if (const JsonValue* type = schema.find("type"); type != nullptr && !has_type(value, *type->string())) {
            refuse(pointer, "the value has the wrong type", *type->string(), std::string{value.type_name()});
            return value;
        }
        if (const JsonValue* words = schema.find("enum");
            words != nullptr && std::ranges::find(*words->array(), value) == words->array()->end())
            refuse(pointer, "the value is not one of those allowed", shown(*words), shown(value));
        switch (value.type()) {
        case Type::object:
            return check_object(schema, value, pointer);
        case Type::array:
            return check_array(schema, value, pointer);
        case Type::string:
            check_length(schema, *value.string(), pointer);
            break;
        case Type::integer:
            check_range(schema, *value.integer(), pointer);
            break;
        case Type::null:
        case Type::boolean:
            break;
        }
        return value;
    }

  private:
    static bool has_type(const JsonValue& value, std::string_view word) {
        const auto at = std::ranges::find(type_words, word) - type_words.begin();
        return types[static_cast<std::size_t>(at)] == value.type();
    }

    void refuse(const std::string& pointer, std::string message, std::string expected, std::string found,
                std::string hint = {}) {
        context_.error(code_, pointer, std::move(message), std::move(expected), std::move(found), std::move(hint));
    }

    JsonValue check_object(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
        if (const JsonValue* required = schema.find("required"))
            for (const JsonValue& key : *required->array())
                if (value.find(*key.string()) == nullptr)
                    refuse(pointer, "the key \"" + *key.string() + "\" is missing", "", "");
        const JsonValue* properties = schema.find("properties");
        const JsonValue* additional = schema.find("additionalProperties");
        const bool closed = additional != nullptr && !*additional->boolean();
        JsonValue result{JsonValue::Object{}};
        for (const JsonMember& member : *value.object()) {
            const JsonValue* rule = properties == nullptr ? nullptr : properties->find(member.key);
            const std::string where = json_pointer(pointer, member.key);
            if (rule == nullptr && closed && !context_.full())
                refuse(where, "the key is not known here", "", shown(std::string_view{member.key}),
                       near(member.key, properties));
            result.set(member.key, rule == nullptr ? member.value : check(*rule, member.value, where));
        }
        if (properties == nullptr) return result;
        for (const JsonMember& property : *properties->object()) {
            const JsonValue* fallback = property.value.find("default");
            if (fallback != nullptr && value.find(property.key) == nullptr && affords(*fallback, pointer))
                result.set(property.key, check(property.value, *fallback, json_pointer(pointer, property.key)));
        }
        return result;
    }

    /// A default inside a list is repeated for every item: what is filled in is bounded like what is written.
    bool affords(const JsonValue& fallback, const std::string& pointer) {
        if (filled_bytes_ > max_config_bytes) return false;
        filled_bytes_ += canonical_json(fallback).size();
        if (filled_bytes_ <= max_config_bytes) return true;
        context_.error(ErrorCode::config_too_large, pointer, "the defaults make the configuration too large",
                       std::to_string(max_config_bytes) + " bytes at most", "more");
        return false;
    }

    static std::string near(std::string_view key, const JsonValue* properties) {
        if (properties == nullptr) return {};
        std::vector<std::string_view> names;
        for (const JsonMember& property : *properties->object())
            names.push_back(property.key);
        return suggestion(key, names);
    }

    JsonValue check_array(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
        if (const JsonValue* most = schema.find("maxItems");
            most != nullptr && value.array()->size() > most->integer()->magnitude)
            refuse(pointer, "the list is too long", most->integer()->text() + " items at most",
                   std::to_string(value.array()->size()) + " items");
        const JsonValue* items = schema.find("items");
        if (items == nullptr) return value;
        JsonValue result{JsonValue::Array{}};
        for (std::size_t i = 0; i < value.array()->size(); ++i)
            result.append(check(*items, (*value.array())[i], json_pointer(pointer, i)));
        return result;
    }

    void check_length(const JsonValue& schema, std::string_view text, const std::string& pointer) {
        const std::uint64_t length = code_points(text);
        const std::string found = std::to_string(length) + " characters";
        if (const JsonValue* least = schema.find("minLength"); least != nullptr && length < least->integer()->magnitude)
            refuse(pointer, "the text is too short", least->integer()->text() + " characters at least", found);
        if (const JsonValue* most = schema.find("maxLength"); most != nullptr && length > most->integer()->magnitude)
            refuse(pointer, "the text is too long", most->integer()->text() + " characters at most", found);
    }

    void check_range(const JsonValue& schema, const JsonInteger& number, const std::string& pointer) {
        if (const JsonValue* least = schema.find("minimum"); least != nullptr && number < *least->integer())
            refuse(pointer, "the number is too small", least->integer()->text() + " at least", number.text());
        if (const JsonValue* most = schema.find("maximum"); most != nullptr && number > *most->integer())
            refuse(pointer, "the number is too large", most->integer()->text() + " at most", number.text());
    }

    JsonContext& context_;
    ErrorCode code_;
    std::size_t filled_bytes_ = 0; ///< canonical text of the defaults filled in so far
};

/// Judges a schema. Everything wrong is RVM-C02.
class Judge {
  public:
    explicit Judge(JsonContext& context) : context_(context) {}

    /// True when the schema and everything inside it is valid.
    bool check(const JsonValue& schema, const std::string& pointer) {
        if (schema.object() == nullptr)
            return refuse(pointer, "a schema is an object", "an object", std::string{schema.type_name()});
        bool valid = check_keywords(schema, pointer);
        valid &= is_text(schema, "description", pointer);
        valid &= check_bounds(schema, pointer, "minimum", "maximum", true);
        valid &= check_bounds(schema, pointer, "minLength", "maxLength", false);
        valid &= check_bounds(schema, pointer, "", "maxItems", false);
        valid &= check_enum(schema, pointer);
        valid &= check_properties(schema, pointer);
        valid &= check_required(schema, pointer);
        if (const JsonValue* items = schema.find("items")) valid &= check(*items, json_pointer(pointer, "items"));
        // A default is judged by the schema it stands in, which must be understood first.
        if (const JsonValue* fallback = schema.find("default"); valid && fallback != nullptr) {
            const bool before = context_.failed();
            Instance{context_, ErrorCode::config_schema_invalid}.check(schema, *fallback,
                                                                       json_pointer(pointer, "default"));
            valid = before == context_.failed();
        }
        return valid;
    }

  private:
    bool refuse(const std::string& pointer, std::string message, std::string expected, std::string found,
                std::string hint = {}) {
        context_.error(ErrorCode::config_schema_invalid, pointer, std::move(message), std::move(expected),
                       std::move(found), std::move(hint));
        return false;
    }

    bool check_keywords(const JsonValue& schema, const std::string& pointer) {
        bool valid = true;
        const JsonValue* type = schema.find("type");
        const std::string* word = type == nullptr ? nullptr : type->string();
        if (type != nullptr && (word == nullptr || std::ranges::find(type_words, *word) == type_words.end())) {
            valid = refuse(json_pointer(pointer, "type"), "the type is not one of those allowed",
                           "object, array, string, integer or boolean", shown(*type),
                           word == nullptr ? std::string{} : suggestion(*word, type_words));
            word = nullptr;
        }
        for (const JsonMember& member : *schema.object()) {
            const auto keyword = std::ranges::find(keywords, member.key, &Keyword::name);
            const std::string where = json_pointer(pointer, member.key);
            if (keyword == keywords.end()) {
                valid = context_.full()
                            ? false
                            : refuse(where, "the keyword does not exist in this subset of JSON Schema", "",
                                     shown(std::string_view{member.key}), suggestion(member.key, keyword_names));
            } else if (!keyword->type.empty() && (word == nullptr || *word != keyword->type)) {
                valid = refuse(where, "the keyword does not apply to this type",
                               "\"type\": \"" + std::string{keyword->type} + "\" beside it",
                               word == nullptr ? "no such type" : "\"" + *word + "\"");
            }
        }
        return valid;
    }

    bool is_text(const JsonValue& schema, std::string_view key, const std::string& pointer) {
        const JsonValue* value = schema.find(key);
        if (value == nullptr || value->string() != nullptr) return true;
        return refuse(json_pointer(pointer, key), "the keyword's value has the wrong type", "a string",
                      std::string{value->type_name()});
    }

    bool check_bounds(const JsonValue& schema, const std::string& pointer, std::string_view low, std::string_view high,
                      bool negative_allowed) {
        bool valid = true;
        for (const std::string_view key : {low, high}) {
            const JsonValue* value = schema.find(key);
            if (value == nullptr) continue;
            const JsonInteger* number = value->integer();
            if (number == nullptr || (number->negative && !negative_allowed))
                valid = refuse(json_pointer(pointer, key), "the bound is not a number that fits",
                               negative_allowed ? "an integer" : "an integer not below 0", shown(*value));
        }
        if (!valid || schema.find(low) == nullptr || schema.find(high) == nullptr) return valid;
        const JsonInteger& least = *schema.find(low)->integer();
        const JsonInteger& most = *schema.find(high)->integer();
        if (least <= most) return true;
        return refuse(json_pointer(pointer, low), "nothing lies between the two bounds",
                      "at most " + most.text() + ", the value of " + std::string{high}, least.text());
    }

    bool check_enum(const JsonValue& schema, const std::string& pointer) {
        constexpr std::size_t most_values = 256;
        const JsonValue* values = schema.find("enum");
        if (values == nullptr) return true;
        const std::string where = json_pointer(pointer, "enum");
        if (values->array() == nullptr || values->array()->empty() || values->array()->size() > most_values)
            return refuse(where, "enum is not a list of values", "1 to " + std::to_string(most_values) + " values",
                          shown(*values));
        const JsonValue::Array& list = *values->array();
        for (std::size_t i = 1; i < list.size(); ++i)
            if (std::find(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i), list[i]) !=
                list.begin() + static_cast<std::ptrdiff_t>(i))
                return refuse(json_pointer(where, i), "the value appears twice", "", shown(list[i]));
        return true;
    }

    bool check_properties(const JsonValue& schema, const std::string& pointer) {
        bool valid = true;
        if (const JsonValue* additional = schema.find("additionalProperties");
            additional != nullptr && additional->boolean() == nullptr)
            valid = refuse(json_pointer(pointer, "additionalProperties"), "the keyword's value has the wrong type",
                           "true or false", std::string{additional->type_name()});
        const JsonValue* properties = schema.find("properties");
        if (properties == nullptr) return valid;
        const std::string where = json_pointer(pointer, "properties");
        if (properties->object() == nullptr)
            return refuse(where, "the keyword's value has the wrong type", "an object",
                          std::string{properties->type_name()});
        for (const JsonMember& property : *properties->object())
            valid &= check(property.value, json_pointer(where, property.key));
        return valid;
    }

    bool check_required(const JsonValue& schema, const std::string& pointer) {
        const JsonValue* required = schema.find("required");
        if (required == nullptr) return true;
        const std::string where = json_pointer(pointer, "required");
        if (required->array() == nullptr)
            return refuse(where, "the keyword's value has the wrong type", "an array of strings",
                          std::string{required->type_name()});
        const JsonValue* properties = schema.find("properties");
        bool valid = true;
        for (std::size_t i = 0; i < required->array()->size(); ++i) {
            const JsonValue& key = (*required->array())[i];
            if (key.string() == nullptr)
                valid = refuse(json_pointer(where, i), "the keyword's value has the wrong type", "a string",
                               std::string{key.type_name()});
            else if (properties == nullptr || properties->find(*key.string()) == nullptr)
                valid = refuse(json_pointer(where, i), "the required key is not described in properties",
                               "a key of properties", shown(key));
        }
        return valid;
    }

    JsonContext& context_;
};

/// False after reporting C03 or C04.
bool bounded(JsonContext& context, const JsonValue& value, const std::string& text, const std::string& pointer,
             std::string_view what) {
    if (value.depth() > max_config_depth) {
        context.error(ErrorCode::config_too_deep, pointer, "the " + std::string{what} + " is nested too deeply",
                      std::to_string(max_config_depth) + " levels at most", std::to_string(value.depth()) + " levels");
        return false;
    }
    if (text.size() > max_config_bytes) {
        context.error(ErrorCode::config_too_large, pointer, "the " + std::string{what} + " is too large",
                      std::to_string(max_config_bytes) + " bytes at most", std::to_string(text.size()) + " bytes");
        return false;
    }
    return true;
}

} // namespace

std::optional<std::string> bounded_config(JsonContext& context, const JsonValue& config, const std::string& pointer) {
    std::string text = canonical_json(config);
    if (!bounded(context, config, text, pointer, "configuration")) return std::nullopt;
    return text;
}

std::optional<ConfigSchema> ConfigSchema::from_json(JsonContext& context, const JsonValue& schema,
                                                    const std::string& pointer) {
    if (!bounded(context, schema, canonical_json(schema), pointer, "schema")) return std::nullopt;
    if (!Judge{context}.check(schema, pointer)) return std::nullopt;
    const JsonValue* type = schema.find("type");
    if (type == nullptr || *type->string() != "object") {
        context.error(ErrorCode::config_schema_invalid, pointer, "a configuration is an object", "\"type\": \"object\"",
                      type == nullptr ? "no type" : shown(*type));
        return std::nullopt;
    }
    return ConfigSchema{schema};
}

std::optional<ConfigSchema> ConfigSchema::parse(std::string_view text, const std::string& file, Report& report) {
    const std::optional<JsonValue> schema = parse_json(text, file, report);
    if (!schema) return std::nullopt;
    JsonContext context{file, report};
    return from_json(context, *schema, "");
}

std::optional<std::string> ConfigSchema::apply(std::string_view config, const std::string& file,
                                               const std::string& pointer, const std::string& plugin,
                                               Report& report) const {
    const std::optional<JsonValue> value = parse_json(config, file, report);
    if (!value) return std::nullopt;
    JsonContext context{file, report};
    context.set_plugin(plugin);
    if (!bounded_config(context, *value, pointer)) return std::nullopt;
    const JsonValue result = Instance{context, ErrorCode::config_invalid}.check(schema_, *value, pointer);
    if (context.failed()) return std::nullopt;
    return bounded_config(context, result, pointer);
}

std::string ConfigSchema::text() const { return canonical_json(schema_); }

} // namespace rvm::manifest
