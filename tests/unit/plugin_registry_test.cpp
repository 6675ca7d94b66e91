// Discovery, dependencies, collisions, lazy loading, and that one broken plugin leaves the others alone.
#include <atomic>
#include <deque>
#include <thread>

#include <sodium.h>
#include <sys/stat.h>

#include "plugin/registry.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

namespace fs = std::filesystem;
using namespace test;
using Names = std::vector<std::string>;

HostServices services() {
    HostServices result;
    result.fill_host = [](void*, PluginSlot& slot, rvm_host& host) {
        host.name = "test";
        slot.runtime_data = &host;
    };
    result.host_interface = [](void*, std::string_view id) -> const void* {
        static const int table = 0;
        return id == RVM_HOST_VM ? &table : nullptr;
    };
    return result;
}

/// Plugins made of tables, in a registry of their own.
class plugin_registry : public testing::Test {
  protected:
    BuiltPlugin& make(std::string id, std::string opcode_id = {}) {
        BuiltPlugin& plugin = *plugins_.emplace_back(std::make_unique<BuiltPlugin>(std::move(id)));
        plugin.log = &log;
        if (opcode_id.empty()) return plugin;
        const char* kept = texts_.emplace_back(std::move(opcode_id)).c_str();
        plugin.add(RVM_KIND_OPCODE, opcodes_.emplace_back(opcode(kept)));
        return plugin;
    }
    void add_all() {
        for (const auto& plugin : plugins_)
            EXPECT_TRUE(registry.add_builtin(&plugin->entry, report)) << report.text();
    }
    bool discover() {
        add_all();
        return registry.discover(report);
    }

    std::vector<std::string> log; // "id.step"
    manifest::Manifest deployment = [] {
        auto made = development("/");
        made.discovery = manifest::Discovery::listed;
        return made;
    }();
    Report report;

  private:
    std::vector<std::unique_ptr<BuiltPlugin>> plugins_;
    std::deque<rvm_opcode> opcodes_;
    std::deque<std::string> texts_;

  protected:
    Registry registry{deployment, services()}; // destroyed before the plugins it holds
};

TEST_F(plugin_registry, builtin_goes_through_the_same_path) {
    make("test.a", "a.add");
    ASSERT_TRUE(discover()) << report.text();
    EXPECT_TRUE(log.empty()) << "nothing runs before it is needed";
    const auto found = registry.find<rvm_opcode>("a.add", report);
    ASSERT_TRUE(found) << report.text();
    EXPECT_EQ(found.owner->id(), "test.a");
    EXPECT_EQ(found->gas, 3U);
    EXPECT_EQ(log, (Names{"test.a.create"}));
    EXPECT_EQ(registry.state(*found.owner), SlotState::loaded);
}

TEST_F(plugin_registry, invalid_builtin_is_refused) {
    BuiltPlugin& plugin = make("test.a", "a.add");
    plugin.entry.abi_minor_built = 99;
    EXPECT_FALSE(registry.add_builtin(&plugin.entry, report));
    EXPECT_TRUE(has(report, ErrorCode::entry_abi_mismatch));
}

TEST_F(plugin_registry, host_table_is_filled_and_leads_back_to_the_slot) {
    BuiltPlugin& plugin = make("test.a", "a.add");
    ASSERT_TRUE(discover());
    ASSERT_NE(registry.require(RVM_KIND_OPCODE, "a.add", report), nullptr);
    EXPECT_STREQ(plugin.host->name, "test");
    EXPECT_EQ(plugin.host->struct_size, sizeof(rvm_host));
    EXPECT_EQ(plugin.host->abi_minor, RVM_ABI_MINOR);
    EXPECT_EQ(&PluginSlot::from(plugin.host->ctx), registry.slot("test.a"));
    EXPECT_EQ(registry.slot("test.a")->runtime_data, plugin.host);
}

