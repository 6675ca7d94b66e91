// Plugins as files in folders: discovery, trust, sidecars, what a manifest lists.
#include <atomic>
#include <thread>

#include <sodium.h>

#include "plugin/registry.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

namespace fs = std::filesystem;
using namespace test;

/// Plugins made of tables, in a registry of their own.

class plugin_files : public testing::Test {
  protected:
    void add(std::string_view name, SidecarParts parts = {}) {
        parts.library = fmt::format("{}.so", name);
        folder.write(parts.library, test_plugin(name == "copy" ? "good" : name));
        folder.write(fmt::format("{}.rvm.json", name), sidecar_json(parts));
    }
    void list(std::string id, bool optional = false) {
        deployment.discovery = manifest::Discovery::listed;
        deployment.plugins.push_back({.id = std::move(id),
                                      .path = {},
                                      .version = {},
                                      .sha256 = {},
                                      .signed_by = {},
                                      .config = "{}",
                                      .optional = optional,
                                      .where = fmt::format("/plugins/{}", deployment.plugins.size())});
    }
    std::unique_ptr<Registry> open() {
        auto registry = std::make_unique<Registry>(deployment, services());
        discovered = registry->discover(report);
        return registry;
    }
    static manifest::Digest digest_of(std::string_view name) {
        const Bytes sha = sha256(test_plugin(name));
        manifest::Digest digest{};
        std::ranges::copy(sha, digest.begin());
        return digest;
    }

    Folder folder;
    manifest::Manifest deployment = development(folder.path());
    Report report;
    bool discovered = false;
};

TEST_F(plugin_files, dropped_file_is_found_loaded_and_run) {
    add("good");
    const auto registry = open();
    ASSERT_TRUE(discovered) << report.text();
    const auto found = registry->find<rvm_opcode>("test.add", report);
    ASSERT_TRUE(found) << report.text();
    rvm_word args[2] = {40, 2};
    EXPECT_EQ(found->run(found->self, nullptr, args, 0), RVM_OK);
    EXPECT_EQ(args[0], 42U);
    EXPECT_EQ(registry->library_sha256(*found.owner, report), to_hex(sha256(test_plugin("good"))));
    EXPECT_TRUE(report.findings().empty()) << report.text();
}

TEST_F(plugin_files, two_registries_use_one_library_at_once) {
    add("good");
    const auto first = open();
    const auto second = open();
    const auto a = first->find<rvm_opcode>("test.add", report);
    const auto b = second->find<rvm_opcode>("test.add", report);
    ASSERT_TRUE(a && b) << report.text();
    EXPECT_EQ(a->run, b->run);
    EXPECT_NE(a.item, b.item);
}

TEST_F(plugin_files, removed_file_takes_its_items_along) {
    add("good");
    fs::remove(folder / "good.so");
    fs::remove(folder / "good.rvm.json");
    const auto registry = open();
    EXPECT_FALSE(registry->find<rvm_opcode>("test.add", report));
    EXPECT_EQ(report.findings().front().message, "no plugin provides rvm.opcode/1:test.add");
}

TEST_F(plugin_files, broken_neighbours_affect_only_themselves) {
    add("good");
    folder.write("text.so", "not a library");
    folder.write("orphan.rvm.json",
                 sidecar_json({.id = "test.orphan", .library = "orphan.so", .provides = "\"rvm.opcode/1:o\""}));
    folder.write("garbage.rvm.json", "[[[[");
    folder.write("garbage.so", test_plugin("good"));
    ASSERT_EQ(::mkfifo((folder / "pipe.so").c_str(), 0644), 0);
    fs::create_symlink("/etc/passwd", folder / "link.so");
    const auto registry = open();
    EXPECT_TRUE(discovered) << "warnings, as nobody asked for them";
    EXPECT_TRUE(registry->find<rvm_opcode>("test.add", report)) << report.text();
    for (const std::string_view name : {"text.so", "orphan.so", "garbage.rvm.json", "pipe.so", "link.so"})
        EXPECT_TRUE(std::ranges::any_of(report.findings(), [&](const Finding& f) { return f.file.ends_with(name); }))
            << name;
    Report all;
    EXPECT_FALSE(registry->load_all(all)) << "who loads everything hears of everything";
    EXPECT_TRUE(has(all, ErrorCode::plugin_path_unsafe));
    EXPECT_TRUE(has(all, ErrorCode::plugin_elf_malformed));
}

