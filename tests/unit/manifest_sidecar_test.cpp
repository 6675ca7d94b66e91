// The sidecar: what its keys become, and the rules between them.
#include <gtest/gtest.h>

#include "manifest/sidecar.hpp"

namespace rvm::manifest {
namespace {

const std::string head = R"("format_version":1,"id":"org.example.arith","version":"0.1.0-rc.1",)"
                         R"("target":{"os":"linux","arch":"x86_64","libc":"glibc"},)"
                         R"("abi":{"major":0,"built":3,"needs":1},)";

std::optional<Sidecar> parse(const std::string& members, Report& report, SidecarSource source = SidecarSource::file) {
    return parse_sidecar("{" + head + members + "}", "/p/libarith.rvm.json", source, report);
}

TEST(manifest_sidecar, reads_every_key) {
    Report report;
    const auto sidecar =
        parse(R"("library":"libarith.so","sha256":")" + std::string(64, 'a') +
                  R"(","provides":["rvm.opcode/1:org.example.arith/muladd","rvm.command/1:trace"],)"
                  R"("requires":["rvm.host.vm/1","?rvm.crypto/1:keccak256"],)"
                  R"("config_schema":{"type":"object","properties":{"n":{"type":"integer"}}},)"
                  R"("commands":{"trace":{"summary":"S","usage":"trace FILE","example":"rvm trace a"}},)"
                  R"("license":"MIT","description":"D","url":"U","vendor":"V","name":"Arith")",
              report);
    ASSERT_TRUE(sidecar.has_value()) << report.text();
    EXPECT_EQ(sidecar->file, "/p/libarith.rvm.json");
    EXPECT_EQ(sidecar->id, "org.example.arith");
    EXPECT_EQ(sidecar->version.text(), "0.1.0-rc.1");
    EXPECT_EQ(sidecar->library, "libarith.so");
    EXPECT_EQ(sidecar->target, (Target{"linux", "x86_64", "glibc"}));
    EXPECT_EQ(sidecar->abi.built, 3u);
    EXPECT_EQ(sidecar->abi.needs, 1u);
    EXPECT_TRUE(sidecar->sha256.has_value());
    ASSERT_EQ(sidecar->provides.size(), 2u);
    EXPECT_EQ(sidecar->provides[0].kind, "rvm.opcode/1");
    EXPECT_EQ(sidecar->provides[0].id, "org.example.arith/muladd");
    EXPECT_TRUE(sidecar->provides_item("rvm.command/1", "trace"));
    EXPECT_FALSE(sidecar->provides_item("rvm.command/1", "record"));
    ASSERT_EQ(sidecar->requirements.size(), 2u);
    EXPECT_EQ(sidecar->requirements[0].capability.text(), "rvm.host.vm/1");
    EXPECT_FALSE(sidecar->requirements[0].optional);
    EXPECT_EQ(sidecar->requirements[1].capability.text(), "rvm.crypto/1:keccak256");
    EXPECT_TRUE(sidecar->requirements[1].optional);
    EXPECT_EQ(sidecar->config_schema, R"({"properties":{"n":{"type":"integer"}},"type":"object"})");
    EXPECT_EQ(sidecar->commands.at("trace").usage, "trace FILE");
    EXPECT_EQ(sidecar->license + sidecar->description + sidecar->url + sidecar->vendor, "MITDUV");
    EXPECT_EQ(sidecar->name, "Arith");
}

TEST(manifest_sidecar, needs_no_library_inside_the_library) {
    Report report;
    const auto sidecar = parse(R"("provides":[])", report, SidecarSource::embedded);
    ASSERT_TRUE(sidecar.has_value()) << report.text();
    EXPECT_TRUE(sidecar->library.empty());
    EXPECT_EQ(sidecar->name, sidecar->id);
    EXPECT_TRUE(sidecar->config_schema.empty());
    EXPECT_FALSE(parse(R"("provides":[])", report).has_value());
    EXPECT_EQ(report.findings().back().code, ErrorCode::json_missing_key);
    EXPECT_FALSE(parse(R"("provides":[],"library":"../x")", report, SidecarSource::embedded).has_value());
    EXPECT_EQ(report.findings().back().code, ErrorCode::plugin_path_unsafe);
    EXPECT_EQ(report.findings().back().plugin, "org.example.arith");
}

TEST(manifest_sidecar, describes_exactly_the_commands_it_provides) {
    const std::string help = R"({"summary":"s","usage":"u","example":"e"})";
    Report undescribed;
    EXPECT_FALSE(parse(R"("library":"a.so","provides":["rvm.command/1:go"])", undescribed).has_value());
    ASSERT_EQ(undescribed.findings().size(), 1u);
    EXPECT_EQ(undescribed.findings()[0].code, ErrorCode::sidecar_inconsistent);
    EXPECT_EQ(undescribed.findings()[0].where, "/commands");
    Report unprovided;
    EXPECT_FALSE(parse(R"("library":"a.so","provides":[],"commands":{"go":)" + help + "}", unprovided).has_value());
    ASSERT_EQ(unprovided.findings().size(), 1u);
    EXPECT_EQ(unprovided.findings()[0].code, ErrorCode::sidecar_inconsistent);
    EXPECT_EQ(unprovided.findings()[0].where, "/commands/go");
}