TEST_F(plugin_registry, loads_dependencies_first_and_stops_in_reverse) {
    BuiltPlugin& c = make("test.c", "c.add");
    BuiltPlugin& b = make("test.b", "b.add");
    make("test.a", "a.add");
    c.need("rvm.opcode/1:b.add");
    b.need("rvm.opcode/1:a.add");
    b.need("rvm.host.vm/1");
    ASSERT_TRUE(discover()) << report.text();
    ASSERT_TRUE(registry.find<rvm_opcode>("c.add", report)) << report.text();
    EXPECT_EQ(log, (Names{"test.a.create", "test.b.create", "test.c.create"}));
    registry.shutdown(100, report);
    EXPECT_EQ(log, (Names{"test.a.create", "test.b.create", "test.c.create", "test.c.destroy", "test.b.destroy",
                          "test.a.destroy"}));
    EXPECT_TRUE(report.ok()) << report.text();
}

TEST_F(plugin_registry, loads_only_what_is_needed) {
    make("test.a", "a.add");
    make("test.b", "b.add");
    ASSERT_TRUE(discover());
    ASSERT_TRUE(registry.find<rvm_opcode>("b.add", report));
    EXPECT_EQ(log, (Names{"test.b.create"}));
    ASSERT_TRUE(registry.load_all(report)) << report.text();
    EXPECT_EQ(log, (Names{"test.b.create", "test.a.create"}));
}

TEST_F(plugin_registry, missing_dependency_is_named) {
    make("test.a", "a.add").need("rvm.crypto/1:nobody");
    make("test.b", "b.add").need("?rvm.crypto/1:nobody");
    EXPECT_FALSE(discover());
    const Finding* finding = find(report, ErrorCode::dependency_missing);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->plugin, "test.a");
    EXPECT_NE(finding->message.find("rvm.crypto/1:nobody"), std::string::npos);
    EXPECT_TRUE(registry.find<rvm_opcode>("b.add", report)) << "an optional requirement may be missing";
    EXPECT_FALSE(registry.find<rvm_opcode>("a.add", report));
}

TEST_F(plugin_registry, missing_host_interface_is_a_missing_dependency) {
    make("test.a", "a.add").need("rvm.host.dance/1");
    EXPECT_FALSE(discover());
    EXPECT_TRUE(has(report, ErrorCode::dependency_missing));
}

TEST_F(plugin_registry, cycles_are_printed) {
    make("test.a", "a.add").need("rvm.opcode/1:b.add");
    make("test.b", "b.add").need("rvm.opcode/1:a.add");
    make("test.c", "c.add");
    EXPECT_FALSE(discover());
    const Finding* finding = find(report, ErrorCode::dependency_cycle);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->found, "test.a -> test.b -> test.a");
    EXPECT_FALSE(registry.find<rvm_opcode>("a.add", report));
    EXPECT_TRUE(registry.find<rvm_opcode>("c.add", report)) << "others are not affected";
}

TEST_F(plugin_registry, cycle_of_five_and_self_dependency_are_found) {
    for (int i = 0; i < 5; ++i)
        make(fmt::format("test.p{}", i), fmt::format("p{}", i)).need(fmt::format("rvm.opcode/1:p{}", (i + 1) % 5));
    make("test.self", "self").need("rvm.opcode/1:self");
    EXPECT_FALSE(discover());
    Names cycles;
    for (const Finding& finding : report.findings())
        if (finding.code == ErrorCode::dependency_cycle) cycles.push_back(finding.found);
    ASSERT_EQ(cycles.size(), 6U) << report.text();
    EXPECT_EQ(cycles.front(), "test.p0 -> test.p1 -> test.p2 -> test.p3 -> test.p4 -> test.p0");
    EXPECT_EQ(cycles.back(), "test.self -> test.self");
}

