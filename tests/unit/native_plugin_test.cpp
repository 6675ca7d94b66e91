// The native format behind its plugin entry, in the SDK's test host.
#include <gtest/gtest.h>

#include <rvm/test_host.hpp>

#include "native/assembler.hpp"
#include "native/container.hpp"
#include "native/plugin.hpp"

namespace {

using rvm::Report;
using namespace rvm::sdk::test;

Bytes assembled(std::string_view text) {
    Report report;
    auto bytes = rvm::native::assemble(text, "t.rasm", {}, report);
    EXPECT_TRUE(bytes.has_value()) << report.text();
    return bytes.value_or(Bytes{});
}

rvm_view view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

class native_plugin : public testing::Test {
  protected:
    void SetUp() override { host.load(rvm_native_entry); }
    void TearDown() override { EXPECT_TRUE(host.violations().empty()) << host.violations().front(); }
    const rvm_format& format() const { return host.find<rvm_format>(RVM_KIND_FORMAT, "native"); }
    TestHost host;
};

TEST_F(native_plugin, runs_a_program) {
    const auto run = host.run_frame("native", assembled("push 10 push 20 add push 5 mul"));
    EXPECT_EQ(run.status, RVM_OK);
    EXPECT_EQ(run.gas_used, 8);
    ASSERT_EQ(run.output.size(), 32U);
    EXPECT_EQ(run.output[31], 150);
}

TEST_F(native_plugin, probe_looks_at_the_magic) {
    EXPECT_EQ(format().probe(format().self, view(assembled("halt"))), RVM_PROBE_YES);
    EXPECT_EQ(format().probe(format().self, view({0x60, 0x00})), RVM_PROBE_NO);
    EXPECT_EQ(format().probe(format().self, {nullptr, 0}), RVM_PROBE_NO);
}

TEST_F(native_plugin, compile_refuses_what_does_not_verify_or_link_with_a_text) {
    rvm_artifact* artifact = nullptr;
    rvm_error error{};
    error.struct_size = sizeof error;
    EXPECT_EQ(format().compile(format().self, view({0, 'r', 'v', 'm'}), 0, RVM_TIER_COLD, &artifact, &error),
              RVM_TRAP_INVALID_CODE);
    EXPECT_NE(std::string_view{error.message}.find("RVM-N03"), std::string_view::npos) << error.message;
    const Bytes needs = assembled("import opcode \"gone.op\" 0 -> 0 gone.op");
    EXPECT_EQ(format().compile(format().self, view(needs), 0, RVM_TIER_COLD, &artifact, &error), RVM_TRAP_INVALID_CODE);
    EXPECT_NE(std::string_view{error.message}.find("opcode gone.op"), std::string_view::npos) << error.message;
    EXPECT_EQ(artifact, nullptr);
}

TEST_F(native_plugin, nested_calls_reach_other_programs_and_come_back) {
    AccountData& callee = host.state()[address(9)];
    callee.code = assembled("insize push 0 push 0 push 1 incopy push 0 load8 add push 7 call put "
                            "func put 2 -> 1 add");
    callee.format = "native";
    callee.exists = true;
    const auto run =
        host.run_frame("native", assembled("data to = zero 19, 9 data in = 30 space out 32 "
                                           "push 10000 push to push in push 1 push out push 32 invokestatic "
                                           "push out + 31 load8 add"));
    EXPECT_EQ(run.status, RVM_OK);
    ASSERT_EQ(run.output.size(), 32U);
    EXPECT_EQ(run.output[31], 1 + 1 + 30 + 7);
}

TEST_F(native_plugin, a_callee_that_traps_leaves_no_trace) {
    AccountData& callee = host.state()[address(9)];
    callee.code = assembled("data k = u256 1 push k push k sstore trap");
    callee.format = "native";
    callee.exists = true;
    const auto run =
        host.run_frame("native", assembled("data to = zero 19, 9 space none 32 push 50000 push to push none "
                                           "push 0 push 0 push 0 push 0 invoke"));
    EXPECT_EQ(run.status, RVM_OK);
    EXPECT_EQ(run.output[31], 0);
    EXPECT_TRUE(host.state()[address(9)].slots.empty() ||
                host.state()[address(9)].slots.begin()->second.current == Word{});
}

TEST_F(native_plugin, programs_deploy_each_other) {
    const Bytes child = assembled("push 77");
    std::string hex;
    for (const std::uint8_t byte : child) {
        constexpr std::string_view digits = "0123456789abcdef";
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    const auto run = host.run_frame(
        "native",
        assembled("data code = hex \"" + hex + "\" space zero32 32 space at 20 space out 32 " +
                  "push zero32 push zero32 push code push code.size push at create "
                  "push 10000 push at push 0 push 0 push out push 32 invokestatic add push out + 31 load8 add"),
        {.gas = 1'000'000});
    EXPECT_EQ(run.status, RVM_OK);
    ASSERT_EQ(run.output.size(), 32U);
    EXPECT_EQ(run.output[31], 79);
    EXPECT_GT(run.gas_used, 21'000) << "deployment is priced";
}

TEST_F(native_plugin, deployment_costs_21000_and_more_beyond_a_kibibyte) {
    auto gas_of = [&](std::size_t custom) {
        std::string text = "push 1 custom \"x\" = zero " + std::to_string(custom);
        const Bytes code = assembled(text);
        rvm_frame frame{};
        frame.struct_size = sizeof frame;
        frame.gas = 1'000'000;
        rvm_view kept = view(code);
        const char* id = format().id;
        EXPECT_EQ(format().deployed(format().self, &frame, &kept, &id), RVM_OK);
        EXPECT_EQ(kept.data, code.data());
        return std::pair{1'000'000 - frame.gas, static_cast<std::int64_t>(code.size())};
    };
    EXPECT_EQ(gas_of(1).first, 21'000);
    const auto [gas, size] = gas_of(2000);
    EXPECT_EQ(gas, 21'000 + (size - 1024) * 200);
    rvm_frame frame{};
    frame.gas = 1'000'000;
    const Bytes other{0x60, 0x00};
    rvm_view kept = view(other);
    const char* id = format().id;
    EXPECT_EQ(format().deployed(format().self, &frame, &kept, &id), RVM_TRAP_INVALID_CODE);
}

TEST_F(native_plugin, positions_become_source_lines_and_faults_have_names) {
    const Bytes code = assembled("push 1\npush 0\ndiv\n");
    char text[64];
    ASSERT_EQ(format().source_of(format().self, view(code), 5, text, sizeof text), 1U);
    EXPECT_STREQ(text, "t.rasm:3");
    char small[4];
    ASSERT_EQ(format().source_of(format().self, view(code), 5, small, sizeof small), 1U);
    EXPECT_STREQ(small, "t.r");
    EXPECT_EQ(format().source_of(format().self, view(assembled(".nodebug halt")), 1, text, sizeof text), 0U);
    EXPECT_STREQ(format().fault_name(format().self, 5), "division by zero");
    EXPECT_EQ(format().fault_name(format().self, 999), nullptr);
}

TEST_F(native_plugin, disassembles_one_instruction_at_a_time) {
    const Bytes code = assembled("loop: push 1000 get r3 drop drop jump loop");
    std::string all;
    char text[64];
    std::uint64_t at = 0;
    while (const std::uint64_t size = format().disassemble(format().self, view(code), at, text, sizeof text)) {
        all += text;
        all += '|';
        at += size;
        ASSERT_LT(all.size(), 500U);
    }
    EXPECT_EQ(all, "label|push 1000|get r3|drop|drop|jump 1|");
}

TEST_F(native_plugin, creation_addresses_depend_on_everything) {
    const rvm_address creator = to_c(address(1));
    rvm_bytes32 salt{};
    const Bytes init{1, 2, 3};
    auto made = [&](std::uint64_t nonce, const rvm_bytes32* with, rvm_view code) {
        rvm_address out{};
        format().create_address(format().self, &creator, nonce, with, code, &out);
        return from_c(out);
    };
    EXPECT_NE(made(0, nullptr, view(init)), made(1, nullptr, view(init)));
    EXPECT_EQ(made(0, &salt, view(init)), made(1, &salt, view(init)));
    EXPECT_NE(made(0, &salt, view(init)), made(0, &salt, {init.data(), 2}));
}

} // namespace
