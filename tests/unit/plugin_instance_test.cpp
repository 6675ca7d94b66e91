// The life of one plugin object, and every way it can go wrong.
#include <chrono>
#include <thread>

#include "plugin/instance.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

using namespace test;
using Steps = std::vector<std::string>;

class plugin_instance : public testing::Test {
  protected:
    plugin_instance() { plugin.add(RVM_KIND_OPCODE, item); }

    std::unique_ptr<Instance> create() { return Instance::create(plugin.entry, host, "test.alone", "a.so", report); }
    void expect(ErrorCode code, std::string_view where) {
        ASSERT_FALSE(report.findings().empty());
        EXPECT_EQ(report.findings().front().code, code) << report.text();
        EXPECT_EQ(report.findings().front().where, where);
        EXPECT_EQ(report.findings().front().plugin, "test.alone");
        EXPECT_EQ(report.findings().front().file, "a.so");
    }
    static rvm_status fail(void*, rvm_error* error) {
        std::string_view{"no \x1b room"}.copy(error->message, sizeof error->message);
        return RVM_E_NO_MEMORY;
    }
    static rvm_status explode(void*, rvm_error*) { throw std::runtime_error("boom"); }

    rvm_opcode item = opcode("test.add");
    BuiltPlugin plugin{"test.alone"};
    rvm_host host{};
    Report report;
};

TEST_F(plugin_instance, runs_every_step_once_and_in_order) {
    static constexpr auto note = [](const char* step) {
        return [step](void* self) { static_cast<BuiltPlugin*>(self)->note(step); };
    };
    plugin.table.configure = [](void* self, const char* config, rvm_error*) -> rvm_status {
        note("configure")(self);
        EXPECT_STREQ(config, "{\"a\":1}");
        return RVM_OK;
    };
    plugin.table.link = [](void* self, rvm_error*) -> rvm_status { return note("link")(self), RVM_OK; };
    plugin.table.start = [](void* self, rvm_error*) -> rvm_status { return note("start")(self), RVM_OK; };
    plugin.table.stop = [](void* self, std::uint64_t deadline, rvm_error*) -> rvm_status {
        note("stop")(self);
        EXPECT_EQ(deadline, 500U);
        return RVM_OK;
    };
    {
        const auto instance = create();
        ASSERT_TRUE(instance) << report.text();
        EXPECT_TRUE(instance->configure("{\"a\":1}", report));
        const auto list = instance->contributions(report);
        ASSERT_TRUE(list) << report.text();
        EXPECT_EQ(list->size(), 1U);
        EXPECT_TRUE(instance->link(report));
        EXPECT_TRUE(instance->start(report));
        EXPECT_TRUE(instance->stop(500, report));
        EXPECT_TRUE(instance->stop(500, report)); // no second stop
    }
    EXPECT_EQ(plugin.steps, (Steps{"create", "configure", "link", "start", "stop", "destroy"}));
    EXPECT_TRUE(report.findings().empty()) << report.text();
}

TEST_F(plugin_instance, optional_steps_may_be_missing) {
    {
        const auto instance = create();
        ASSERT_TRUE(instance);
        EXPECT_TRUE(instance->configure("{}", report) && instance->link(report) && instance->start(report) &&
                    instance->stop(1, report));
    }
    EXPECT_EQ(plugin.steps, (Steps{"create", "destroy"}));
}

TEST_F(plugin_instance, started_plugin_is_stopped_before_it_is_destroyed) {
    plugin.table.stop = [](void* self, std::uint64_t, rvm_error*) -> rvm_status {
        static_cast<BuiltPlugin*>(self)->note("stop");
        return RVM_OK;
    };
    {
        const auto instance = create();
        EXPECT_TRUE(instance->start(report));
    }
    EXPECT_EQ(plugin.steps, (Steps{"create", "stop", "destroy"}));
}

TEST_F(plugin_instance, create_may_fail) {
    plugin.entry.create = [](const rvm_host*, rvm_plugin**, rvm_error* error) { return fail(nullptr, error); };
    EXPECT_FALSE(create());
    expect(ErrorCode::plugin_create_failed, "create");
    EXPECT_NE(report.findings().front().message.find("no \\x1b room"), std::string::npos) << report.text();
}

