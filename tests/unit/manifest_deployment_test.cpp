// The deployment manifest: what its keys become, and the rules between them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "manifest/manifest.hpp"

namespace rvm::manifest {
namespace {

const std::string digest(64, 'a');

std::optional<Manifest> parse(const std::string& members, Report& report, const char* profile = "standard") {
    const std::string text = R"({"format_version":1,"profile":")" + std::string{profile} + "\"" +
                             (members.empty() ? "" : ",") + members + "}";
    return parse_manifest(text, "/etc/rvm/node.json", report);
}

Manifest parsed(const std::string& members, const char* profile = "standard") {
    Report report;
    auto manifest = parse(members, report, profile);
    EXPECT_TRUE(manifest.has_value()) << report.text();
    return manifest.value_or(Manifest{});
}

std::vector<std::string> codes(const Report& report) {
    std::vector<std::string> out;
    for (const Finding& finding : report.findings())
        out.push_back(std::string{error_info(finding.code).text} + " " + finding.where);
    return out;
}

TEST(manifest_deployment, has_the_documented_defaults) {
    const Manifest manifest = parsed("");
    EXPECT_EQ(manifest.file, "/etc/rvm/node.json");
    EXPECT_EQ(manifest.directory, "/etc/rvm");
    EXPECT_EQ(manifest.profile, Profile::standard);
    EXPECT_EQ(manifest.discovery, Discovery::listed);
    EXPECT_EQ(manifest.trust.require, TrustRequirement::pin_or_signature);
    EXPECT_FALSE(manifest.trust.allow_unsigned);
    EXPECT_EQ(manifest.storage.engine, "memory");
    EXPECT_EQ(manifest.chain.id, 0u);
    EXPECT_TRUE(manifest.pre_state_format.empty());
    EXPECT_EQ(manifest.native_limits, NativeLimits{});
    EXPECT_EQ(parsed("", "development").trust.require, TrustRequirement::none);
}

TEST(manifest_deployment, cuts_the_chain_into_periods_at_the_heights_of_activations) {
    const Manifest manifest = parsed(R"("chain":{"rules":{"evm":"evm/a"},"activations":[)"
                                     R"({"height":5,"rules":{"evm":"evm/b"},"gas":{"x":{"base":7}}},)"
                                     R"({"height":"0x9","gas":{"x":{"per_unit":2}}},{"height":10,"gas":{"x":{"base":8}}}]})");
    const Chain& chain = manifest.chain;
    EXPECT_EQ(chain.periods(), 4u);
    const std::uint64_t heights[] = {0, 4, 5, 8, 9, 10, UINT64_MAX};
    const std::uint32_t periods[] = {0, 0, 1, 1, 2, 3, 3};
    for (std::size_t i = 0; i < std::size(heights); ++i)
        EXPECT_EQ(chain.period_of(heights[i]), periods[i]) << heights[i];
    EXPECT_EQ(chain.rules_since(0, "evm"), std::nullopt);
    EXPECT_EQ(chain.rules_since(3, "evm"), 0u);
    EXPECT_EQ(chain.rules_since(3, "wasm"), std::nullopt);
    EXPECT_FALSE(chain.prices_in(0, "x").base.has_value());
    EXPECT_EQ(chain.prices_in(1, "x").base, 7u);
    EXPECT_FALSE(chain.prices_in(1, "x").per_unit.has_value());
    EXPECT_EQ(chain.prices_in(2, "x").base, 7u) << "what an activation leaves out stays";
    EXPECT_EQ(chain.prices_in(2, "x").per_unit, 2u);
    EXPECT_EQ(chain.prices_in(3, "x").base, 8u);
    EXPECT_EQ(chain.price_periods(), 4u);
}

TEST(manifest_deployment, tells_periods_apart_by_prices_only_where_prices_change) {
    const Manifest manifest = parsed(R"("chain":{"activations":[{"height":5,"rules":{"evm":"evm/b"}},)"
                                     R"({"height":6,"gas":{"x":{"base":7}}},)"
                                     R"({"height":7,"rules":{"evm":"evm/c"},"gas":{}}]})");
    EXPECT_EQ(manifest.chain.periods(), 4u);
    EXPECT_EQ(manifest.chain.price_periods(), 2u);
    const std::uint32_t numbers[] = {0, 0, 1, 1};
    for (std::uint32_t period = 0; period < std::size(numbers); ++period)
        EXPECT_EQ(manifest.chain.price_period_of(period), numbers[period]) << period;
    EXPECT_EQ(Chain{}.price_periods(), 1u);
}

TEST(manifest_deployment, refuses_activations_that_do_not_ascend_or_change_nothing) {
    const auto found = [](const std::string& activations) {
        Report report;
        EXPECT_FALSE(parse("\"chain\":{\"activations\":[" + activations + "]}", report));
        return codes(report);
    };
    using Codes = std::vector<std::string>;
    const std::string rules = R"("rules":{"evm":"evm/a"})";
    EXPECT_EQ(found("{\"height\":5," + rules + "},{\"height\":5," + rules + "}"),
              Codes{"RVM-M08 /chain/activations/1/height"});
    EXPECT_EQ(found("{\"height\":0," + rules + "}"), Codes{"RVM-M08 /chain/activations/0/height"});
    EXPECT_EQ(found("{" + rules + "}"), Codes{"RVM-M06 /chain/activations/0"});
    EXPECT_EQ(found(R"({"height":5})"), Codes{"RVM-M06 /chain/activations/0"});
    EXPECT_EQ(found(R"({"height":5,"gas":{"x":{"base":0}}})"), Codes{"RVM-M08 /chain/activations/0/gas/x/base"});
    EXPECT_EQ(found(R"({"height":5,"limits":{},"gas":{"x":{"base":1}}})"), Codes{"RVM-M05 /chain/activations/0/limits"});
}

TEST(manifest_deployment, reads_every_key) {
    const Manifest manifest = parsed(
        R"("name":"n","search_paths":["p","/q/../r"],"discovery":"listed",)"
        R"("trust":{"require":"pin-or-signature","keys":{"k":"ed25519:)" +
        digest +
        R"("}},)"
        R"("plugins":[{"id":"org.a","version":">=1.2 <2","sha256":")" +
        digest +
        R"("},{"path":"x/y.so","signed_by":"k","config":{"b":1,"a":[true]},"optional":true}],)"
        R"("prefer":{"rvm.crypto/1:keccak256":"org.a"},"gas":{"org.a/f":{"base":6},"org.a/g":{"per_unit":"0x10"}},)"
        R"("limits":{"native":{"call_depth":7}},"storage":{"engine":"lmdb","config":{"path":"db"}},)"
        R"("syscalls":["org.a.*","org.b/x"],"chain":{"id":"0xffffffffffffffff","rules":{"evm":"evm/osaka"}},)"
        R"("pre_state_format":"evm","expect":{"semantics":"sha256:)" +
        digest + R"("},"free_items":["org.a/f"])");
    EXPECT_EQ(manifest.name, "n");
    EXPECT_EQ(manifest.search_paths, (std::vector<std::filesystem::path>{"/etc/rvm/p", "/r"}));
    EXPECT_EQ(manifest.trust.keys.at("k")[31], 0xAA);
    ASSERT_EQ(manifest.plugins.size(), 2u);
    EXPECT_EQ(manifest.plugins[0].id, "org.a");
    EXPECT_TRUE(manifest.plugins[0].path.empty());
    EXPECT_TRUE(manifest.plugins[0].version->contains(*Version::parse("1.9.0")));
    EXPECT_EQ(digest_text(*manifest.plugins[0].sha256), digest);
    EXPECT_EQ(manifest.plugins[0].config, "{}");
    EXPECT_EQ(manifest.plugins[1].path, "/etc/rvm/x/y.so");
    EXPECT_EQ(manifest.plugins[1].label(), "/etc/rvm/x/y.so");
    EXPECT_EQ(manifest.plugins[1].signed_by, "k");
    EXPECT_EQ(manifest.plugins[1].config, R"({"a":[true],"b":1})");
    EXPECT_TRUE(manifest.plugins[1].optional);
    EXPECT_EQ(manifest.plugins[1].where, "/plugins/1");
    EXPECT_EQ(manifest.prefer.at("rvm.crypto/1:keccak256"), "org.a");
    EXPECT_EQ(manifest.gas.at("org.a/f").base, 6u);
    EXPECT_FALSE(manifest.gas.at("org.a/f").per_unit.has_value());
    EXPECT_EQ(manifest.gas.at("org.a/g").per_unit, 16u);
    EXPECT_EQ(manifest.native_limits.call_depth, 7u);
    EXPECT_EQ(manifest.native_limits.output_bytes, 1048576u);
    EXPECT_EQ(manifest.storage.config, R"({"path":"/etc/rvm/db"})");
    EXPECT_EQ(manifest.chain.id, ~0ull);
    EXPECT_EQ(manifest.chain.rules.at("evm"), "evm/osaka");
    EXPECT_EQ(manifest.pre_state_format, "evm");
    EXPECT_EQ(manifest.expect.semantics, "sha256:" + digest);
    EXPECT_TRUE(manifest.grants_syscall("org.a.z"));
    EXPECT_TRUE(manifest.grants_syscall("org.b/x"));
    EXPECT_FALSE(manifest.grants_syscall("org.b/xy"));
    EXPECT_FALSE(manifest.grants_syscall("org.c"));
    EXPECT_TRUE(manifest.allows_free("org.a/f"));
    EXPECT_FALSE(manifest.allows_free("org.a/g"));
}

