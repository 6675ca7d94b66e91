// Versions (Semantic Versioning 2.0.0) and the ranges of a deployment.
#include <gtest/gtest.h>

#include "manifest/version.hpp"

namespace rvm::manifest {
namespace {

TEST(manifest_version, accepts_what_semver_accepts) {
    for (const char* good : {"0.0.0", "1.2.3", "18446744073709551615.0.0", "1.0.0-alpha", "1.0.0-alpha.1",
                             "1.0.0-0.3.7", "1.0.0-x-y-z.--", "1.0.0+001", "1.0.0-rc.1+build.5", "1.0.0+-"})
        EXPECT_EQ(Version::parse(good).value_or(Version{}).text(), good);
}

TEST(manifest_version, refuses_what_semver_refuses) {
    for (const char* bad :
         {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.3-", "1.2.3+", "1.2.3-01", "1.2.3-a..b", "1.2.3-a.",
          "v1.2.3", "1.2.3 ", "-1.2.3", "1.2.-3", "1.2.3-\xC3\xA9", "1.2.3+a+b", "18446744073709551616.0.0"})
        EXPECT_FALSE(Version::parse(bad).has_value()) << bad;
    EXPECT_FALSE(Version::parse("1.0.0-" + std::string(60, 'a')).has_value());
}

TEST(manifest_version, orders_as_section_11_of_semver) {
    const char* ascending[]{"0.9.9",      "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta",
                            "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                            "1.0.0",      "1.0.1",        "1.10.0",        "2.0.0"};
    for (std::size_t i = 0; i < std::size(ascending); ++i)
        for (std::size_t j = 0; j < std::size(ascending); ++j) {
            const auto order = *Version::parse(ascending[i]) <=> *Version::parse(ascending[j]);
            EXPECT_EQ(order < 0, i < j) << ascending[i] << ' ' << ascending[j];
            EXPECT_EQ(order == 0, i == j) << ascending[i] << ' ' << ascending[j];
        }
    EXPECT_EQ(*Version::parse("1.0.0+a"), *Version::parse("1.0.0+b"));
}

bool holds(const char* range, const char* version) {
    const auto parsed = VersionRange::parse(range);
    EXPECT_TRUE(parsed.has_value()) << range;
    return parsed && parsed->contains(*Version::parse(version));
}

TEST(manifest_version_range, holds_when_all_comparators_do) {
    EXPECT_TRUE(holds(">=1.2 <2", "1.2.0"));
    EXPECT_TRUE(holds(">=1.2 <2", "1.99.7"));
    EXPECT_FALSE(holds(">=1.2 <2", "1.1.9"));
    EXPECT_FALSE(holds(">=1.2 <2", "2.0.0"));
    EXPECT_TRUE(holds("1.4.0", "1.4.0"));
    EXPECT_FALSE(holds("1.4.0", "1.4.1"));
    EXPECT_TRUE(holds("=1", "1.0.0"));
    EXPECT_TRUE(holds("  >1   <=1.5 ", "1.5.0"));
    EXPECT_FALSE(holds(">1", "1.0.0"));
    EXPECT_TRUE(holds(">=1.0.0-rc.1", "1.0.0-rc.2"));
}

TEST(manifest_version_range, refuses_other_spellings) {
    for (const char* bad : {"", " ", ">", "> 1", "^1", "~1.2", "1.x", "*", ">=1,<2", "1 || 2", "1.2-rc", "=>1", ">=01",
                            "1 1 1 1 1 1 1 1 1"})
        EXPECT_FALSE(VersionRange::parse(bad).has_value()) << bad;
}

} // namespace
} // namespace rvm::manifest