TEST_F(plugin_files, library_without_sidecar_is_named) {
    folder.write("good.so", test_plugin("good"));
    const auto registry = open();
    EXPECT_TRUE(has(report, ErrorCode::sidecar_missing)) << report.text();
}

TEST_F(plugin_files, listed_plugin_is_found_by_id_and_others_are_left_alone) {
    add("good");
    add("large_entry", {.id = "test.other", .provides = "\"rvm.opcode/1:other\""});
    list("test.good");
    const auto registry = open();
    ASSERT_TRUE(discovered) << report.text();
    EXPECT_EQ(registry->slots().size(), 1U);
    EXPECT_TRUE(registry->load_all(report)) << report.text();
}

TEST_F(plugin_files, listed_plugin_that_is_missing_refuses_the_deployment) {
    list("test.absent");
    open();
    EXPECT_FALSE(discovered);
    EXPECT_EQ(report.findings().front().code, ErrorCode::plugin_file_unreadable);
    EXPECT_EQ(report.findings().front().where, "/plugins/0");
    EXPECT_EQ(report.exit_status(), 78);
}

TEST_F(plugin_files, optional_plugin_that_is_missing_is_a_warning) {
    list("test.absent", true);
    const auto registry = open();
    EXPECT_TRUE(discovered);
    EXPECT_FALSE(report.findings().empty());
    EXPECT_TRUE(registry->load_all(report)) << report.text();
}

TEST_F(plugin_files, one_id_in_two_files_is_refused) {
    add("good");
    add("copy");
    open();
    EXPECT_FALSE(discovered);
    EXPECT_TRUE(has(report, ErrorCode::plugin_duplicate)) << report.text();
    report = {};
    list("test.good");
    open();
    EXPECT_FALSE(discovered);
    ASSERT_TRUE(has(report, ErrorCode::plugin_duplicate)) << report.text();
    EXPECT_NE(find(report, ErrorCode::plugin_duplicate)->found.find("copy.so"), std::string::npos);
}

TEST_F(plugin_files, one_plugin_listed_twice_is_refused) {
    add("good");
    list("test.good");
    list("test.good");
    open();
    EXPECT_FALSE(discovered);
    EXPECT_TRUE(has(report, ErrorCode::plugin_duplicate)) << report.text();
}

TEST_F(plugin_files, path_outside_or_through_links_is_refused) {
    const Folder elsewhere;
    elsewhere.write("good.so", test_plugin("good"));
    elsewhere.write("good.rvm.json", sidecar_json({}));
    fs::create_directory_symlink(elsewhere.path(), folder / "link");
    list("test.good");
    deployment.plugins.front().path = folder / "link/good.so";
    open();
    EXPECT_FALSE(discovered);
    EXPECT_TRUE(has(report, ErrorCode::plugin_path_unsafe)) << report.text();
    report = {};
    deployment.plugins.front().path = elsewhere / "good.so"; // the operator may name any file itself
    const auto registry = open();
    EXPECT_TRUE(registry->load_all(report)) << report.text();
}

TEST_F(plugin_files, version_range_is_checked) {
    add("good");
    list("test.good");
    deployment.plugins.front().version = manifest::VersionRange::parse(">=2");
    open();
    EXPECT_FALSE(discovered);
    const Finding* finding = find(report, ErrorCode::plugin_version);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->expected, ">=2");
    EXPECT_EQ(finding->found, "1.0.0");
}

