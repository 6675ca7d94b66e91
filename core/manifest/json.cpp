#include "manifest/json.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "manifest/canonical.hpp"

namespace rvm::manifest {
namespace {

/// How much of a value a message repeats.
constexpr std::size_t shown_bytes = 60;
/// nlohmann's texts are shorter, except where they repeat the input.
constexpr std::size_t longest_message = 200;

bool key_less(const JsonMember& a, const JsonMember& b) { return a.key < b.key; }

/// Cuts at most `limit` bytes without splitting a UTF-8 sequence.
std::string_view cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80)
        --limit;
    return text.substr(0, limit);
}

/// Builds the tree from nlohmann's events and reports what RFC 8259 allows but we do not.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
  public:
    Builder(std::string_view text, const std::string& file, Report& report, std::size_t depth_limit)
        : text_(text), file_(file), report_(report), depth_limit_(depth_limit) {}

    [[nodiscard]] std::optional<JsonValue> take() {
        return failed_ ? std::nullopt : std::optional<JsonValue>{std::move(root_)};
    }

    bool null() override { return add(JsonValue{}); }
    bool boolean(bool value) override { return add(JsonValue{value}); }
    bool number_integer(number_integer_t value) override {
        const bool negative = value < 0;
        // Two's complement negation in unsigned arithmetic is defined for -2^63 too.
        const auto bits = static_cast<std::uint64_t>(value);
        return add(JsonValue{JsonInteger{negative, negative ? std::uint64_t{0} - bits : bits}});
    }
    bool number_unsigned(number_unsigned_t value) override { return add(JsonValue{std::uint64_t{value}}); }
    bool number_float(number_float_t, const string_t& token) override {
        // nlohmann hands integers that do not fit 64 bits to this function as well.
        if (token.find_first_of(".eE") == std::string::npos)
            return complain(ErrorCode::json_out_of_range, "the integer does not fit", "-2^63 .. 2^64-1", token) &&
                   add(JsonValue{});
        return complain(ErrorCode::json_wrong_type, "numbers are integers", "an integer", token) && add(JsonValue{});
    }
    bool string(string_t& value) override { return add(JsonValue{std::move(value)}); }
    bool binary(binary_t&) override { return false; } // JSON text has no binary values
    bool start_object(std::size_t) override { return open(true); }
    bool key(string_t& key) override {
        if (key.size() > max_json_key_bytes) {
            complain(ErrorCode::json_limit, "the key is too long",
                     std::to_string(max_json_key_bytes) + " bytes at most", std::to_string(key.size()) + " bytes");
            return false;
        }
        levels_.back().key = std::move(key);
        return true;
    }
    bool end_object() override {
        Level level = std::move(levels_.back());
        levels_.pop_back();
        std::sort(level.members.begin(), level.members.end(), key_less);
        for (std::size_t i = 1; i < level.members.size(); ++i)
            if (level.members[i].key == level.members[i - 1].key &&
                !complain_at(json_pointer(pointer(), level.members[i].key), ErrorCode::json_duplicate_key,
                             "the key appears twice", "one value", "two"))
                return false;
        return add(JsonValue{std::move(level.members)});
    }
    bool start_array(std::size_t) override { return open(false); }
    bool end_array() override {
        JsonValue::Array items = std::move(levels_.back().items);
        levels_.pop_back();
        return add(JsonValue{std::move(items)});
    }
    bool parse_error(std::size_t position, const std::string& token,
                     const nlohmann::detail::exception& error) override {
        failed_ = true;
        if (findings_ == max_json_findings) return false;
        // "[json.exception...] parse error at line 1, column 2: syntax error while parsing value - PROBLEM; expected X"
        std::string_view problem = error.what();
        if (const auto column = problem.find("column "); column != std::string_view::npos)
            problem = problem.substr(std::min(problem.find(": ", column), problem.size() - 2) + 2);
        else if (const auto name_end = problem.find("] "); name_end != std::string_view::npos)
            problem = problem.substr(name_end + 2);
        std::string_view expected;
        if (const auto split = problem.rfind("; expected "); split != std::string_view::npos) {
            expected = problem.substr(split + std::strlen("; expected "));
            problem = problem.substr(0, split);
        }
        if (const auto split = problem.find("; last read: '"); split != std::string_view::npos)
            problem = problem.substr(0, split);
        std::string found{printable(cut(token, shown_bytes))};
        constexpr std::string_view unexpected = " - unexpected ";
        if (const auto split = problem.find(unexpected); split != std::string_view::npos) {
            const std::string kind{problem.substr(split + unexpected.size())};
            found = found.empty() ? kind : kind + " " + found;
            problem = problem.substr(0, split);
        }
        Finding& finding =
            report_.error(ErrorCode::json_syntax, file_, place(position), std::string{cut(problem, longest_message)});
        finding.expected = std::string{expected};
        finding.found = std::move(found);
        return false;
    }

  private:
    struct Level {
        bool is_object = false;
        std::string key; ///< of the member being read
        JsonValue::Object members;
        JsonValue::Array items;
    };

    bool open(bool is_object) {
        if (levels_.size() >= depth_limit_) {
            complain(ErrorCode::json_limit, "the document is nested too deeply",
                     std::to_string(depth_limit_) + " levels at most", "more");
            return false;
        }
        levels_.push_back({.is_object = is_object, .key = {}, .members = {}, .items = {}});
        return true;
    }

    bool add(JsonValue value) {
        if (levels_.empty()) {
            root_ = std::move(value);
        } else if (Level& level = levels_.back(); level.is_object) {
            level.members.push_back({std::move(level.key), std::move(value)});
        } else {
            level.items.push_back(std::move(value));
        }
        return true;
    }

    /// JSON pointer of the value being read.
    [[nodiscard]] std::string pointer() const {
        std::string out;
        for (const Level& level : levels_)
            out = level.is_object ? json_pointer(out, level.key) : json_pointer(out, level.items.size());
        return out;
    }

    bool complain(ErrorCode code, std::string message, std::string expected, std::string_view found) {
        return complain_at(pointer(), code, std::move(message), std::move(expected), found);
    }
    /// False when the document has had enough findings.
    bool complain_at(std::string where, ErrorCode code, std::string message, std::string expected,
                     std::string_view found) {
        failed_ = true;
        if (findings_ == max_json_findings) return false;
        ++findings_;
        Finding& finding = report_.error(code, file_, std::move(where), std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::string{cut(found, shown_bytes)};
        return true;
    }

    /// "line:column" of the `position`th byte; columns count bytes from 1.
    [[nodiscard]] std::string place(std::size_t position) const {
        const std::string_view before = text_.substr(0, std::min(position == 0 ? 0 : position - 1, text_.size()));
        const auto line = 1 + std::ranges::count(before, '\n');
        const auto newline = before.rfind('\n');
        const std::size_t column = before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
        return std::to_string(line) + ":" + std::to_string(column);
    }

    /// nlohmann writes control characters as <U+XXXX>; bytes that are not UTF-8 remain and would spoil the message.
    [[nodiscard]] static std::string printable(std::string_view text) {
        std::string out;
        for (const char c : text)
            out += (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E) ? '?' : c;
        return out;
    }

    std::string_view text_;
    const std::string& file_;
    Report& report_;
    std::size_t depth_limit_;
    std::size_t findings_ = 0;
    bool failed_ = false;
    std::vector<Level> levels_;
    JsonValue root_;
};

} // namespace