TEST(manifest_deployment, grants_no_syscall_by_default) { EXPECT_FALSE(parsed("").grants_syscall("org.a")); }

TEST(manifest_deployment, puts_a_syscall_at_an_address_once) {
    const std::string address = "0x0000000000000000000000000000000000000800";
    EXPECT_TRUE(parsed("").programs.empty());
    const Manifest manifest = parsed("\"programs\":{\"" + address + "\":\"a.b\"}");
    EXPECT_EQ(manifest.programs, (decltype(manifest.programs){{address, "a.b"}}));
    EXPECT_FALSE(manifest.grants_syscall("a.b")) << "that is another way to a syscall";
    Report report;
    EXPECT_FALSE(parse("\"programs\":{\"" + address + "\":\"a.b\",\"" + address + "\":\"a.c\"}", report));
    EXPECT_EQ(codes(report), std::vector<std::string>{"RVM-M03 /programs/" + address}) << report.text();
}

TEST(manifest_deployment, reports_everything_at_once) {
    Report report;
    EXPECT_FALSE(
        parse(R"("nam":"x","discovery":"dir","plugins":[{"id":"A"},{"sha256":"x"}],"chain":{"id":-1})", report));
    EXPECT_EQ(codes(report),
              (std::vector<std::string>{"RVM-M09 /discovery", "RVM-M09 /plugins/0/id", "RVM-T05 /plugins/0",
                                        "RVM-M06 /plugins/1", "RVM-T03 /plugins/1/sha256", "RVM-M08 /chain/id",
                                        "RVM-M05 /nam"}))
        << report.text();
}

