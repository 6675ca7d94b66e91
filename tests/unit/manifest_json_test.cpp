// Strict JSON: what RFC 8259 readers commonly let through and this one does not.
#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>

#include "manifest/canonical.hpp"
#include "manifest/json.hpp"
#include "manifest/json_reader.hpp"

namespace rvm::manifest {
namespace {

using namespace std::string_literals;

struct Refusal {
    const char* what;
    std::string text;
    ErrorCode code;
    std::string where;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.what; }

class refused_json : public testing::TestWithParam<Refusal> {};

TEST_P(refused_json, is_reported_at_its_place) {
    Report report;
    EXPECT_FALSE(parse_json(GetParam().text, "file.json", report).has_value());
    ASSERT_FALSE(report.findings().empty());
    const Finding& finding = report.findings().front();
    EXPECT_EQ(error_info(finding.code).text, error_info(GetParam().code).text) << finding.text();
    EXPECT_EQ(finding.where, GetParam().where) << finding.text();
    EXPECT_EQ(finding.file, "file.json");
    EXPECT_FALSE(finding.message.empty());
}

const Refusal refusals[]{
    {"empty text", "", ErrorCode::json_syntax, "1:1"},
    {"trailing text", "{} x", ErrorCode::json_syntax, "1:4"},
    {"second document", "{}\n{}", ErrorCode::json_syntax, "2:1"},
    {"line comment", "{ // no\n}", ErrorCode::json_syntax, "1:3"},
    {"block comment", "/* no */ {}", ErrorCode::json_syntax, "1:1"},
    {"trailing comma", "{\n  \"a\": 1,\n}", ErrorCode::json_syntax, "3:1"},
    {"single quotes", "{'a': 1}", ErrorCode::json_syntax, "1:2"},
    {"byte order mark", "\xEF\xBB\xBF{}", ErrorCode::json_syntax, "1:1"},
    {"text behind a NUL", "{}\0garbage"s, ErrorCode::json_syntax, "1:1"},
    {"invalid UTF-8", "{\"a\": \"\xC3\x28\"}", ErrorCode::json_syntax, "1:9"},
    {"overlong UTF-8", "{\"a\": \"\xC0\xAF\"}", ErrorCode::json_syntax, "1:8"},
    {"surrogate in UTF-8", "{\"a\": \"\xED\xA0\x80\"}", ErrorCode::json_syntax, "1:9"},
    {"lone escaped surrogate", R"({"a": "\ud800"})", ErrorCode::json_syntax, "1:14"},
    {"NaN", "[NaN]", ErrorCode::json_syntax, "1:2"},
    {"leading zero", "[01]", ErrorCode::json_syntax, "1:3"},
    {"plus sign", "[+1]", ErrorCode::json_syntax, "1:2"},
    {"unfinished", "{\"a\": [1, 2", ErrorCode::json_syntax, "1:12"},
    {"control character in a string", "[\"a\nb\"]", ErrorCode::json_syntax, "1:4"},
    {"duplicate key", R"({"a": {"b": 1, "c": 2, "b": 1}})", ErrorCode::json_duplicate_key, "/a/b"},
    {"duplicate key by escape", R"({"a": 1, "\u0061": 2})", ErrorCode::json_duplicate_key, "/a"},
    {"fraction", R"({"a": [1, 1.5]})", ErrorCode::json_wrong_type, "/a/1"},
    {"integer written as fraction", R"({"a": 1.0})", ErrorCode::json_wrong_type, "/a"},
    {"exponent", R"({"a": 1e3})", ErrorCode::json_wrong_type, "/a"},
    {"2^64", R"({"a": 18446744073709551616})", ErrorCode::json_out_of_range, "/a"},
    {"-2^63-1", R"({"a": -9223372036854775809})", ErrorCode::json_out_of_range, "/a"},
    {"hundred digits", "[" + std::string(100, '9') + "]", ErrorCode::json_out_of_range, "/0"},
    {"number beyond double", R"([1e999])", ErrorCode::json_syntax, "1:6"},
    {"depth 65", std::string(65, '[') + std::string(65, ']'), ErrorCode::json_limit,
     [] {
         std::string pointer;
         for (int i = 0; i < 64; ++i)
             pointer += "/0";
         return pointer;
     }()},
    {"depth bomb", std::string(100'000, '['), ErrorCode::json_limit,
     [] {
         std::string pointer;
         for (int i = 0; i < 64; ++i)
             pointer += "/0";
         return pointer;
     }()},
    {"large text", std::string(max_json_bytes + 1, ' '), ErrorCode::json_limit, ""},
    {"long key", "{\"" + std::string(max_json_key_bytes + 1, 'k') + "\": 1}", ErrorCode::json_limit, "/"},
};
std::string test_name(const testing::TestParamInfo<Refusal>& tested) {
    std::string name{tested.param.what};
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    return name;
}
INSTANTIATE_TEST_SUITE_P(manifest, refused_json, testing::ValuesIn(refusals), test_name);

JsonValue parsed(std::string_view text) {
    Report report;
    auto value = parse_json(text, "f", report);
    EXPECT_TRUE(value.has_value()) << report.text();
    return value.value_or(JsonValue{});
}

TEST(manifest_json, keeps_integers_exact_to_both_ends) {
    const JsonValue value = parsed("[-9223372036854775808, 18446744073709551615, -0, -1]");
    EXPECT_EQ(canonical_json(value), "[-9223372036854775808,18446744073709551615,0,-1]");
}

TEST(manifest_json, allows_depth_64) { EXPECT_EQ(parsed(std::string(64, '[') + std::string(64, ']')).depth(), 64u); }

TEST(manifest_json, collects_all_findings_of_a_document) {
    Report report;
    EXPECT_FALSE(parse_json(R"({"a": 1.5, "b": {"c": 1, "c": 2}, "d": 18446744073709551616})", "f", report));
    EXPECT_EQ(report.findings().size(), 3u) << report.text();
}

TEST(manifest_json, bounds_the_number_of_findings) {
    std::string text = "[0.5";
    for (int i = 0; i < 10'000; ++i)
        text += ",0.5";
    Report report;
    EXPECT_FALSE(parse_json(text + "]", "f", report));
    EXPECT_EQ(report.findings().size(), max_json_findings);
}

TEST(manifest_json, a_syntax_error_after_the_last_finding_is_one_too_many) {
    const auto findings = [](std::size_t floats) {
        std::string text = "[";
        for (std::size_t i = 0; i < floats; ++i)
            text += "0.5,";
        Report report;
        EXPECT_FALSE(parse_json(text + "x", "f", report));
        return report.findings();
    };
    EXPECT_EQ(findings(max_json_findings - 1).size(), max_json_findings);
    EXPECT_EQ(findings(max_json_findings - 1).back().code, ErrorCode::json_syntax);
    EXPECT_EQ(findings(max_json_findings).size(), max_json_findings);
}

TEST(manifest_json, says_what_it_expected_and_found) {
    Report report;
    EXPECT_FALSE(parse_json("{\"a\" 1}", "f", report));
    EXPECT_NE(report.findings()[0].expected.find("':'"), std::string::npos) << report.text();
    EXPECT_FALSE(report.findings()[0].found.empty()) << report.text();
}

TEST(manifest_json, keeps_terminal_sequences_out_of_messages) {
    Report report;
    EXPECT_FALSE(parse_json("{\"\\u001b[2J\": 1.5, \"\\u001b[2J\": 1}", "f", report));
    EXPECT_FALSE(parse_json("[\x1b[2J]", "f", report));
    for (const Finding& finding : report.findings())
        EXPECT_EQ(finding.text().find('\x1b'), std::string::npos);
}

TEST(manifest_json, escapes_pointers_as_rfc_6901_says) {
    EXPECT_EQ(json_pointer("/a", "m~n/o"), "/a/m~0n~1o");
    EXPECT_EQ(json_pointer("", ""), "/");
    EXPECT_EQ(json_pointer("/list", 7), "/list/7");
}

TEST(manifest_json, finds_members_whatever_their_order) {
    const JsonValue value = parsed(R"({"z": 1, "a": 2, "m": {"x": null}})");
    ASSERT_NE(value.find("z"), nullptr);
    EXPECT_EQ(value.find("z")->integer()->magnitude, 1u);
    EXPECT_EQ(value.find("m")->find("x")->type(), JsonValue::Type::null);
    EXPECT_EQ(value.find("b"), nullptr);
    EXPECT_EQ(value.find("a")->find("x"), nullptr);
}

TEST(manifest_canonical, has_one_spelling) {
    EXPECT_EQ(
        canonical_json(parsed("{ \"b\" : [ 1 , true , null ] , \"a\" : \"\\u0041\\/\\n\\u0001\\u001b\xC3\xA9\" }")),
        "{\"a\":\"A/\\n\\u0001\\u001b\xC3\xA9\",\"b\":[1,true,null]}");
}

TEST(manifest_canonical, sorts_keys_by_code_point) {
    EXPECT_EQ(canonical_json(parsed(R"({"\ud83d\ude00":1,"\uff5e":2,"z":3,"Z":4})")),
              "{\"Z\":4,\"z\":3,\"\xEF\xBD\x9E\":2,\"\xF0\x9F\x98\x80\":1}");
}

TEST(manifest_canonical, is_a_fixed_point) {
    const std::string text = canonical_json(parsed(R"({"x": [{}, [], "\"\\\b\f\r\t\u007f"], "": -5})"));
    EXPECT_EQ(canonical_json(parsed(text)), text);
}

TEST(manifest_json_reader, reads_hex_integers_and_refuses_those_that_do_not_fit) {
    const std::string file = "f";
    Report report;
    JsonContext context{file, report};
    const auto read = [&](const char* text) { return read_integer(context, JsonValue{text}, "/n", 0, ~0ull); };
    EXPECT_EQ(read("0xffffffffffffffff"), ~0ull);
    EXPECT_EQ(read("0x0"), 0u);
    EXPECT_TRUE(report.ok());
    for (const char* bad :
         {"0x10000000000000000", "0x", "0xg", "12", "0X1", " 0x1", "-0x1", "0x-1", "0x1 ", "0x00000000000000001"})
        EXPECT_FALSE(read(bad).has_value()) << bad;
    EXPECT_EQ(report.findings().size(), 10u);
}

TEST(manifest_json_reader, never_wraps_or_converts) {
    const std::string file = "f";
    Report report;
    JsonContext context{file, report};
    const JsonValue value = parsed(R"({"negative": -1, "large": 300, "text": "1", "flag": 1})");
    ObjectReader reader{context, value, "/at"};
    EXPECT_FALSE(reader.integer("negative", Need::required).has_value());
    EXPECT_FALSE(reader.integer("large", Need::required, 0, 255).has_value());
    EXPECT_FALSE(reader.integer("text", Need::required).has_value());
    EXPECT_FALSE(reader.boolean("flag", Need::required).has_value());
    EXPECT_FALSE(reader.text("absent", Need::optional).has_value());
    reader.finish();
    ASSERT_EQ(report.findings().size(), 4u) << report.text();
    EXPECT_EQ(report.findings()[1].where, "/at/large");
    EXPECT_EQ(report.findings()[1].expected, "an integer from 0 to 255");
    EXPECT_EQ(report.findings()[1].found, "300");
}

TEST(manifest_json_reader, suggests_the_key_that_was_meant) {
    const std::string file = "f";
    Report report;
    JsonContext context{file, report};
    const JsonValue value = parsed(R"({"profil": 1})");
    ObjectReader reader{context, value, ""};
    EXPECT_FALSE(reader.text("profile", Need::optional).has_value());
    reader.finish();
    ASSERT_EQ(report.findings().size(), 1u);
    EXPECT_EQ(report.findings()[0].hint, "did you mean \"profile\"?");
    EXPECT_EQ(report.findings()[0].where, "/profil");
}

TEST(manifest_json_reader, answers_many_unknown_keys_quickly) {
    std::string text = "{\"format_version\": 1";
    for (int i = 0; i < 60'000; ++i)
        text += ",\"unknown" + std::to_string(i) + "\":0";
    const JsonValue value = parsed(text + "}");
    const std::string file = "f";
    Report report;
    JsonContext context{file, report};
    ObjectReader reader{context, value, ""};
    reader.finish();
    EXPECT_TRUE(context.failed());
    EXPECT_EQ(report.findings().size(), max_json_findings);
}

TEST(manifest_json, reads_regular_files_only) {
    const std::string folder = testing::TempDir() + "rvm_json_files";
    ::mkdir(folder.c_str(), 0700);
    const std::string pipe = folder + "/pipe";
    ::mkfifo(pipe.c_str(), 0600);
    const std::string large = folder + "/large";
    std::ofstream{large} << std::string(101, 'x');
    for (const std::string& path : {folder, pipe, large, folder + "/missing", "/dev/zero"s}) {
        Report report;
        EXPECT_FALSE(read_text_file(path, 100, report).has_value()) << path;
        ASSERT_EQ(report.findings().size(), 1u) << path;
        EXPECT_EQ(report.findings()[0].code, ErrorCode::json_unreadable);
        EXPECT_EQ(report.findings()[0].file, path);
        EXPECT_EQ(report.exit_status(), 78);
    }
    Report report;
    EXPECT_EQ(read_text_file(large, 101, report)->size(), 101u);
}

} // namespace
} // namespace rvm::manifest
