#include "manifest/version.hpp"

#include <algorithm>
#include <charconv>

namespace rvm::manifest {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier_char(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }
bool is_numeric(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// A decimal number without leading zeros that fits 64 bits.
std::optional<std::uint64_t> number(std::string_view text) {
    if (!is_numeric(text) || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string_view take_until(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return head;
}

/// Dot-separated identifiers, none empty; numeric ones without leading zeros when `strict_numbers`.
bool is_identifier_list(std::string_view text, bool strict_numbers) {
    if (text.empty() || text.ends_with('.')) return false;
    while (!text.empty()) {
        const std::string_view identifier = take_until(text, '.');
        if (identifier.empty() || !std::ranges::all_of(identifier, is_identifier_char)) return false;
        if (strict_numbers && is_numeric(identifier) && identifier.size() > 1 && identifier.front() == '0')
            return false;
    }
    return true;
}

/// SemVer section 11.4.
std::weak_ordering compare_pre_release(std::string_view a, std::string_view b) {
    // A release is greater than its pre-releases.
    if (a.empty() || b.empty()) return static_cast<int>(a.empty()) <=> static_cast<int>(b.empty());
    while (!a.empty() && !b.empty()) {
        const std::string_view left = take_until(a, '.');
        const std::string_view right = take_until(b, '.');
        const bool left_numeric = is_numeric(left);
        const bool right_numeric = is_numeric(right);
        if (left_numeric != right_numeric) return left_numeric ? std::weak_ordering::less : std::weak_ordering::greater;
        // Without leading zeros the longer number is the greater one, whatever its size.
        if (left_numeric && left.size() != right.size()) return left.size() <=> right.size();
        if (const auto order = left.compare(right); order != 0)
            return order < 0 ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    // With all common parts equal, the longer list is the greater one.
    return static_cast<int>(!a.empty()) <=> static_cast<int>(!b.empty());
}

/// "1", "1.2", "1.2.3", "1.2.3-rc.1": what comparators hold.
std::optional<Version> parse_partial(std::string_view text) {
    const std::string_view numbers = text.substr(0, text.find_first_of("-+"));
    const auto dots = std::ranges::count(numbers, '.');
    if (numbers.size() != text.size() && dots != 2) return std::nullopt;
    std::string full{numbers};
    for (auto missing = dots; missing < 2; ++missing)
        full += ".0";
    full += text.substr(numbers.size());
    return Version::parse(full);
}

} // namespace

std::optional<Version> Version::parse(std::string_view text) {
    if (text.size() > max_text) return std::nullopt;
    Version version;
    const std::size_t plus = text.find('+');
    if (plus != std::string_view::npos) {
        version.build = text.substr(plus + 1);
        if (!is_identifier_list(version.build, false)) return std::nullopt;
        text = text.substr(0, plus);
    }
    const std::size_t hyphen = text.find('-');
    if (hyphen != std::string_view::npos) {
        version.pre_release = text.substr(hyphen + 1);
        if (!is_identifier_list(version.pre_release, true)) return std::nullopt;
        text = text.substr(0, hyphen);
    }
    if (std::ranges::count(text, '.') != 2) return std::nullopt;
    for (std::uint64_t* part : {&version.major, &version.minor, &version.patch}) {
        const std::optional<std::uint64_t> value = number(take_until(text, '.'));
        if (!value) return std::nullopt;
        *part = *value;
    }
    return version;
}

std::string Version::text() const {
    std::string out = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
    if (!pre_release.empty()) out.append("-").append(pre_release);
    if (!build.empty()) out.append("+").append(build);
    return out;
}

std::weak_ordering Version::operator<=>(const Version& other) const {
    if (const auto order = major <=> other.major; order != 0) return order;
    if (const auto order = minor <=> other.minor; order != 0) return order;
    if (const auto order = patch <=> other.patch; order != 0) return order;
    return compare_pre_release(pre_release, other.pre_release);
}

std::optional<VersionRange> VersionRange::parse(std::string_view text) {
    VersionRange range;
    range.text_ = text;
    while (!text.empty()) {
        std::string_view part = take_until(text, ' ');
        if (part.empty()) continue;
        struct Spelling {
            std::string_view sign;
            Relation relation;
        };
        // Longer signs first: ">=" begins with ">".
        static constexpr Spelling spellings[]{{">=", Relation::greater_equal},
                                              {"<=", Relation::less_equal},
                                              {">", Relation::greater},
                                              {"<", Relation::less},
                                              {"=", Relation::equal}};
        Relation relation = Relation::equal;
        for (const Spelling& spelling : spellings) {
            if (!part.starts_with(spelling.sign)) continue;
            relation = spelling.relation;
            part.remove_prefix(spelling.sign.size());
            break;
        }
        std::optional<Version> version = parse_partial(part);
        if (!version || range.comparators_.size() == max_comparators) return std::nullopt;
        range.comparators_.push_back({relation, std::move(*version)});
    }
    if (range.comparators_.empty()) return std::nullopt;
    return range;
}

bool VersionRange::contains(const Version& version) const {
    return std::ranges::all_of(comparators_, [&](const Comparator& comparator) {
        const auto order = version <=> comparator.version;
        switch (comparator.relation) {
        case Relation::equal:
            return order == 0;
        case Relation::less:
            return order < 0;
        case Relation::less_equal:
            return order <= 0;
        case Relation::greater:
            return order > 0;
        case Relation::greater_equal:
            return order >= 0;
        }
        return false;
    });
}

} // namespace rvm::manifest
