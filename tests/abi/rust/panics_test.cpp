// A panic of a Rust plugin is a status for the host (RVM_E_EXCEPTION), prints nothing, and the plugin goes on working.
#include <gtest/gtest.h>

#include <rvm/test_host.hpp>

namespace {

using rvm::sdk::test::Bytes;
using rvm::sdk::test::TestHost;

TEST(rust_plugin, panics_end_at_the_boundary) {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    testing::internal::CaptureStderr();
    EXPECT_EQ(host.run_opcode("panics.divide", {8, 0}).status, RVM_E_EXCEPTION);
    EXPECT_EQ(host.run_syscall("panics.pick", Bytes{7}).status, RVM_E_EXCEPTION);
    EXPECT_EQ(host.run_syscall("panics.pick", {}).status, RVM_E_EXCEPTION);
    EXPECT_EQ(host.run_program("panics/always", {}).status, RVM_E_EXCEPTION);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    const auto run = host.run_opcode("panics.divide", {8, 2});
    EXPECT_EQ(run.status, RVM_OK);
    EXPECT_EQ(run.words.at(0), 4U);
    EXPECT_EQ(host.run_syscall("panics.pick", Bytes{1, 9}).output, Bytes{9});
}

} // namespace
