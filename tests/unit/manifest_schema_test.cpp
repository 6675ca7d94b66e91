// The schema subset of plugin configurations.
#include <gtest/gtest.h>

#include "manifest/schema.hpp"

namespace rvm::manifest {
namespace {

ConfigSchema schema(std::string_view text) {
    Report report;
    auto judged = ConfigSchema::parse(text, "s", report);
    EXPECT_TRUE(judged.has_value()) << report.text();
    return judged ? *judged : *ConfigSchema::parse(R"({"type":"object"})", "s", report);
}

std::string applied(std::string_view schema_text, std::string_view config) {
    Report report;
    const auto result = schema(schema_text).apply(config, "m.json", "/plugins/3/config", "org.a", report);
    if (result) return *result;
    std::string out;
    for (const Finding& finding : report.findings()) {
        EXPECT_EQ(finding.file, "m.json");
        EXPECT_EQ(finding.plugin, "org.a");
        out += std::string{error_info(finding.code).text} + " " + finding.where + ";";
    }
    return out;
}

constexpr std::string_view batch = R"({"type":"object","additionalProperties":false,"required":["name"],"properties":{
    "name":{"type":"string","minLength":1,"maxLength":3},
    "batch":{"type":"integer","minimum":-5,"maximum":18446744073709551615,"default":64},
    "fast":{"type":"boolean"},
    "mode":{"enum":["a","b",1]},
    "list":{"type":"array","maxItems":2,"items":{"type":"object","properties":{"x":{"type":"integer","default":1}}}}}})";

TEST(manifest_schema, fills_in_defaults_and_writes_canonical_text) {
    EXPECT_EQ(applied(batch, R"({"name":"n"})"), R"({"batch":64,"name":"n"})");
    EXPECT_EQ(applied(batch, R"({ "name" : "n", "list":[{},{"x":2}] })"),
              R"({"batch":64,"list":[{"x":1},{"x":2}],"name":"n"})");
}

TEST(manifest_schema, names_the_place_of_each_mistake) {
    const std::string at = "RVM-C01 /plugins/3/config";
    EXPECT_EQ(applied(batch, "{}"), at + ";");
    EXPECT_EQ(applied(batch, "[]"), at + ";");
    EXPECT_EQ(applied(batch, R"({"name":7})"), at + "/name;");
    EXPECT_EQ(applied(batch, R"({"name":""})"), at + "/name;");
    EXPECT_EQ(applied(batch, R"({"name":"abcd"})"), at + "/name;");
    EXPECT_EQ(applied(batch, R"({"name":"n","batch":-6})"), at + "/batch;");
    EXPECT_EQ(applied(batch, R"({"name":"n","batch":"64"})"), at + "/batch;");
    EXPECT_EQ(applied(batch, R"({"name":"n","fast":1})"), at + "/fast;");
    EXPECT_EQ(applied(batch, R"({"name":"n","mode":"c"})"), at + "/mode;");
    EXPECT_EQ(applied(batch, R"({"name":"n","bacth":1})"), at + "/bacth;");
    EXPECT_EQ(applied(batch, R"({"name":"n","list":[{},{},{}]})"), at + "/list;");
    EXPECT_EQ(applied(batch, R"({"name":"n","list":[{},{"x":true}],"fast":null})"), at + "/fast;" + at + "/list/1/x;");
}

TEST(manifest_schema, counts_lengths_in_code_points) {
    EXPECT_EQ(applied(batch, "{\"name\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}"),
              "{\"batch\":64,\"name\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}");
}

TEST(manifest_schema, compares_integers_exactly_at_both_ends) {
    EXPECT_EQ(applied(batch, R"({"name":"n","batch":18446744073709551615})"),
              R"({"batch":18446744073709551615,"name":"n"})");
    EXPECT_EQ(applied(batch, R"({"name":"n","batch":-5})"), R"({"batch":-5,"name":"n"})");
}

TEST(manifest_schema, suggests_the_key_that_was_meant) {
    Report report;
    EXPECT_FALSE(schema(batch).apply(R"({"name":"n","bacth":1})", "m", "", "", report).has_value());
    EXPECT_EQ(report.findings()[0].hint, "did you mean \"batch\"?");
}