TEST_F(plugin_registry, optional_cycle_is_no_cycle) {
    make("test.a", "a.add").need("rvm.opcode/1:b.add");
    make("test.b", "b.add").need("?rvm.opcode/1:a.add");
    ASSERT_TRUE(discover()) << report.text();
    EXPECT_TRUE(registry.find<rvm_opcode>("a.add", report)) << report.text();
}

TEST_F(plugin_registry, refused_dependency_refuses_its_dependents_only) {
    make("test.a", "a.add").table.link = [](void*, rvm_error*) -> rvm_status { return RVM_E_INTERNAL; };
    make("test.b", "b.add").need("rvm.opcode/1:a.add");
    make("test.c", "c.add");
    ASSERT_TRUE(discover());
    EXPECT_FALSE(registry.find<rvm_opcode>("b.add", report));
    EXPECT_TRUE(has(report, ErrorCode::dependency_missing));
    EXPECT_EQ(log, (Names{"test.a.create", "test.a.destroy"})) << "undone, and the dependent never created";
    EXPECT_TRUE(registry.find<rvm_opcode>("c.add", report));
}

TEST_F(plugin_registry, two_providers_collide_unless_one_is_preferred) {
    make("test.a", "same.op");
    make("test.b", "same.op");
    EXPECT_FALSE(discover());
    const Finding* finding = find(report, ErrorCode::contribution_collision);
    ASSERT_NE(finding, nullptr);
    EXPECT_NE(finding->found.find("test.a"), std::string::npos);
    EXPECT_NE(finding->found.find("test.b"), std::string::npos);
    Report again;
    EXPECT_FALSE(registry.find<rvm_opcode>("same.op", again));
    EXPECT_TRUE(has(again, ErrorCode::contribution_collision));
}

TEST_F(plugin_registry, preference_decides_and_is_noted) {
    deployment.prefer["rvm.opcode/1:same.op"] = "test.a";
    make("test.a", "same.op");
    const rvm_opcode other = opcode("b.other");
    const rvm_opcode same = opcode("same.op"); // with the same mnemonic
    BuiltPlugin& b = make("test.b");
    b.add(RVM_KIND_OPCODE, other);
    b.add(RVM_KIND_OPCODE, same);
    EXPECT_TRUE(discover()) << report.text();
    ASSERT_FALSE(report.findings().empty());
    EXPECT_EQ(report.findings().front().severity, Severity::note);
    ASSERT_TRUE(registry.load_all(report)) << report.text(); // the loser, too, for its other items
    const auto found = registry.find<rvm_opcode>("same.op", report);
    ASSERT_TRUE(found) << report.text();
    EXPECT_EQ(found.owner->id(), "test.a");
    EXPECT_EQ(registry.find<rvm_opcode>("b.other", report).owner->id(), "test.b");
    EXPECT_EQ(registry.opcode_by_mnemonic("same.op", report).owner->id(), "test.a");
}

TEST_F(plugin_registry, crypto_collision_has_its_own_code) {
    rvm_crypto crypto{};
    crypto.struct_size = sizeof crypto;
    crypto.flags = RVM_F_PURE;
    crypto.id = "keccak256";
    make("test.a").add(RVM_KIND_CRYPTO, crypto);
    make("test.b").add(RVM_KIND_CRYPTO, crypto);
    EXPECT_FALSE(discover());
    EXPECT_TRUE(has(report, ErrorCode::crypto_ambiguous));
}

TEST_F(plugin_registry, mnemonics_collide_across_plugins) {
    make("test.a", "a.add");
    rvm_opcode other = opcode("b.add");
    other.mnemonic = "a.add";
    make("test.b").add(RVM_KIND_OPCODE, other);
    ASSERT_TRUE(discover());
    EXPECT_FALSE(registry.load_all(report));
    const Finding* finding = find(report, ErrorCode::contribution_collision);
    ASSERT_NE(finding, nullptr);
    EXPECT_NE(finding->found.find("test.a"), std::string::npos);
    EXPECT_NE(finding->found.find("test.b"), std::string::npos);
}