TEST(manifest_sidecar, refuses_to_need_more_than_it_was_built_with) {
    Report report;
    EXPECT_FALSE(parse_sidecar(R"({"format_version":1,"id":"a","version":"1.0.0","target":{"os":"linux","arch":"x"},)"
                               R"("abi":{"major":0,"built":1,"needs":2},"provides":[]})",
                               "f", SidecarSource::embedded, report)
                     .has_value());
    ASSERT_EQ(report.findings().size(), 1u);
    EXPECT_EQ(report.findings()[0].where, "/abi/needs");
}

TEST(manifest_sidecar, needs_after_start_are_of_services_and_verbs_and_listed_once) {
    const std::string verb = R"("library":"a.so","provides":["rvm.command/1:go"],)"
                             R"("commands":{"go":{"summary":"s","usage":"u","example":"e"}},"needs":)";
    Report good;
    const auto sidecar = parse(verb + R"(["sockets","files"])", good);
    ASSERT_TRUE(sidecar.has_value()) << good.text();
    EXPECT_TRUE(sidecar->needs.files && sidecar->needs.sockets && !sidecar->needs.processes);
    EXPECT_FALSE(sidecar->serves());
    Report twice;
    EXPECT_FALSE(parse(verb + R"(["files","sockets","files"])", twice).has_value());
    ASSERT_EQ(twice.findings().size(), 1u) << twice.text();
    EXPECT_EQ(twice.findings()[0].code, ErrorCode::sidecar_inconsistent);
    EXPECT_EQ(twice.findings()[0].where, "/needs/2");
    EXPECT_EQ(twice.findings()[0].found, "\"files\"");
    Report nobody;
    EXPECT_FALSE(parse(R"("library":"a.so","provides":["rvm.opcode/1:x"],"needs":["files"])", nobody).has_value());
    ASSERT_EQ(nobody.findings().size(), 1u) << nobody.text();
    EXPECT_EQ(nobody.findings()[0].where, "/needs");
}

TEST(manifest_sidecar, bounds_the_number_of_items) {
    std::string list = "\"rvm.opcode/1:x0\"";
    for (int i = 1; i < 5000; ++i)
        list += ",\"rvm.opcode/1:x" + std::to_string(i) + "\"";
    Report report;
    EXPECT_FALSE(parse(R"("library":"a.so","provides":[)" + list + "]", report).has_value());
    ASSERT_EQ(report.findings().size(), 1u) << report.text();
    EXPECT_EQ(report.findings()[0].code, ErrorCode::json_out_of_range);
}

TEST(manifest_sidecar, knows_the_platform_of_this_process) {
    EXPECT_EQ(Target::current().os, "linux");
    EXPECT_NE(Target::current().arch, "unknown");
}

TEST(manifest_names, parse_capabilities) {
    for (const char* good : {"rvm.opcode/1:a", "rvm.host.vm/1", "a/b/999:c/d-e_f.g"})
        EXPECT_EQ(Capability::parse(good).value_or(Capability{}).text(), good);
    for (const char* bad : {"", ":", "a", "a:b", "/1:a", "a/:b", "a/0:b", "a/01:b", "a/1000:b", "a/1:", "a/1:B",
                            "a/1:b:c", "a/1x:b", "A/1:b", "?a/1"})
        EXPECT_FALSE(Capability::parse(bad).has_value()) << bad;
}

TEST(manifest_names, match_patterns_by_prefix) {
    EXPECT_TRUE(matches_pattern("*", "anything"));
    EXPECT_TRUE(matches_pattern("org.rvm.*", "org.rvm.crypto/keccak256"));
    EXPECT_FALSE(matches_pattern("org.rvm.*", "org.rvmx"));
    EXPECT_FALSE(matches_pattern("org.rvm", "org.rvm.crypto"));
    EXPECT_TRUE(is_pattern("*"));
    EXPECT_FALSE(is_pattern("a*b"));
    EXPECT_FALSE(is_pattern("**"));
    EXPECT_FALSE(is_pattern(""));
}

TEST(manifest_names, of_files_carry_no_directory) {
    EXPECT_TRUE(is_bare_file_name("libarith.so"));
    EXPECT_TRUE(is_bare_file_name("..."));
    for (const std::string_view bad : {"", ".", "..", "a/b", "/a", "a\n", "a\x7f"})
        EXPECT_FALSE(is_bare_file_name(bad));
    EXPECT_FALSE(is_bare_file_name(std::string_view{"a\0b", 3}));
    EXPECT_FALSE(is_bare_file_name(std::string(256, 'a')));
}

} // namespace
} // namespace rvm::manifest