TEST(manifest_schema, admits_other_keys_unless_closed) {
    EXPECT_EQ(applied(R"({"type":"object"})", R"({"b":{"c":[]},"a":1})"), R"({"a":1,"b":{"c":[]}})");
}

TEST(manifest_schema, refuses_schemas_it_would_not_enforce) {
    struct Case {
        const char* property; ///< the schema of property "a"
        const char* where;    ///< below /properties/a
    };
    const Case cases[]{
        {R"({"type":"string","pattern":"x"})", "/pattern"},
        {R"({"type":"string","minlength":1})", "/minlength"},
        {R"({"type":"string","minimum":1})", "/minimum"},
        {R"({"minimum":1})", "/minimum"},
        {R"({"type":"number"})", "/type"},
        {R"({"type":["string","integer"]})", "/type"},
        {R"({"type":"integer","minimum":"1"})", "/minimum"},
        {R"({"type":"integer","minimum":2,"maximum":1})", "/minimum"},
        {R"({"type":"string","maxLength":-1})", "/maxLength"},
        {R"({"type":"array","items":[]})", "/items"},
        {R"({"type":"array","maxItems":true})", "/maxItems"},
        {R"({"type":"object","properties":[]})", "/properties"},
        {R"({"type":"object","properties":{"x":1}})", "/properties/x"},
        {R"({"type":"object","required":["x"]})", "/required/0"},
        {R"({"type":"object","required":"x"})", "/required"},
        {R"({"type":"object","additionalProperties":{}})", "/additionalProperties"},
        {R"({"enum":[]})", "/enum"},
        {R"({"enum":[1,2,1]})", "/enum/2"},
        {R"({"enum":"a"})", "/enum"},
        {R"({"type":"integer","default":"x"})", "/default"},
        {R"({"type":"integer","maximum":5,"default":6})", "/default"},
        {R"({"description":1})", "/description"},
        {"true", ""},
    };
    for (const Case& c : cases) {
        Report report;
        EXPECT_FALSE(
            ConfigSchema::parse(R"({"type":"object","properties":{"a":)" + std::string{c.property} + "}}", "s", report)
                .has_value())
            << c.property;
        ASSERT_EQ(report.findings().size(), 1u) << c.property << report.text();
        EXPECT_EQ(report.findings()[0].code, ErrorCode::config_schema_invalid) << c.property;
        EXPECT_EQ(report.findings()[0].where, "/properties/a" + std::string{c.where}) << c.property;
    }
}

TEST(manifest_schema, bounds_what_defaults_fill_in) {
    const std::string text =
        R"({"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":)"
        R"({"x":{"type":"string","default":")" +
        std::string(30'000, 'x') + R"("}}}}}})";
    std::string config = R"({"l":[{})";
    for (int i = 0; i < 20'000; ++i)
        config += ",{}";
    Report report;
    EXPECT_FALSE(schema(text).apply(config + "]}", "m", "", "", report).has_value());
    ASSERT_EQ(report.findings().size(), 1u) << report.text();
    EXPECT_EQ(report.findings()[0].code, ErrorCode::config_too_large);
    // Noticed while filling in, not when 600 MB have been written.
    EXPECT_EQ(report.findings()[0].message, "the defaults make the configuration too large");
}

TEST(manifest_schema, bounds_size_and_depth) {
    const std::string deep = R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}";
    EXPECT_EQ(applied(R"({"type":"object"})", deep), "RVM-C04 /plugins/3/config;");
    EXPECT_EQ(applied(batch, deep), "RVM-C04 /plugins/3/config;"); // before anything inside is judged
    EXPECT_EQ(applied(R"({"type":"object"})", R"({"a":")" + std::string(70'000, 'x') + "\"}"),
              "RVM-C03 /plugins/3/config;");
    std::string nested = R"({"type":"integer"})";
    for (int i = 0; i < 16; ++i)
        nested = R"({"type":"object","properties":{"a":)" + nested + "}}";
    Report report;
    EXPECT_FALSE(ConfigSchema::parse(nested, "s", report).has_value());
    EXPECT_EQ(report.findings()[0].code, ErrorCode::config_too_deep);
}

} // namespace
} // namespace rvm::manifest