TEST_F(plugin_registry, programs_may_share_an_address_under_disjoint_rules) {
    static const char* const old_rules[] = {"evm/istanbul", nullptr};
    static const char* const new_rules[] = {"evm/berlin", "evm/london", nullptr};
    static const char* const late_rules[] = {"evm/london", nullptr};
    const auto program = [](const char* id, const char* const* rules) {
        rvm_program made{};
        made.struct_size = sizeof made;
        made.flags = RVM_F_PURE;
        made.id = id;
        made.name = "P";
        made.address.bytes[19] = 5;
        made.rules = rules;
        made.run = [](const void*, rvm_view, std::int64_t*, rvm_span*) -> rvm_status { return RVM_OK; };
        return made;
    };
    const rvm_program first = program("p/old", old_rules);
    const rvm_program second = program("p/new", new_rules);
    const rvm_program third = program("p/late", late_rules);
    make("test.a").add(RVM_KIND_PROGRAM, first);
    make("test.b").add(RVM_KIND_PROGRAM, second);
    make("test.c").add(RVM_KIND_PROGRAM, third);
    ASSERT_TRUE(discover());
    EXPECT_EQ(registry.all<rvm_program>(report).size(), 2U);
    const Finding* finding = find(report, ErrorCode::contribution_collision);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->plugin, "test.c");
    EXPECT_EQ(registry.findings(*registry.slot("test.b")).findings().size(), 0U);
}

TEST_F(plugin_registry, opcode_is_found_by_mnemonic) {
    rvm_opcode odd = opcode("org.example/add");
    odd.mnemonic = "xadd";
    make("test.a", "a.add");
    make("test.b").add(RVM_KIND_OPCODE, odd);
    ASSERT_TRUE(discover());
    EXPECT_TRUE(registry.opcode_by_mnemonic("a.add", report));
    EXPECT_EQ(log, (Names{"test.a.create"})) << "an id that is the mnemonic needs no search";
    const auto found = registry.opcode_by_mnemonic("xadd", report);
    ASSERT_TRUE(found) << report.text();
    EXPECT_STREQ(found->id, "org.example/add");
    EXPECT_FALSE(registry.opcode_by_mnemonic("xad", report));
    EXPECT_EQ(report.findings().back().hint, "did you mean \"xadd\"?");
}

TEST_F(plugin_registry, unknown_item_suggests_the_nearest) {
    make("test.a", "u256.add");
    ASSERT_TRUE(discover());
    EXPECT_FALSE(registry.find<rvm_opcode>("u256.ad", report));
    ASSERT_EQ(report.findings().size(), 1U);
    EXPECT_EQ(report.findings().front().hint, "did you mean \"u256.add\"?");
}

/// Fails one step; the log shows what was undone.
class plugin_registry_undo : public plugin_registry, public testing::WithParamInterface<int> {};

TEST_P(plugin_registry_undo, failure_at_any_step_leaves_nothing) {
    BuiltPlugin& plugin = make("test.bad", "bad.add");
    make("test.good", "good.add");
    plugin.table.stop = [](void* self, std::uint64_t, rvm_error*) -> rvm_status {
        static_cast<BuiltPlugin*>(self)->note("stop");
        return RVM_OK;
    };
    constexpr auto fail = [](void*, rvm_error*) -> rvm_status { return RVM_E_INTERNAL; };
    rvm_opcode broken = opcode("bad.add");
    broken.gas = 0;
    const std::vector<rvm_contribution> broken_items{{RVM_KIND_OPCODE, &broken}, {nullptr, nullptr}};
    switch (GetParam()) {
    case 0:
        plugin.table.configure = [](void*, const char*, rvm_error*) -> rvm_status { return RVM_E_CONFIG; };
        break;
    case 1:
        plugin.second_items = {{nullptr, nullptr}};
        break;
    case 2:
        plugin.items = broken_items;
        break;
    case 3:
        plugin.table.link = fail;
        break;
    case 4:
        plugin.table.start = fail;
        break;
    default:
        FAIL();
    }
    ASSERT_TRUE(discover()) << report.text();
    Report refused;
    EXPECT_FALSE(registry.find<rvm_opcode>("bad.add", refused));
    EXPECT_FALSE(refused.ok());
    EXPECT_EQ(log, (Names{"test.bad.create", "test.bad.destroy"}));
    EXPECT_EQ(registry.state(*registry.slot("test.bad")), SlotState::refused);
    Report again;
    EXPECT_FALSE(registry.find<rvm_opcode>("bad.add", again)) << "refused for good";
    EXPECT_EQ(again.text(), refused.text());
    EXPECT_EQ(log.size(), 2U) << "nothing ran again";
    EXPECT_TRUE(registry.all<rvm_opcode>(report).size() == 1) << "the other plugin works";
    EXPECT_TRUE(registry.find<rvm_opcode>("good.add", report));
}
INSTANTIATE_TEST_SUITE_P(steps, plugin_registry_undo, testing::Range(0, 5));