std::string JsonInteger::text() const { return (negative ? "-" : "") + std::to_string(magnitude); }

std::strong_ordering JsonInteger::operator<=>(const JsonInteger& other) const noexcept {
    if (negative != other.negative) return negative ? std::strong_ordering::less : std::strong_ordering::greater;
    return negative ? other.magnitude <=> magnitude : magnitude <=> other.magnitude;
}

JsonValue::JsonValue() noexcept = default;
JsonValue::JsonValue(bool value) : value_(value) {}
JsonValue::JsonValue(JsonInteger value) : value_(value) {}
JsonValue::JsonValue(std::uint64_t value) : value_(JsonInteger{false, value}) {}
JsonValue::JsonValue(std::string value) : value_(std::move(value)) {}
JsonValue::JsonValue(std::string_view value) : value_(std::string{value}) {}
JsonValue::JsonValue(const char* value) : value_(std::string{value}) {}
JsonValue::JsonValue(Array value) : value_(std::move(value)) {}
JsonValue::JsonValue(const JsonValue&) = default;
JsonValue::JsonValue(JsonValue&&) noexcept = default;
JsonValue& JsonValue::operator=(const JsonValue&) = default;
JsonValue& JsonValue::operator=(JsonValue&&) noexcept = default;
JsonValue::~JsonValue() = default;

JsonValue::JsonValue(Object value) {
    std::sort(value.begin(), value.end(), key_less);
    const auto same = [](const JsonMember& a, const JsonMember& b) { return a.key == b.key; };
    value.erase(std::unique(value.begin(), value.end(), same), value.end());
    value_ = std::move(value);
}

std::string_view JsonValue::type_name() const noexcept {
    static constexpr std::array<std::string_view, 6> names{"null",     "true or false", "an integer",
                                                           "a string", "an array",      "an object"};
    return names[value_.index()];
}

