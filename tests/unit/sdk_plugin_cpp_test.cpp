// <rvm/plugin.hpp>: thunks, lifecycle, builders, through the C tables only.
#include <gtest/gtest.h>

#include <rvm/plugin.hpp>

#include <stdexcept>

namespace rvm::sdk {
namespace {

rvm_error fresh_error() {
    rvm_error error{};
    error.struct_size = sizeof error;
    return error;
}

TEST(sdk_plugin_cpp, guard_turns_every_exception_into_a_status_and_a_text) {
    rvm_error error = fresh_error();
    EXPECT_EQ(guard(&error, [] {}), RVM_OK);
    EXPECT_EQ(guard(&error, [] { return rvm_status{RVM_TRAP_CRYPTO}; }), RVM_TRAP_CRYPTO);
    EXPECT_EQ(guard(&error, [] { throw std::runtime_error("broken"); }), RVM_E_EXCEPTION);
    EXPECT_STREQ(error.message, "broken");
    EXPECT_EQ(error.code, RVM_E_EXCEPTION);
    EXPECT_EQ(guard(&error, [] { throw Failure(RVM_E_CONFIG, "no such curve"); }), RVM_E_CONFIG);
    EXPECT_STREQ(error.message, "no such curve");
    EXPECT_EQ(guard(&error, [] { throw std::bad_alloc(); }), RVM_E_NO_MEMORY);
    EXPECT_EQ(guard(&error, [] { throw 7; }), RVM_E_EXCEPTION);
    EXPECT_EQ(guard(nullptr, [] { throw 7; }), RVM_E_EXCEPTION);
}

TEST(sdk_plugin_cpp, long_texts_are_cut_and_ended) {
    rvm_error error = fresh_error();
    set_error(&error, RVM_E_IO, std::string(10'000, 'x'));
    EXPECT_EQ(std::strlen(error.message), sizeof error.message - 1);
}

rvm_status throwing_opcode(const void*, rvm_frame*, rvm_word* args, std::uint64_t) {
    if (args[0] == 0) throw std::runtime_error("zero");
    args[0] += 1;
    return RVM_OK;
}

struct Multiplier {
    rvm_word factor;
    rvm_status run(rvm_frame*, rvm_word* args, std::uint64_t) const {
        if (args[0] == 0) throw std::runtime_error("zero");
        args[0] *= factor;
        return RVM_OK;
    }
};

TEST(sdk_plugin_cpp, thunks_carry_free_and_member_functions) {
    const rvm_opcode free_opcode = opcode({"t.inc", "", 1, 1, 1, thunk<&throwing_opcode>});
    rvm_word args[1] = {41};
    EXPECT_EQ(free_opcode.run(nullptr, nullptr, args, 0), RVM_OK);
    EXPECT_EQ(args[0], 42u);
    args[0] = 0;
    EXPECT_EQ(free_opcode.run(nullptr, nullptr, args, 0), RVM_E_EXCEPTION);

    const Multiplier multiplier{7};
    const rvm_opcode member = opcode({.id = "t.mul",
                                      .summary = "",
                                      .gas = 1,
                                      .pops = 1,
                                      .pushes = 1,
                                      .run = thunk<&Multiplier::run>,
                                      .self = &multiplier});
    args[0] = 6;
    EXPECT_EQ(member.run(member.self, nullptr, args, 0), RVM_OK);
    EXPECT_EQ(args[0], 42u);
    args[0] = 0;
    EXPECT_EQ(member.run(member.self, nullptr, args, 0), RVM_E_EXCEPTION);
}

TEST(sdk_plugin_cpp, lists_end_with_a_null_kind) {
    const rvm_opcode first = opcode({"t.a", "", 1, 0, 0, nullptr});
    const rvm_syscall second = syscall({"t.b", "", nullptr, 0, nullptr});
    Contributions list;
    EXPECT_EQ(list.data()[0].kind, nullptr);
    list.add(first).add(second);
    ASSERT_EQ(list.size(), 2u);
    EXPECT_STREQ(list.data()[0].kind, RVM_KIND_OPCODE);
    EXPECT_EQ(list.data()[0].item, &first);
    EXPECT_STREQ(list.data()[1].kind, RVM_KIND_SYSCALL);
    EXPECT_EQ(list.data()[2].kind, nullptr);
}

TEST(sdk_plugin_cpp, answers_that_do_not_fit_say_what_is_needed) {
    const std::uint8_t bytes[] = {1, 2, 3};
    std::uint8_t room[3] = {};
    std::uint64_t size = 0;
    EXPECT_EQ(answer(bytes, {room, 2}, &size, RVM_TRAP_LIMIT), RVM_TRAP_LIMIT);
    EXPECT_EQ(size, 3u);
    EXPECT_EQ(room[0], 0);
    EXPECT_EQ(answer(bytes, {room, 3}, &size, RVM_TRAP_LIMIT), RVM_OK);
    EXPECT_EQ(room[2], 3);
}

/// Throws where its configuration says.
class Fragile {
  public:
    explicit Fragile(Host) {
        if (fail_at == "create") throw std::runtime_error("no create");
        ++alive;
    }
    ~Fragile() { --alive; }
    Fragile(const Fragile&) = delete;
    Fragile& operator=(const Fragile&) = delete;
    void configure(std::string_view json) const {
        if (json.size() > 2) throw Failure(RVM_E_CONFIG, "takes no configuration");
    }
    void link() const {
        if (fail_at == "link") throw std::runtime_error("no link");
    }
    rvm_status start() const { return fail_at == "start" ? RVM_E_IO : RVM_OK; }
    void stop(std::chrono::milliseconds deadline) { stopped_within = deadline; }
    [[nodiscard]] const rvm_contribution* contributions() const { return list.data(); }

    static inline std::string_view fail_at;
    static inline int alive = 0;
    static inline std::chrono::milliseconds stopped_within{};
    Contributions list;
};

TEST(sdk_plugin_cpp, runs_the_lifecycle_and_reports_each_failing_step) {
    rvm_error error = fresh_error();
    rvm_plugin* plugin = nullptr;
    Fragile::fail_at = "create";
    EXPECT_EQ(detail::Instance<Fragile>::create(nullptr, &plugin, &error), RVM_E_EXCEPTION);
    EXPECT_STREQ(error.message, "no create");
    EXPECT_EQ(plugin, nullptr);

    Fragile::fail_at = "";
    ASSERT_EQ(detail::Instance<Fragile>::create(nullptr, &plugin, &error), RVM_OK);
    EXPECT_EQ(Fragile::alive, 1);
    EXPECT_EQ(plugin->struct_size, sizeof(rvm_plugin));
    EXPECT_EQ(plugin->configure(plugin->self, "{}", &error), RVM_OK);
    EXPECT_EQ(plugin->configure(plugin->self, "{\"a\":1}", &error), RVM_E_CONFIG);
    EXPECT_EQ(plugin->contributions(plugin->self), plugin->contributions(plugin->self));
    EXPECT_EQ(plugin->link(plugin->self, &error), RVM_OK);
    Fragile::fail_at = "link";
    EXPECT_EQ(plugin->link(plugin->self, &error), RVM_E_EXCEPTION);
    EXPECT_STREQ(error.message, "no link");
    Fragile::fail_at = "start";
    EXPECT_EQ(plugin->start(plugin->self, &error), RVM_E_IO);
    EXPECT_EQ(plugin->stop(plugin->self, 250, &error), RVM_OK);
    EXPECT_EQ(Fragile::stopped_within, std::chrono::milliseconds(250));
    plugin->destroy(plugin->self);
    EXPECT_EQ(Fragile::alive, 0);
}

class Minimal {
  public:
    explicit Minimal(Host) {}
    [[nodiscard]] const rvm_contribution* contributions() const { return list_.data(); }

  private:
    Contributions list_;
};

TEST(sdk_plugin_cpp, leaves_absent_steps_out_of_the_table) {
    rvm_plugin* plugin = nullptr;
    ASSERT_EQ(detail::Instance<Minimal>::create(nullptr, &plugin, nullptr), RVM_OK);
    EXPECT_EQ(plugin->configure, nullptr);
    EXPECT_EQ(plugin->link, nullptr);
    EXPECT_EQ(plugin->start, nullptr);
    EXPECT_EQ(plugin->stop, nullptr);
    EXPECT_NE(plugin->destroy, nullptr);
    plugin->destroy(plugin->self);
}

} // namespace
} // namespace rvm::sdk