TEST_F(plugin_registry, resolving_an_undeclared_id_refuses_the_plugin) {
    make("test.a", "a.add");
    BuiltPlugin& b = make("test.b", "b.add");
    b.table.link = [](void* self, rvm_error*) -> rvm_status {
        auto& slot = PluginSlot::from(static_cast<BuiltPlugin*>(self)->host->ctx);
        return slot.registry().resolve_for<rvm_opcode>(slot, "a.add") ? RVM_E_INTERNAL : RVM_OK; // shrugs it off
    };
    ASSERT_TRUE(discover());
    EXPECT_FALSE(registry.find<rvm_opcode>("b.add", report));
    EXPECT_TRUE(has(report, ErrorCode::dependency_undeclared)) << report.text();
}

TEST_F(plugin_registry, declared_ids_resolve_inside_link) {
    make("test.a", "a.add");
    BuiltPlugin& b = make("test.b", "b.add");
    b.need("rvm.opcode/1:a.add");
    b.table.link = [](void* self, rvm_error*) -> rvm_status {
        auto& slot = PluginSlot::from(static_cast<BuiltPlugin*>(self)->host->ctx);
        return slot.registry().resolve_for<rvm_opcode>(slot, "a.add") ? RVM_OK : RVM_E_NOT_FOUND;
    };
    ASSERT_TRUE(discover());
    EXPECT_TRUE(registry.find<rvm_opcode>("b.add", report)) << report.text();
}

const std::uint8_t one[] = {1};
const std::uint8_t two[] = {2};
const rvm_kat wrong_answer{{one, 1}, {two, 1}, RVM_OK, 0};

rvm_crypto identity(const rvm_kat* kats, std::uint64_t count) {
    rvm_crypto crypto{};
    crypto.struct_size = sizeof crypto;
    crypto.flags = RVM_F_PURE;
    crypto.id = "identity";
    crypto.shape = RVM_CRYPTO_HASH;
    crypto.digest_size = 1;
    crypto.hash = [](const void*, rvm_view input, std::uint8_t* digest) { digest[0] = input.data[0]; };
    crypto.kats = kats;
    crypto.kat_count = count;
    return crypto;
}

TEST_F(plugin_registry, known_answers_run_when_a_primitive_is_first_resolved) {
    const rvm_crypto crypto = identity(&wrong_answer, 1);
    make("test.a", "a.add").add(RVM_KIND_CRYPTO, crypto);
    ASSERT_TRUE(discover());
    EXPECT_TRUE(registry.find<rvm_opcode>("a.add", report)) << "the plugin loads";
    EXPECT_FALSE(registry.find<rvm_crypto>("identity", report));
    EXPECT_TRUE(has(report, ErrorCode::known_answer_failed));
    EXPECT_FALSE(registry.find<rvm_crypto>("identity", report));
}

