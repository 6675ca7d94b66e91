// When the store of a deployment is opened, and who makes it.
#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <rvm/runtime.hpp>

#include "state/memory_store.hpp"

namespace rvm::conformance {
namespace {

constexpr const char* kManifest =
    R"({"format_version": 1, "name": "own", "profile": "standard", "storage": {"engine": "kept", "config": {}}})";

/// What an engine was asked for; its store is one in memory. The table of an engine has no room for a test's own state.
struct Calls {
    bool there = false;     ///< the store
    bool fails = false;     ///< making it does
    int opened = 0, made = 0, closed = 0;
};
Calls calls;

rvm_status open_kept(const void*, const char* config, rvm_store** out, rvm_error* error) {
    if (!calls.there) {
        if (std::string(config).find("must_exist") != std::string::npos) return RVM_E_NOT_FOUND;
        if (calls.fails) return RVM_E_IO;
        calls.there = true;
        ++calls.made;
    }
    ++calls.opened;
    return rvm_memory_storage.open(rvm_memory_storage.self, "{}", out, error);
}

class store_opening : public testing::Test {
  protected:
    using Store = RuntimeOptions::Store;

    store_opening() : engine_(rvm_memory_storage) {
        calls = {};
        engine_.id = "kept";
        engine_.open = open_kept;
        engine_.close = [](rvm_store* store) {
            ++calls.closed;
            rvm_memory_storage.close(store);
        };
    }
    std::unique_ptr<Runtime> open(Store store) {
        RuntimeOptions options;
        options.own_items = items_;
        options.store = store;
        return Runtime::open_text(kManifest, "/manifest.json", options, report_);
    }

    rvm_storage engine_;
    const rvm_contribution items_[2] = {{RVM_KIND_STORAGE, &engine_}, {nullptr, nullptr}};
    Report report_;
};

TEST_F(store_opening, makes_it_with_the_deployment) {
    ASSERT_NE(open(Store::make), nullptr) << report_.text();
    EXPECT_EQ((std::array{1, 1, 1}), (std::array{calls.made, calls.opened, calls.closed}));
}

TEST_F(store_opening, refuses_one_that_must_exist) {
    EXPECT_EQ(open(Store::must_exist), nullptr);
    EXPECT_EQ(ErrorCode::store_open_failed, report_.findings().at(0).code);
    EXPECT_EQ(0, calls.made);
    calls.there = true;
    report_ = {};
    EXPECT_NE(open(Store::must_exist), nullptr) << report_.text();
    EXPECT_EQ(0, calls.made);
}

TEST_F(store_opening, opens_one_that_is_there_and_makes_it_for_the_first_world_of_the_deployment) {
    const auto runtime = open(Store::if_there);
    ASSERT_NE(runtime, nullptr) << report_.text();
    World passing(*runtime, World::ephemeral);
    EXPECT_EQ(0, calls.opened);
    World lasting(*runtime, World::deployment), another(*runtime, World::deployment);
    EXPECT_EQ((std::array{1, 1}), (std::array{calls.made, calls.opened}));
    ASSERT_NE(open(Store::if_there), nullptr); // there now
    EXPECT_EQ((std::array{1, 2, 1}), (std::array{calls.made, calls.opened, calls.closed}));
}

TEST_F(store_opening, waits_for_the_first_world_of_the_deployment) {
    calls.there = true;
    const auto runtime = open(Store::when_used);
    ASSERT_NE(runtime, nullptr) << report_.text();
    EXPECT_EQ(0, calls.opened);
    World lasting(*runtime, World::deployment);
    EXPECT_EQ(1, calls.opened);
}

TEST_F(store_opening, a_world_says_that_the_store_cannot_be_made) {
    calls.fails = true;
    const auto runtime = open(Store::when_used);
    ASSERT_NE(runtime, nullptr) << report_.text();
    EXPECT_THROW(World(*runtime, World::deployment), Failure);
    calls.fails = false;
    World lasting(*runtime, World::deployment); // another try
    EXPECT_EQ(1, calls.made);
}

} // namespace
} // namespace rvm::conformance
