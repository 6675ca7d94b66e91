#include "manifest/json_lines.hpp"

#include <string>

#include <gtest/gtest.h>

namespace rvm::manifest {
namespace {

TEST(json_lines, every_value_is_found_on_its_own_line) {
    const JsonLines lines("{\n"
                          "  \"a\": 1, \"b\"\n"
                          "  : \"}, [\\\"\\n\",\n"
                          "  \"list\": [ 10,\n"
                          "    {\"in/side\": true}, [],\n"
                          "    \"x\"],\n"
                          "  \"last\": null}\n");
    EXPECT_EQ(lines.line(""), 1u);
    EXPECT_EQ(lines.line("/a"), 2u);
    EXPECT_EQ(lines.line("/b"), 3u);
    EXPECT_EQ(lines.line("/list"), 4u);
    EXPECT_EQ(lines.line("/list/0"), 4u);
    EXPECT_EQ(lines.line("/list/1"), 5u);
    EXPECT_EQ(lines.line("/list/1/in~1side"), 5u);
    EXPECT_EQ(lines.line("/list/2"), 5u);
    EXPECT_EQ(lines.line("/list/3"), 6u);
    EXPECT_EQ(lines.line("/last"), 7u);
    EXPECT_EQ(lines.line("/none"), 0u);
    EXPECT_EQ(lines.line("/list/4"), 0u);
}

TEST(json_lines, any_text_is_survived) {
    const std::string whole = "[{\"a\":[1,\"b\\\\\"]},\n2]";
    for (std::size_t end = 0; end <= whole.size(); ++end)
        EXPECT_EQ(JsonLines(whole.substr(0, end)).line(""), end == 0 ? 0u : 1u) << end;
    EXPECT_EQ(JsonLines("]]}},,\"").line("/0"), 0u);
    EXPECT_EQ(JsonLines("\n\n7").line(""), 3u);
}

} // namespace
} // namespace rvm::manifest