const JsonValue* JsonValue::find(std::string_view key) const noexcept {
    const Object* members = object();
    if (members == nullptr) return nullptr;
    const auto at =
        std::ranges::lower_bound(*members, key, {}, [](const JsonMember& m) { return std::string_view{m.key}; });
    return at != members->end() && at->key == key ? &at->value : nullptr;
}

void JsonValue::set(std::string_view key, JsonValue value) {
    if (type() == Type::null) value_ = Object{};
    auto& members = std::get<Object>(value_);
    const auto at =
        std::ranges::lower_bound(members, key, {}, [](const JsonMember& m) { return std::string_view{m.key}; });
    if (at != members.end() && at->key == key)
        at->value = std::move(value);
    else
        members.insert(at, {std::string{key}, std::move(value)});
}

void JsonValue::append(JsonValue value) {
    if (type() == Type::null) value_ = Array{};
    std::get<Array>(value_).push_back(std::move(value));
}

std::size_t JsonValue::depth() const noexcept {
    std::size_t inside = 0;
    if (const Array* items = array()) {
        for (const JsonValue& item : *items)
            inside = std::max(inside, item.depth());
        return inside + 1;
    }
    if (const Object* members = object()) {
        for (const JsonMember& member : *members)
            inside = std::max(inside, member.value.depth());
        return inside + 1;
    }
    return 0;
}

bool JsonValue::operator==(const JsonValue& other) const { return value_ == other.value_; }

std::optional<JsonValue> parse_json(std::string_view text, const std::string& file, Report& report, JsonLimits limits) {
    if (text.size() > limits.bytes) {
        Finding& finding = report.error(ErrorCode::json_limit, file, "", "the text is too large");
        finding.expected = std::to_string(limits.bytes) + " bytes at most";
        finding.found = std::to_string(text.size()) + " bytes";
        return std::nullopt;
    }
    // nlohmann skips a byte order mark and takes a NUL for the end of the text.
    if (text.starts_with("\xEF\xBB\xBF")) {
        report.error(ErrorCode::json_syntax, file, "1:1", "the text begins with a byte order mark").expected =
            "UTF-8 without a byte order mark";
        return std::nullopt;
    }
    if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
        const auto line = 1 + std::ranges::count(text.substr(0, nul), '\n');
        report.error(ErrorCode::json_syntax, file, std::to_string(line) + ":1", "the line contains a NUL byte");
        return std::nullopt;
    }
    Builder builder{text, file, report, limits.depth};
    constexpr bool nothing_after_the_document = true;
    constexpr bool ignore_comments = false;
    const bool complete =
        nlohmann::json::sax_parse(text.begin(), text.end(), &builder, nlohmann::json::input_format_t::json,
                                  nothing_after_the_document, ignore_comments);
    std::optional<JsonValue> value = builder.take();
    if (!complete) return std::nullopt;
    return value;
}

std::optional<std::string> read_text_file(const std::filesystem::path& path, std::size_t limit, Report& report) {
    const auto refuse = [&](std::string message, std::string expected, std::string found) {
        Finding& finding = report.error(ErrorCode::json_unreadable, path.string(), "", std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        return std::nullopt;
    };
    // O_NONBLOCK: opening a pipe nobody writes to must not hang.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return refuse("cannot open the file", "a readable file", std::strerror(errno));
    struct Closer {
        int fd;
        ~Closer() { ::close(fd); }
    } closer{fd};
    struct stat info {};
    if (::fstat(fd, &info) != 0) return refuse("cannot examine the file", "a readable file", std::strerror(errno));
    if (S_ISDIR(info.st_mode)) return refuse("cannot read the file", "a regular file", "a directory");
    if (!S_ISREG(info.st_mode)) return refuse("cannot read the file", "a regular file", "a pipe, socket or device");
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return refuse("cannot read the file", "a readable file", std::strerror(errno));
        if (count == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > limit)
            return refuse("the file is too large", std::to_string(limit) + " bytes at most", "more");
    }
}

std::string json_pointer(std::string_view pointer, std::string_view key) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out{pointer};
    out += '/';
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else if (byte < 0x20 || byte == 0x7F)
            out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        else
            out += c;
    }
    return out;
}

std::string json_pointer(std::string_view pointer, std::size_t index) {
    return std::string{pointer} + "/" + std::to_string(index);
}

std::string shown(const JsonValue& value) {
    if (const std::string* text = value.string()) return shown(std::string_view{*text});
    const std::string text = canonical_json(value);
    const std::string_view head = cut(text, shown_bytes);
    return head.size() == text.size() ? text : std::string{head} + "...";
}

std::string shown(std::string_view text) {
    std::string out;
    const std::string_view head = cut(text, shown_bytes);
    append_json_string(out, head);
    return head.size() == text.size() ? out : out + "...";
}

} // namespace rvm::manifest