TEST_F(plugin_registry, consensus_runs_all_known_answers_at_load) {
    deployment.profile = manifest::Profile::consensus;
    const rvm_crypto crypto = identity(&wrong_answer, 1);
    make("test.a", "a.add").add(RVM_KIND_CRYPTO, crypto);
    ASSERT_TRUE(discover());
    EXPECT_FALSE(registry.load_all(report));
    EXPECT_TRUE(has(report, ErrorCode::known_answer_failed));
    EXPECT_FALSE(registry.find<rvm_opcode>("a.add", report)) << "the plugin is refused";
}

TEST_F(plugin_registry, configuration_is_checked_and_completed_before_the_plugin_sees_it) {
    static std::string seen;
    BuiltPlugin& plugin = make("test.a", "a.add");
    plugin.descriptor.config_schema =
        R"({"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer","maximum":9,"default":5}}})";
    plugin.table.configure = [](void*, const char* config, rvm_error*) -> rvm_status { return seen = config, RVM_OK; };
    deployment.plugins = {{.id = "test.a",
                           .path = {},
                           .version = {},
                           .sha256 = {},
                           .signed_by = {},
                           .config = "{}",
                           .optional = false,
                           .where = "/plugins/0"}};
    ASSERT_TRUE(discover()) << report.text();
    EXPECT_TRUE(registry.find<rvm_opcode>("a.add", report)) << report.text();
    EXPECT_EQ(seen, R"({"n":5})");
}

TEST_F(plugin_registry, bad_configuration_is_refused_with_its_place) {
    BuiltPlugin& plugin = make("test.a", "a.add");
    plugin.descriptor.config_schema = R"({"type":"object","properties":{"n":{"type":"integer","maximum":9}}})";
    make("test.b", "b.add");
    deployment.plugins = {{.id = "test.a",
                           .path = {},
                           .version = {},
                           .sha256 = {},
                           .signed_by = {},
                           .config = R"({"n":10})",
                           .optional = false,
                           .where = "/plugins/0"},
                          {.id = "test.b",
                           .path = {},
                           .version = {},
                           .sha256 = {},
                           .signed_by = {},
                           .config = R"({"n":1})",
                           .optional = false,
                           .where = "/plugins/1"}};
    ASSERT_TRUE(discover()) << report.text();
    EXPECT_FALSE(registry.load_all(report));
    ASSERT_EQ(report.findings().size(), 2U) << report.text();
    EXPECT_EQ(report.findings()[0].where, "/plugins/0/config/n");
    EXPECT_EQ(report.findings()[1].where, "/plugins/1/config") << "no schema: no configuration";
    EXPECT_TRUE(log.empty()) << "no code ran";
}

TEST_F(plugin_registry, many_threads_load_each_plugin_once) {
    for (int i = 0; i < 8; ++i)
        make(fmt::format("test.p{}", i), fmt::format("p{}", i));
    ASSERT_TRUE(discover());
    std::atomic<unsigned> found{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            Report mine;
            for (int i = 0; i < 8; ++i)
                if (registry.find<rvm_opcode>(fmt::format("p{}", (i + t) % 8), mine)) ++found;
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(found, 64U);
    EXPECT_EQ(log.size(), 8U);
}

TEST_F(plugin_registry, known_without_loading) {
    make("test.b", "b.add");
    make("test.a", "a.add");
    ASSERT_TRUE(discover());
    const auto provided = registry.provided(RVM_KIND_OPCODE);
    ASSERT_EQ(provided.size(), 2U);
    EXPECT_EQ(provided[0].id, "a.add");
    EXPECT_EQ(provided[1].owner->id(), "test.b");
    EXPECT_EQ(registry.provider(RVM_KIND_OPCODE, "b.add"), registry.slot("test.b"));
    EXPECT_EQ(registry.slots().front()->id(), "test.b") << "order of addition";
    EXPECT_TRUE(log.empty());
}

// ---- files ----

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
