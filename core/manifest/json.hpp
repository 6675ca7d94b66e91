// Strict JSON: the only way a JSON file enters the runtime.
//
// RFC 8259 without the usual leniencies: no duplicate keys, no comments, no byte order mark, no NUL, nothing after the
// document, valid UTF-8 only, integers only and exact. Every size is bounded before anything is allocated for it.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <rvm/report.hpp>

namespace rvm::manifest {

inline constexpr std::size_t max_json_bytes = std::size_t{1} << 20; ///< a manifest of a hundred plugins is 40 KiB
inline constexpr std::size_t max_json_depth = 64;      ///< our formats need 6; plugin configurations get the rest
inline constexpr std::size_t max_json_key_bytes = 256; ///< keeps pointers in messages readable
inline constexpr std::size_t max_json_findings = 64;   ///< of one document: nobody reads more, and memory stays bounded

/// An exact integer between -2^63 and 2^64-1.
struct JsonInteger {
    bool negative = false;
    std::uint64_t magnitude = 0; ///< never 0 when negative

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::strong_ordering operator<=>(const JsonInteger& other) const noexcept;
    [[nodiscard]] bool operator==(const JsonInteger&) const noexcept = default;
};

struct JsonMember;

/// A JSON value that owns its parts. Members of an object are unique and sorted by the bytes of their keys.
class JsonValue {
  public:
    enum class Type : std::uint8_t { null, boolean, integer, string, array, object };
    using Array = std::vector<JsonValue>;
    using Object = std::vector<JsonMember>;

    JsonValue() noexcept; ///< null
    explicit JsonValue(bool value);
    explicit JsonValue(JsonInteger value);
    explicit JsonValue(std::uint64_t value);
    explicit JsonValue(std::string value);
    explicit JsonValue(std::string_view value);
    explicit JsonValue(const char* value);
    explicit JsonValue(Array value);
    /// Sorts the members; of equal keys one stays.
    explicit JsonValue(Object value);
    // Defined where JsonMember is complete.
    JsonValue(const JsonValue&);
    JsonValue(JsonValue&&) noexcept;
    JsonValue& operator=(const JsonValue&);
    JsonValue& operator=(JsonValue&&) noexcept;
    ~JsonValue();

    [[nodiscard]] Type type() const noexcept { return static_cast<Type>(value_.index()); }
    /// "an object", "a string", ...: for messages.
    [[nodiscard]] std::string_view type_name() const noexcept;

    // Each is nullptr when the value has another type.
    [[nodiscard]] const bool* boolean() const noexcept { return std::get_if<bool>(&value_); }
    [[nodiscard]] const JsonInteger* integer() const noexcept { return std::get_if<JsonInteger>(&value_); }
    [[nodiscard]] const std::string* string() const noexcept { return std::get_if<std::string>(&value_); }
    [[nodiscard]] const Array* array() const noexcept { return std::get_if<Array>(&value_); }
    [[nodiscard]] const Object* object() const noexcept { return std::get_if<Object>(&value_); }

    /// The member's value; nullptr when there is none or this is no object.
    [[nodiscard]] const JsonValue* find(std::string_view key) const noexcept;
    /// Adds or replaces a member; a null value becomes an object first.
    void set(std::string_view key, JsonValue value);
    /// Appends an element; a null value becomes an array first.
    void append(JsonValue value);
    /// Levels of nesting: 0 for a scalar, 1 for [] and {}.
    [[nodiscard]] std::size_t depth() const noexcept;
    [[nodiscard]] bool operator==(const JsonValue&) const;

  private:
    std::variant<std::monostate, bool, JsonInteger, std::string, Array, Object> value_;
};

struct JsonMember {
    std::string key;
    JsonValue value;
    [[nodiscard]] bool operator==(const JsonMember&) const = default;
};

/// Bounds of one document.
struct JsonLimits {
    std::size_t bytes = max_json_bytes;
    std::size_t depth = max_json_depth;
};

/// Parses one document. Every problem is reported (syntax errors stop at the first one) with `file` and the JSON
/// pointer, or line:column for syntax; nullopt when there was any.
[[nodiscard]] std::optional<JsonValue> parse_json(std::string_view text, const std::string& file, Report& report,
                                                  JsonLimits limits = {});

/// Reads a regular file of at most `limit` bytes (pipes, devices and directories are refused without being opened for
/// reading); nullopt after reporting RVM-M01.
[[nodiscard]] std::optional<std::string> read_text_file(const std::filesystem::path& path, std::size_t limit,
                                                        Report& report);

/// `pointer` + "/" + `key` with RFC 6901 escapes; control characters become \u00XX, so that messages cannot carry
/// terminal sequences.
[[nodiscard]] std::string json_pointer(std::string_view pointer, std::string_view key);
[[nodiscard]] std::string json_pointer(std::string_view pointer, std::size_t index);

/// The value as a message shows it: canonical text, cut after 60 bytes.
[[nodiscard]] std::string shown(const JsonValue& value);
/// A text as a message shows it: quoted, escaped, cut after 60 bytes.
[[nodiscard]] std::string shown(std::string_view text);

} // namespace rvm::manifest
