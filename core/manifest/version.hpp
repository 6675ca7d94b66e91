// Versions of plugins: Semantic Versioning 2.0.0, and the ranges a deployment writes (">=1.2 <2").
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::manifest {

/// "1.2.3-rc.1+build5". Numbers are at most 2^64-1, the whole text at most max_text bytes.
struct Version {
    static constexpr std::size_t max_text = 64; ///< longer texts are no version anybody writes

    std::uint64_t major = 0;
    std::uint64_t minor = 0;
    std::uint64_t patch = 0;
    std::string pre_release; ///< "rc.1"; empty for a release
    std::string build;       ///< "build5"; ignored when versions are compared (SemVer section 10)

    [[nodiscard]] std::string text() const;
    /// SemVer section 9 exactly: three numbers without leading zeros, then optional parts; nullopt for anything else.
    [[nodiscard]] static std::optional<Version> parse(std::string_view text);
    /// Precedence (SemVer section 11).
    [[nodiscard]] std::weak_ordering operator<=>(const Version& other) const;
    [[nodiscard]] bool operator==(const Version& other) const { return (*this <=> other) == 0; }
};

/// Comparators that must all hold, separated by spaces: ">=1.2 <2", "=1.4.0", "1.4.0" (the same). Missing minor and
/// patch numbers read as 0. Pre-releases are ordered by precedence like any version: "<2" admits 2.0.0-rc.1.
class VersionRange {
  public:
    static constexpr std::size_t max_comparators =
        8; ///< two bound any range; the rest is room for exclusions by bounds

    /// nullopt when a comparator is malformed, there is none, or there are more than max_comparators.
    [[nodiscard]] static std::optional<VersionRange> parse(std::string_view text);
    [[nodiscard]] bool contains(const Version& version) const;
    /// As it was written.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    enum class Relation : std::uint8_t { equal, less, less_equal, greater, greater_equal };
    struct Comparator {
        Relation relation;
        Version version;
    };
    std::vector<Comparator> comparators_;
    std::string text_;
};

} // namespace rvm::manifest
