// Reading typed values out of a JSON document: every consumer of a JSON file uses this, so that all of them refuse the
// same things with the same words.
//
//     ObjectReader root{context, value, ""};
//     auto name = root.text("name", Need::required, {.valid = is_id, .expected = "an id"});
//     auto depth = root.integer("depth", Need::optional, 1, 4096);
//     root.finish(); // refuses keys nobody asked for
//     if (context.failed()) ...
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/json.hpp"

namespace rvm::manifest {

/// Where the findings of one document go. Keeps references: the document's name and report outlive it.
class JsonContext {
  public:
    JsonContext(const std::string& file, Report& report) : file_(file), report_(report) {}

    /// Reports an error at `pointer`. Empty texts do not apply. After max_json_findings errors, further ones only
    /// count.
    void error(ErrorCode code, std::string pointer, std::string message, std::string expected = {},
               std::string found = {}, std::string hint = {});
    void warning(ErrorCode code, std::string pointer, std::string message, std::string expected = {},
                 std::string found = {}, std::string hint = {});

    /// Sets the plugin id that later findings carry.
    void set_plugin(std::string id) { plugin_ = std::move(id); }
    [[nodiscard]] bool failed() const noexcept { return failed_; } ///< an error was reported, shown or not
    /// No further error is kept: callers may spare the work of explaining it.
    [[nodiscard]] bool full() const noexcept { return errors_ == max_json_findings; }
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    [[nodiscard]] Report& report() noexcept { return report_; }

  private:
    void add(Severity severity, ErrorCode code, std::string pointer, std::string message, std::string expected,
             std::string found, std::string hint);

    const std::string& file_;
    Report& report_;
    std::string plugin_;
    std::size_t errors_ = 0; ///< kept ones
    bool failed_ = false;
};

enum class Need : std::uint8_t { optional, required };

/// What a text must be.
struct TextRule {
    std::size_t least = 0;   ///< bytes
    std::size_t most = 1024; ///< bytes
    bool (*valid)(std::string_view) noexcept = nullptr;
    std::string_view expected = {}; ///< says what `valid` accepts
    ErrorCode code = ErrorCode::json_bad_value;
};

// Single values. Each reports and returns nullopt (nullptr) when the value is not what is asked for.
[[nodiscard]] std::optional<std::string> read_text(JsonContext& context, const JsonValue& value,
                                                   const std::string& pointer, const TextRule& rule);
/// An integer, or a string "0x" followed by 1 to 16 hex digits (for readers that keep numbers in doubles).
[[nodiscard]] std::optional<std::uint64_t> read_integer(JsonContext& context, const JsonValue& value,
                                                        const std::string& pointer, std::uint64_t lowest,
                                                        std::uint64_t highest);
/// The index of the text in `words`.
[[nodiscard]] std::optional<std::size_t> read_word(JsonContext& context, const JsonValue& value,
                                                   const std::string& pointer, std::span<const std::string_view> words);

/// Reads one object. Every getter marks its key as known; an absent optional key is nullopt (nullptr) without a
/// finding. Keeps references to the context and the value.
class ObjectReader {
  public:
    /// Reports when `value` is no object; the reader then behaves as if every key were optional and absent.
    ObjectReader(JsonContext& context, const JsonValue& value, std::string pointer);

    [[nodiscard]] std::optional<std::string> text(std::string_view key, Need need, const TextRule& rule = {});
    [[nodiscard]] std::optional<std::uint64_t>
    integer(std::string_view key, Need need, std::uint64_t lowest = 0,
            std::uint64_t highest = std::numeric_limits<std::uint64_t>::max());
    [[nodiscard]] std::optional<bool> boolean(std::string_view key, Need need);
    [[nodiscard]] std::optional<std::size_t> word(std::string_view key, Need need,
                                                  std::span<const std::string_view> words);
    [[nodiscard]] const JsonValue* object(std::string_view key, Need need);
    [[nodiscard]] const JsonValue* array(std::string_view key, Need need, std::size_t most_items);
    /// Any value.
    [[nodiscard]] const JsonValue* any(std::string_view key, Need need);

    /// The format's version: an integer that must be `supported`. False when it is not: the rest of the document may
    /// mean anything, and nothing more should be read from it.
    [[nodiscard]] bool format_version(std::string_view key, std::uint64_t supported);

    /// Refuses every key that no getter asked for, with a suggestion.
    void finish();

    [[nodiscard]] std::string pointer(std::string_view key) const { return json_pointer(pointer_, key); }
    [[nodiscard]] const std::string& pointer() const noexcept { return pointer_; }

  private:
    JsonContext& context_;
    const JsonValue& value_;
    std::string pointer_;
    std::vector<std::string_view> known_; ///< keys are literals of the caller
};

/// Reports a value that is not `expected` ("a string").
void wrong_type(JsonContext& context, const JsonValue& value, const std::string& pointer, std::string_view expected);

/// "did you mean \"profile\"?", or empty when nothing is near.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

} // namespace rvm::manifest