TEST(manifest_deployment, of_a_newer_format_names_both_versions_and_nothing_else) {
    Report report;
    EXPECT_FALSE(parse_manifest(R"({"format_version":2,"profile":"quantum","x":1})", "m.json", report));
    ASSERT_EQ(report.findings().size(), 1u) << report.text();
    EXPECT_EQ(report.findings()[0].code, ErrorCode::format_version_unsupported);
    EXPECT_EQ(report.findings()[0].expected, "version 1");
    EXPECT_EQ(report.findings()[0].found, "version 2");
}

TEST(manifest_deployment, refuses_a_signer_that_is_not_listed) {
    Report report;
    EXPECT_FALSE(parse(R"("trust":{"keys":{"acme-2026":"ed25519:)" + digest +
                           R"("}},"plugins":[{"id":"a","signed_by":"acme-2025"}])",
                       report));
    ASSERT_EQ(report.findings().size(), 1u) << report.text();
    EXPECT_EQ(report.findings()[0].code, ErrorCode::manifest_reference);
    EXPECT_EQ(report.findings()[0].where, "/plugins/0/signed_by");
    EXPECT_EQ(report.findings()[0].plugin, "a");
    EXPECT_EQ(report.findings()[0].hint, "did you mean \"acme-2026\"?");
}

