// The dress rehearsal: whatever loading a plugin does, the host survives it and says what happened.
#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "plugin/rehearsal.hpp"

namespace rvm::plugin {
namespace {

std::string found(const std::function<void()>& steps, unsigned seconds = rehearsal_seconds) {
    Report report;
    if (rehearse(steps, "/p/a.so", "org.example.a", report, seconds)) return "survived";
    EXPECT_EQ(report.findings().size(), 1u);
    const Finding& finding = report.findings().front();
    EXPECT_EQ(finding.code, ErrorCode::plugin_load_failed);
    EXPECT_EQ(finding.file, "/p/a.so");
    EXPECT_EQ(finding.plugin, "org.example.a");
    return finding.found;
}

TEST(plugin_rehearsal, survives_every_way_of_dying) {
    EXPECT_NE(found([] { std::raise(SIGSEGV); }).find("signal 11"), std::string::npos);
    EXPECT_NE(found([] { std::abort(); }).find("signal 6"), std::string::npos);
    EXPECT_EQ(found([] { _Exit(3); }), "exit status 3");
}

TEST(plugin_rehearsal, ends_what_does_not_end) {
    EXPECT_EQ(found([] { std::this_thread::sleep_for(std::chrono::minutes{10}); }, 1), "no end after 1 s");
}

TEST(plugin_rehearsal, leaves_ordinary_failures_to_the_real_performance) {
    EXPECT_EQ(found([] {}), "survived");
    EXPECT_EQ(found([] { throw std::runtime_error("met again"); }), "survived");
}

TEST(plugin_rehearsal, changes_nothing_in_the_host) {
    int value = 1;
    EXPECT_EQ(found([&] { value = 2; }), "survived");
    EXPECT_EQ(value, 1);
}

} // namespace
} // namespace rvm::plugin