TEST_F(plugin_files, wrong_pin_stops_even_an_optional_plugin) {
    add("good");
    list("test.good", true);
    deployment.plugins.front().sha256 = digest_of("good");
    EXPECT_TRUE(open()->load_all(report)) << report.text();
    deployment.plugins.front().sha256 = digest_of("large_entry");
    EXPECT_FALSE(open()->load_all(report));
    ASSERT_TRUE(has(report, ErrorCode::plugin_pin_mismatch));
    EXPECT_EQ(find(report, ErrorCode::plugin_pin_mismatch)->where, "/plugins/0/sha256");
}

TEST_F(plugin_files, optional_plugin_that_is_broken_is_a_warning) {
    add("bad_magic");
    list("test.good", true);
    EXPECT_TRUE(open()->load_all(report));
    ASSERT_TRUE(has(report, ErrorCode::entry_invalid));
    EXPECT_EQ(find(report, ErrorCode::entry_invalid)->severity, Severity::warning);
}

TEST_F(plugin_files, deployment_may_require_a_pin_or_a_signature) {
    add("good");
    list("test.good");
    deployment.trust.require = manifest::TrustRequirement::pin_or_signature;
    EXPECT_FALSE(open()->load_all(report));
    EXPECT_TRUE(has(report, ErrorCode::plugin_untrusted));
    deployment.trust.allow_unsigned = true;
    report = {};
    EXPECT_TRUE(open()->load_all(report)) << report.text();
    EXPECT_EQ(report.findings().size(), 1U) << "a warning";
    deployment.trust.allow_unsigned = false;
    deployment.plugins.front().sha256 = digest_of("good");
    report = {};
    EXPECT_TRUE(open()->load_all(report)) << report.text();
}

TEST_F(plugin_files, signature_covers_library_and_sidecar) {
    ASSERT_GE(sodium_init(), 0);
    add("good");
    manifest::PublicKey key{};
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
    crypto_sign_keypair(key.data(), secret.data());
    const auto sign = [&] {
        Bytes message{'r', 'v', 'm', '-', 'p', 'l', 'u', 'g', 'i', 'n', '-', 'v', '1', 0};
        for (const char* name : {"good.so", "good.rvm.json"}) {
            const Bytes sha = sha256(read_file(folder / name));
            message.insert(message.end(), sha.begin(), sha.end());
        }
        Bytes signature(crypto_sign_BYTES);
        crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret.data());
        folder.write("good.rvm.sig", signature);
    };
    list("test.good");
    deployment.trust.require = manifest::TrustRequirement::signature;
    deployment.trust.keys["ours"] = key;
    deployment.plugins.front().signed_by = "ours";
    EXPECT_FALSE(open()->load_all(report));
    EXPECT_TRUE(has(report, ErrorCode::plugin_signature_bad)) << "absent";
    sign();
    report = {};
    EXPECT_TRUE(open()->load_all(report)) << report.text();
    folder.write("good.rvm.json", sidecar_json({.more = R"(,"vendor":"rvm")"}));
    report = {};
    EXPECT_FALSE(open()->load_all(report));
    EXPECT_TRUE(has(report, ErrorCode::plugin_signature_bad)) << "the sidecar was edited";
    sign();
    Bytes longer = read_file(folder / "good.so");
    longer.push_back(0);
    folder.write("good.so", longer);
    report = {};
    EXPECT_FALSE(open()->load_all(report));
    EXPECT_TRUE(has(report, ErrorCode::plugin_signature_bad)) << "the library was edited";
}

TEST_F(plugin_files, sidecar_hash_and_fields_must_match_the_library) {
    const auto refused_with = [&](const SidecarParts& parts) {
        add("good", parts);
        report = {};
        EXPECT_FALSE(open()->load_all(report));
        return report.findings().empty() ? ErrorCode::internal : report.findings().front().code;
    };
    EXPECT_EQ(refused_with({.more = fmt::format(R"(,"sha256":"{}")", std::string(64, 'a'))}),
              ErrorCode::plugin_pin_mismatch);
    EXPECT_EQ(refused_with({.id = "test.liar"}), ErrorCode::entry_sidecar_differs);
    EXPECT_EQ(refused_with({.version = "1.0.1"}), ErrorCode::entry_sidecar_differs);
    EXPECT_EQ(refused_with({.provides = "\"rvm.opcode/1:test.more\""}), ErrorCode::entry_sidecar_differs);
    EXPECT_EQ(refused_with({.requirements = "\"rvm.host.vm/1\""}), ErrorCode::entry_sidecar_differs);
    EXPECT_EQ(refused_with({.abi_minor = 7}), ErrorCode::entry_abi_mismatch);
}