TEST(manifest_deployment, refuses_a_preference_for_a_plugin_that_is_not_listed) {
    const std::string plugins = R"("trust":{"require":"none"},"plugins":[{"id":"org.a"}],)";
    Report report;
    EXPECT_FALSE(parse(plugins + R"("prefer":{"rvm.crypto/1:x":"org.b"})", report));
    EXPECT_EQ(codes(report), std::vector<std::string>{"RVM-M12 /prefer/rvm.crypto~11:x"});
    parsed(plugins + R"("prefer":{"rvm.crypto/1:x":"org.a"})");
    parsed(plugins + R"("discovery":"directory","prefer":{"rvm.crypto/1:x":"org.b"})");
}

TEST(manifest_deployment, refuses_a_price_of_zero_unless_listed_as_free) {
    Report report;
    EXPECT_FALSE(parse(R"("gas":{"a":{"base":0}})", report));
    EXPECT_EQ(codes(report), std::vector<std::string>{"RVM-M08 /gas/a/base"});
    EXPECT_EQ(parsed(R"("gas":{"a":{"base":0}},"free_items":["a"])").gas.at("a").base, 0u);
}

struct TrustCase {
    const char* profile;
    const char* require;
    const char* keys; ///< members of trust.keys
    bool allow_unsigned;
    const char* entry; ///< members beside the id
    bool accepted;
};

TEST(manifest_deployment, requires_of_each_plugin_what_trust_says) {
    const std::string pin = R"(,"sha256":")" + digest + "\"";
    const std::string key = R"("k":"ed25519:)" + digest + "\"";
    const std::string by = R"(,"signed_by":"k")";
    const TrustCase cases[]{
        {"standard", "pin", "", false, "", false},
        {"standard", "pin", "", false, pin.c_str(), true},
        {"standard", "pin", key.c_str(), false, by.c_str(), false},
        {"standard", "signature", key.c_str(), false, "", true}, // any listed key will do
        {"standard", "signature", "", false, pin.c_str(), false},
        {"standard", "pin-or-signature", "", false, "", false},
        {"standard", "pin-or-signature", key.c_str(), false, "", true},
        {"standard", "pin", "", true, "", true},
        {"standard", "none", "", false, "", true},
        {"development", "pin", "", false, "", false},
        {"consensus", "pin-or-signature", key.c_str(), false, "", false}, // must say which
        {"consensus", "pin-or-signature", key.c_str(), false, by.c_str(), true},
        {"consensus", "pin-or-signature", "", false, pin.c_str(), true},
        {"consensus", "pin", key.c_str(), false, by.c_str(), false},
        {"consensus", "signature", key.c_str(), false, pin.c_str(), false},
    };
    for (const TrustCase& c : cases) {
        const std::string members = R"("trust":{"require":")" + std::string{c.require} + R"(","keys":{)" + c.keys +
                                    R"(},"allow_unsigned":)" + (c.allow_unsigned ? "true" : "false") +
                                    R"(},"plugins":[{"id":"a")" + c.entry + "}]";
        Report report;
        EXPECT_EQ(parse(members, report, c.profile).has_value(), c.accepted) << c.profile << members << report.text();
        if (!c.accepted) {
            EXPECT_EQ(codes(report), std::vector<std::string>{"RVM-T05 /plugins/0"});
        }
    }
}

TEST(manifest_deployment, requires_trust_under_consensus_even_when_unsigned_is_allowed) {
    Report report;
    EXPECT_FALSE(parse(R"("trust":{"allow_unsigned":true},"plugins":[{"id":"a"}])", report, "consensus"));
    EXPECT_EQ(codes(report), (std::vector<std::string>{"RVM-T05 /plugins/0", "RVM-M11 /trust/allow_unsigned"}));
}

TEST(manifest_deployment, keeps_environment_and_home_references_as_they_are) {
    const Manifest manifest = parsed(R"("search_paths":["$HOME/p","~/q","${X}"])");
    EXPECT_EQ(manifest.search_paths[0], "/etc/rvm/$HOME/p");
    EXPECT_EQ(manifest.search_paths[1], "/etc/rvm/~/q");
    EXPECT_EQ(manifest.search_paths[2], "/etc/rvm/${X}");
}

