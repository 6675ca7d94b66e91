// Discovery, dependencies, collisions, lazy loading, and that one broken plugin leaves the others alone.
#include <atomic>
#include <deque>
#include <thread>

#include <sodium.h>

#include "plugin/registry.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

using namespace test;
using Names = std::vector<std::string>;

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

} // namespace
} // namespace rvm::plugin