TEST_F(plugin_instance, create_must_return_a_whole_table) {
    plugin.entry.create = [](const rvm_host*, rvm_plugin**, rvm_error*) -> rvm_status { return RVM_OK; };
    EXPECT_FALSE(create());
    expect(ErrorCode::plugin_create_failed, "create");
}

TEST_F(plugin_instance, table_must_be_large_enough_and_complete) {
    const rvm_plugin whole = plugin.table;
    const struct {
        std::string_view where;
        void (*damage)(rvm_plugin&);
    } rows[] = {
        {"plugin.struct_size", [](rvm_plugin& t) { t.struct_size = 0; }},
        {"plugin.struct_size", [](rvm_plugin& t) { t.struct_size = sizeof(rvm_plugin) - 8; }},
        {"plugin.contributions", [](rvm_plugin& t) { t.contributions = nullptr; }},
        {"plugin.destroy", [](rvm_plugin& t) { t.destroy = nullptr; }},
    };
    for (const auto& row : rows) {
        plugin.table = whole;
        row.damage(plugin.table);
        report = {};
        EXPECT_FALSE(create()) << row.where;
        expect(ErrorCode::plugin_create_failed, row.where);
    }
}

TEST_F(plugin_instance, host_keeps_its_own_copy_of_the_table) {
    const auto instance = create();
    plugin.table.contributions = nullptr;
    EXPECT_TRUE(instance->contributions(report)) << report.text();
}

TEST_F(plugin_instance, failing_steps_are_named_with_the_plugins_words) {
    plugin.table.link = fail;
    const auto instance = create();
    EXPECT_FALSE(instance->link(report));
    expect(ErrorCode::plugin_step_failed, "link");
    EXPECT_EQ(report.findings().front().message, "link() failed: no \\x1b room");
    EXPECT_EQ(report.findings().front().found, "status -5");
}

TEST_F(plugin_instance, exceptions_of_cold_calls_are_caught) {
    plugin.table.link = explode;
    plugin.table.start = [](void*, rvm_error*) -> rvm_status { throw 42; };
    plugin.table.destroy = [](void*) { throw std::runtime_error("boom"); };
    {
        const auto instance = create();
        EXPECT_FALSE(instance->link(report));
        expect(ErrorCode::plugin_threw, "link");
        EXPECT_EQ(report.findings().front().found, "\"boom\"");
        EXPECT_FALSE(instance->start(report));
        EXPECT_EQ(report.findings().back().found, "an exception of unknown type");
    }
    report = {};
    plugin.entry.create = [](const rvm_host*, rvm_plugin**, rvm_error*) -> rvm_status { throw 1; };
    EXPECT_FALSE(create());
    expect(ErrorCode::plugin_threw, "create");
}

TEST_F(plugin_instance, contributions_must_be_the_same_twice) {
    const rvm_opcode other = opcode("test.other");
    plugin.second_items = {{RVM_KIND_OPCODE, &other}, {nullptr, nullptr}};
    const auto instance = create();
    EXPECT_FALSE(instance->contributions(report));
    expect(ErrorCode::contribution_list, "contributions");
    plugin.second_items = {{nullptr, nullptr}};
    report = {};
    EXPECT_FALSE(instance->contributions(report));
    expect(ErrorCode::contribution_list, "contributions");
}

TEST_F(plugin_instance, list_of_contributions_is_bounded) {
    plugin.items.assign(1000000, {RVM_KIND_OPCODE, &item});
    const auto instance = create();
    EXPECT_FALSE(instance->contributions(report));
    expect(ErrorCode::contribution_list, "contributions");
    EXPECT_EQ(report.findings().front().expected, "at most 4096 items");
}

TEST_F(plugin_instance, slow_stop_is_reported) {
    plugin.table.stop = [](void*, std::uint64_t, rvm_error*) -> rvm_status {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        return RVM_OK;
    };
    const auto instance = create();
    EXPECT_TRUE(instance->start(report));
    EXPECT_FALSE(instance->stop(5, report));
    expect(ErrorCode::plugin_stop_deadline, "stop");
}

} // namespace
} // namespace rvm::plugin