TEST(manifest_deployment, resolves_paths_against_the_real_directory_of_the_file) {
    namespace fs = std::filesystem;
    const fs::path root = fs::canonical(testing::TempDir()) / "rvm_manifest_paths";
    fs::remove_all(root);
    fs::create_directories(root / "real/share");
    fs::create_directory_symlink(root / "real/share", root / "link");
    std::ofstream{root / "real/share/m.json"}
        << R"({"format_version":1,"profile":"standard","search_paths":["../lib"]})";
    Report report;
    const auto manifest = load_manifest(root / "link/m.json", report);
    ASSERT_TRUE(manifest.has_value()) << report.text();
    // What the system would make of link/../lib: the parent of the link's target.
    EXPECT_EQ(manifest->search_paths[0], root / "real/lib");
    fs::remove_all(root);
}

TEST(manifest_deployment, bounds_plugin_configurations) {
    const std::string entry = R"("trust":{"require":"none"},"plugins":[{"id":"a","config":)";
    const auto nested = [](std::size_t levels) {
        std::string text = "{\"a\":";
        for (std::size_t i = 1; i < levels; ++i)
            text += '[';
        return text + std::string(levels - 1, ']') + "}";
    };
    parsed(entry + R"({"a":")" + std::string(60'000, 'x') + R"("}}])");
    Report large;
    EXPECT_FALSE(parse(entry + R"({"a":")" + std::string(1'000'000, 'x') + R"("}}])", large));
    EXPECT_EQ(codes(large), std::vector<std::string>{"RVM-C03 /plugins/0/config"});
    for (const std::size_t levels : {33u, 60u}) {
        Report deep;
        EXPECT_FALSE(parse(entry + nested(levels) + "}]", deep));
        EXPECT_EQ(codes(deep), std::vector<std::string>{"RVM-C04 /plugins/0/config"});
    }
    Report bomb;
    EXPECT_FALSE(parse(entry + nested(100'000) + "}]", bomb));
    ASSERT_EQ(bomb.findings().size(), 1u);
    EXPECT_EQ(bomb.findings()[0].code, ErrorCode::config_too_deep);
    EXPECT_TRUE(bomb.findings()[0].where.starts_with("/plugins/0/config/a/0"));
}

TEST(manifest_deployment, that_is_missing_is_reported_with_its_path) {
    Report report;
    EXPECT_FALSE(load_manifest("/nonexistent/m.json", report).has_value());
    ASSERT_EQ(report.findings().size(), 1u);
    EXPECT_EQ(report.findings()[0].code, ErrorCode::json_unreadable);
    EXPECT_EQ(report.findings()[0].file, "/nonexistent/m.json");
}

TEST(manifest_plugin_path, counts_in_development_only) {
    Report report;
    EXPECT_EQ(extra_search_paths("/a:/b/../c::", Profile::development, false, report),
              (std::vector<std::filesystem::path>{"/a", "/c"}));
    EXPECT_TRUE(report.findings().empty());
    for (const Profile profile : {Profile::standard, Profile::consensus}) {
        Report ignored;
        EXPECT_TRUE(extra_search_paths("/a", profile, false, ignored).empty());
        ASSERT_EQ(ignored.findings().size(), 1u);
        EXPECT_EQ(ignored.findings()[0].code, ErrorCode::plugin_path_variable);
        EXPECT_EQ(ignored.findings()[0].severity, Severity::warning);
        EXPECT_EQ(ignored.findings()[0].found, "profile " + std::string{profile_name(profile)});
    }
}

TEST(manifest_plugin_path, never_counts_in_an_elevated_process) {
    Report report;
    EXPECT_TRUE(extra_search_paths("/a", Profile::development, true, report).empty());
    EXPECT_EQ(report.findings().size(), 1u);
    EXPECT_TRUE(report.ok());
}

TEST(manifest_plugin_path, never_depends_on_the_working_directory) {
    Report report;
    EXPECT_EQ(extra_search_paths("a:./b:/c", Profile::development, false, report).size(), 1u);
    EXPECT_EQ(report.findings().size(), 2u);
}

TEST(manifest_plugin_path, is_silent_when_unset) {
    Report report;
    EXPECT_TRUE(extra_search_paths(nullptr, Profile::consensus, true, report).empty());
    EXPECT_TRUE(extra_search_paths("", Profile::consensus, true, report).empty());
    EXPECT_TRUE(report.findings().empty());
}

} // namespace
} // namespace rvm::manifest
