// The documents of tests/data/manifest, judged by the parser; manifest_schemas.py judges the same ones by the JSON
// Schemas, so that neither drifts from the other.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/bytes.hpp"
#include "manifest/json.hpp"
#include "manifest/limits.hpp"
#include "manifest/manifest.hpp"
#include "manifest/sidecar.hpp"

namespace rvm::manifest {
namespace {

const std::string data_dir = RVM_SOURCE_DIR "/tests/data/manifest/";
const std::string config_dir = RVM_SOURCE_DIR "/configs/";

std::vector<std::string> lines_of(const std::string& file) {
    std::ifstream in{data_dir + file};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        if (!line.empty() && line.front() != '#') lines.push_back(line);
    EXPECT_FALSE(lines.empty()) << file;
    return lines;
}

bool parses(std::string_view kind, std::string_view text, Report& report) {
    if (kind == "manifest") return parse_manifest(text, "/etc/rvm/manifest.json", report).has_value();
    return parse_sidecar(text, "/lib/a.rvm.json", SidecarSource::file, report).has_value();
}

class manifest_documents : public testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(kinds, manifest_documents, testing::Values("manifest", "sidecar"));

TEST_P(manifest_documents, accepted_ones_parse_without_findings) {
    for (const std::string& line : lines_of("accepted_" + std::string{GetParam()} + "s.txt")) {
        Report report;
        EXPECT_TRUE(parses(GetParam(), line, report)) << line << '\n' << report.text();
        EXPECT_TRUE(report.findings().empty()) << report.text();
    }
}

TEST_P(manifest_documents, refused_ones_name_code_and_place) {
    for (const std::string& line : lines_of("refused_" + std::string{GetParam()} + "s.txt")) {
        const std::size_t first = line.find(' ');
        const std::size_t second = line.find(' ', first + 1);
        const std::string code = line.substr(0, first);
        const std::string pointer = line.substr(first + 1, second - first - 1);
        Report report;
        EXPECT_FALSE(parses(GetParam(), line.substr(second + 1), report)) << line;
        ASSERT_EQ(report.findings().size(), 1u) << line << '\n' << report.text();
        const Finding& finding = report.findings().front();
        EXPECT_EQ(error_info(finding.code).text, code) << line << '\n' << finding.text();
        EXPECT_EQ(finding.where, pointer == "-" ? "" : pointer) << line << '\n' << finding.text();
        EXPECT_FALSE(finding.expected.empty() && finding.found.empty() && finding.message.empty());
        EXPECT_EQ(report.exit_status(), 78);
    }
}

std::string read_file(const std::string& path) {
    Report report;
    auto text = read_text_file(path, max_json_bytes, report);
    EXPECT_TRUE(text.has_value()) << report.text();
    return text.value_or("");
}

TEST(manifest_configs, in_the_source_tree_parse_once_pins_are_written) {
    for (const char* name : {"dev.json", "consensus.json", "embedded.json"}) {
        std::string text = read_file(config_dir + name);
        for (std::size_t at = 0; (at = text.find("@sha256:", at)) != std::string::npos;)
            text.replace(at, text.find('@', at + 1) + 1 - at, std::string(64, '0'));
        Report report;
        const auto manifest = parse_manifest(text, config_dir + name, report);
        EXPECT_TRUE(manifest.has_value()) << report.text();
        EXPECT_TRUE(report.findings().empty()) << report.text();
    }
}

TEST(manifest_configs, with_pins_not_yet_written_are_refused) {
    Report report;
    EXPECT_FALSE(load_manifest(config_dir + "consensus.json", report).has_value());
    EXPECT_EQ(report.findings().front().code, ErrorCode::plugin_pin_mismatch) << report.text();
}

TEST(manifest_configs, in_the_build_tree_pin_the_plugins_beside_them) {
    namespace fs = std::filesystem;
    const std::string built = RVM_SHARE_DIR "/configs/";
    if (!fs::exists(built + "consensus.json")) GTEST_SKIP() << "this build has not all plugins";
    for (const char* name : {"dev.json", "embedded.json", "consensus.json"}) {
        Report report;
        const auto manifest = load_manifest(built + name, report);
        ASSERT_TRUE(manifest.has_value()) << report.text();
        for (const fs::path& path : manifest->search_paths)
            EXPECT_EQ(path, fs::canonical(RVM_PLUGIN_DIR));
        for (const PluginEntry& plugin : manifest->plugins) {
            const std::string file = plugin.id.substr(plugin.id.rfind('.') + 1) + ".so";
            std::ifstream in{fs::path{RVM_PLUGIN_DIR} / file, std::ios::binary};
            const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
            EXPECT_EQ(digest_text(*plugin.sha256), to_hex(sha256(as_bytes(bytes)))) << file;
        }
    }
}

TEST(manifest_configs, find_the_plugins_beside_share_wherever_the_tree_stands) {
    Report report;
    const std::string text = read_file(config_dir + "dev.json");
    const auto manifest = parse_manifest(text, "/opt/rvm/share/rvm/configs/dev.json", report);
    ASSERT_TRUE(manifest.has_value()) << report.text();
    ASSERT_EQ(manifest->search_paths.size(), 1u);
    EXPECT_EQ(manifest->search_paths[0], "/opt/rvm/lib/rvm/plugins");
}

/// The schema's ranges and defaults are written by hand; the table in limits.hpp is what counts.
TEST(manifest_configs, schema_states_the_limits_of_the_table) {
    Report report;
    const auto schema = parse_json(read_file(config_dir + "manifest.schema.json"), "schema", report);
    ASSERT_TRUE(schema.has_value()) << report.text();
    const JsonValue* limits = schema->find("properties")->find("limits")->find("properties")->find("native");
    const JsonValue* native = limits->find("properties");
    std::size_t count = 0;
#define RVM_CHECK_LIMIT(name, lowest, highest, standard, meaning)                                                      \
    ++count;                                                                                                           \
    ASSERT_NE(native->find(#name), nullptr) << #name;                                                                  \
    EXPECT_EQ(native->find(#name)->find("minimum")->integer()->magnitude, lowest##ULL) << #name;                       \
    EXPECT_EQ(native->find(#name)->find("maximum")->integer()->magnitude, highest##ULL) << #name;                      \
    EXPECT_EQ(native->find(#name)->find("default")->integer()->magnitude, standard##ULL) << #name;
    RVM_NATIVE_LIMITS(RVM_CHECK_LIMIT)
#undef RVM_CHECK_LIMIT
    EXPECT_EQ(native->object()->size(), count);
}

/// README's table of limits is generated from nothing: it must state the same numbers.
TEST(manifest_configs, readme_states_the_limits_of_the_table) {
    const std::string readme = read_file(config_dir + "README.md");
#define RVM_CHECK_LIMIT(name, lowest, highest, standard, meaning)                                                      \
    EXPECT_NE(readme.find("| `" #name "` | " #lowest " | " #highest " | " #standard), std::string::npos) << #name;     \
    EXPECT_NE(readme.find(meaning " |"), std::string::npos) << #name;
    RVM_NATIVE_LIMITS(RVM_CHECK_LIMIT)
#undef RVM_CHECK_LIMIT
}

TEST(manifest_configs, readme_lists_every_key_of_the_schema) {
    Report report;
    const auto schema = parse_json(read_file(config_dir + "manifest.schema.json"), "schema", report);
    ASSERT_TRUE(schema.has_value()) << report.text();
    const std::string readme = read_file(config_dir + "README.md");
    const auto listed = [&](const std::string& key) {
        return readme.find("| `" + key + "`") != std::string::npos ||
               readme.find(", `" + key + "`") != std::string::npos;
    };
    for (const JsonMember& member : *schema->find("properties")->object()) {
        const JsonValue* inner = member.value.find("properties");
        if (inner == nullptr) {
            EXPECT_TRUE(listed(member.key)) << member.key;
            continue;
        }
        for (const JsonMember& part : *inner->object())
            EXPECT_TRUE(listed(member.key + "." + part.key)) << member.key << '.' << part.key;
    }
    for (const JsonMember& member : *schema->find("$defs")->find("plugin")->find("properties")->object())
        EXPECT_TRUE(listed(member.key)) << member.key;
}

TEST(manifest_limits, lie_in_their_ranges) {
    const NativeLimits limits;
#define RVM_CHECK_LIMIT(name, lowest, highest, standard, meaning)                                                      \
    EXPECT_GE(limits.name + 1, lowest##ULL + 1) << #name;                                                              \
    EXPECT_LE(limits.name, highest##ULL) << #name;
    RVM_NATIVE_LIMITS(RVM_CHECK_LIMIT)
#undef RVM_CHECK_LIMIT
}

} // namespace
} // namespace rvm::manifest