TEST_F(plugin_files, entries_are_judged_before_they_run) {
    const struct {
        const char* name;
        ErrorCode code;
    } rows[] = {
        {"bad_magic", ErrorCode::entry_invalid},
        {"small_entry", ErrorCode::entry_invalid},
        {"other_major", ErrorCode::entry_abi_mismatch},
        {"function_entry", ErrorCode::entry_invalid},
        {"two_entries", ErrorCode::entry_invalid},
        {"undefined_symbol", ErrorCode::plugin_load_failed},
        {"missing_library", ErrorCode::plugin_load_failed},
        {"runpath", ErrorCode::plugin_elf_forbidden},
    };
    for (const auto& row : rows) {
        const Folder mine;
        mine.write(fmt::format("{}.so", row.name), test_plugin(row.name));
        mine.write(fmt::format("{}.rvm.json", row.name), sidecar_json({.library = fmt::format("{}.so", row.name)}));
        deployment.search_paths = {mine.path()};
        report = {};
        EXPECT_FALSE(open()->load_all(report)) << row.name;
        EXPECT_TRUE(has(report, row.code)) << row.name << "\n" << report.text();
    }
    const Folder mine;
    mine.write("large_entry.so", test_plugin("large_entry"));
    mine.write("large_entry.rvm.json", sidecar_json({.library = "large_entry.so"}));
    deployment.search_paths = {mine.path()};
    report = {};
    EXPECT_TRUE(open()->load_all(report)) << "later minors append: " << report.text();
}

TEST_F(plugin_files, option_adds_one_file) {
    const Folder elsewhere;
    elsewhere.write("good.so", test_plugin("good"));
    elsewhere.write("good.rvm.json", sidecar_json({}));
    Registry registry{deployment, services()};
    EXPECT_TRUE(registry.add_file(elsewhere / "good.so", report)) << report.text();
    EXPECT_FALSE(registry.add_file(elsewhere / "none.so", report));
    Report found;
    EXPECT_TRUE(registry.discover(found)) << found.text();
    EXPECT_TRUE(registry.find<rvm_opcode>("test.add", found)) << found.text();
    EXPECT_EQ(registry.slots().front()->origin(), Origin::option);
}

TEST_F(plugin_files, file_swapped_after_the_check_is_not_what_is_loaded) {
    // A racer renames another file over the path again and again: what loads is always what was verified, and a pin
    // admits only the pinned one.
    add("good");
    folder.write("other.bytes", test_plugin("large_entry"));
    list("test.good");
    deployment.plugins.front().sha256 = digest_of("good");
    std::atomic<bool> done{false};
    std::thread racer{[&] {
        const Bytes good = test_plugin("good");
        const Bytes other = test_plugin("large_entry");
        for (unsigned i = 0; !done; ++i) {
            folder.write("swap.tmp", i % 2 == 0 ? other : good);
            fs::rename(folder / "swap.tmp", folder / "good.so");
        }
    }};
    unsigned loaded = 0;
    for (int i = 0; i < 200; ++i) {
        Report mine;
        Registry registry{deployment, services()};
        registry.discover(mine);
        const auto found = registry.find<rvm_opcode>("test.add", mine);
        if (found) {
            ++loaded;
            EXPECT_EQ(registry.library_sha256(*found.owner, mine), to_hex(sha256(test_plugin("good"))));
        } else {
            EXPECT_TRUE(has(mine, ErrorCode::plugin_pin_mismatch) || has(mine, ErrorCode::plugin_file_unreadable))
                << mine.text();
        }
    }
    done = true;
    racer.join();
    EXPECT_GT(loaded, 0U);
}

} // namespace
} // namespace rvm::plugin
