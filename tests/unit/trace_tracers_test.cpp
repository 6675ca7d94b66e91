// The plugin org.rvm.trace, fed with events by hand.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <rvm/test_host.hpp>

#include <sstream>

#include "plugin_sidecar.hpp"

namespace rvm::trace {
namespace {

using sdk::test::address;
using sdk::test::to_c;

rvm_message message(std::uint32_t kind, std::uint8_t recipient, std::uint32_t depth) {
    rvm_message result{};
    result.struct_size = sizeof result;
    result.kind = kind;
    result.depth = depth;
    result.gas = 1000;
    result.sender = to_c(address(0xee));
    result.recipient = result.code_address = to_c(address(recipient));
    return result;
}

rvm_result result(rvm_status status, std::int64_t gas_left) {
    rvm_result ended{};
    ended.struct_size = sizeof ended;
    ended.status = status;
    ended.gas_left = gas_left;
    return ended;
}

/// One execution under a tracer.
class TracedRun {
  public:
    TracedRun(const sdk::test::TestHost& host, const char* id) : tracer(host.find<rvm_tracer>(RVM_KIND_TRACER, id)) {
        EXPECT_EQ(tracer.begin(tracer.self, nullptr, 7, &cookie), RVM_OK);
    }
    ~TracedRun() { tracer.end(tracer.self, cookie, nullptr); }
    TracedRun(const TracedRun&) = delete;
    TracedRun& operator=(const TracedRun&) = delete;

    void enter(std::uint64_t id, const rvm_message& m, const char* format = "native") {
        tracer.enter(tracer.self, cookie, id, &m, format);
    }
    void leave(std::uint64_t id, const rvm_result& r) { tracer.leave(tracer.self, cookie, id, &r); }
    std::string text() {
        rvm_view view{};
        EXPECT_EQ(tracer.text(tracer.self, cookie, &view), RVM_OK);
        return {reinterpret_cast<const char*>(view.data), view.size};
    }

    const rvm_tracer& tracer;
    void* cookie = nullptr;
};

class trace_tracers : public ::testing::Test {
  protected:
    trace_tracers() { host.load(rvm_plugin_entry_v0); }
    sdk::test::TestHost host;
};

constexpr const char* one = "0x0000000000000000000000000000000000000001";
constexpr const char* two = "0x0000000000000000000000000000000000000002";
constexpr const char* sender = "0x00000000000000000000000000000000000000ee";

TEST_F(trace_tracers, calltree_shows_frames_by_depth_with_gas_and_result) {
    TracedRun run(host, "calltree");
    rvm_message outer = message(RVM_CALL_CALL, 1, 0);
    outer.value = {{5, 1, 0, 0}};
    const std::uint8_t input[] = {0xca, 0xfe};
    outer.input = {input, sizeof input};
    run.enter(1, outer);
    run.enter(2, message(RVM_CALL_STATIC, 2, 1), "evm");
    rvm_result trapped = result(RVM_TRAP_MEMORY, 0);
    trapped.detail = 3;
    trapped.fault_position = 44;
    run.leave(2, trapped);
    const rvm_bytes32 topic{{0xaa}};
    const rvm_log_event log{sizeof log, 1, &topic, {input, 1}, to_c(address(1)), 0};
    run.tracer.log(run.tracer.self, run.cookie, 1, &log);
    rvm_result ended = result(RVM_OK, 400);
    ended.output = {input, 1};
    run.leave(1, ended);

    const std::string expected = std::string("call ") + one + " [native] from " + sender +
                                 " value 18446744073709551621 input 0xcafe: ok, gas 600, output 0xca\n"
                                 "  static " +
                                 two + " [evm] from " + sender +
                                 ": memory, gas 1000, fault 3 at 44\n"
                                 "  log " +
                                 one + " topics 0xaa" + std::string(62, '0') + " data 0xca\n";
    EXPECT_EQ(run.text(), expected);
}

TEST_F(trace_tracers, calltree_survives_frames_that_never_left) {
    TracedRun run(host, "calltree");
    run.enter(1, message(RVM_CALL_CALL, 1, 0));
    run.enter(2, message(RVM_CALL_CALL, 2, 1));
    run.leave(1, result(RVM_E_IO, 0));
    run.leave(9, result(RVM_OK, 0));
    EXPECT_NE(run.text().find(std::string(one) + " [native] from " + sender + ": failure_io"), std::string::npos);
}

TEST_F(trace_tracers, jsonl_writes_every_event_as_one_object) {
    TracedRun run(host, "jsonl");
    const auto& tracer = run.tracer;
    run.enter(1, message(RVM_CALL_CREATE, 1, 0));
    const std::uint64_t words[] = {3, 0x10};
    rvm_op_event op{};
    op.struct_size = sizeof op;
    op.opcode = 0x20;
    op.name = "a\"dd\n";
    op.format = "native";
    op.pc = 9;
    op.gas = 990;
    op.cost = 2;
    op.word_bytes = 8;
    op.stack = {reinterpret_cast<const std::uint8_t*>(words), sizeof words};
    tracer.op(tracer.self, run.cookie, 1, &op);
    tracer.fault(tracer.self, run.cookie, 1, &op, RVM_TRAP_STACK);
    rvm_state_event state{};
    state.struct_size = sizeof state;
    state.kind = RVM_STATE_SLOT;
    state.address = to_c(address(1));
    state.key = {{1, 0, 0, 0}};
    state.after = {{0, 0, 0, 1ull << 63u}};
    tracer.state(tracer.self, run.cookie, 1, &state);
    const rvm_bytes32 topics[2] = {};
    const rvm_log_event log{sizeof log, 2, topics, {}, to_c(address(1)), 0};
    tracer.log(tracer.self, run.cookie, 1, &log);
    run.leave(1, result(RVM_TRAP_STACK, 0));

    std::vector<nlohmann::json> lines;
    std::istringstream stream(run.text());
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(nlohmann::json::parse(line));
    }
    ASSERT_EQ(lines.size(), 7u);
    EXPECT_EQ(lines[0], (nlohmann::json{{"event", "begin"}, {"execution", 7}}));
    EXPECT_EQ(lines[1]["event"], "enter");
    EXPECT_EQ(lines[1]["kind"], "create");
    EXPECT_EQ(lines[1]["init_code"], "0x");
    EXPECT_EQ(lines[2]["name"], "a\"dd\n");
    EXPECT_EQ(lines[2]["stack"], (nlohmann::json{"0x3", "0x10"}));
    EXPECT_EQ(lines[2]["gas"], 990);
    EXPECT_EQ(lines[3]["event"], "fault");
    EXPECT_EQ(lines[3]["status"], "stack");
    EXPECT_EQ(lines[4]["key"], "0x1");
    EXPECT_EQ(lines[4]["after"], "0x8" + std::string(63, '0'));
    EXPECT_EQ(lines[5]["topics"].size(), 2u);
    EXPECT_EQ(lines[6]["status"], "stack");
}

TEST_F(trace_tracers, two_executions_never_mix) {
    TracedRun first(host, "jsonl");
    TracedRun second(host, "jsonl");
    first.enter(1, message(RVM_CALL_CALL, 1, 0));
    second.enter(1, message(RVM_CALL_CALL, 2, 0));
    EXPECT_EQ(first.text().find(two), std::string::npos);
    EXPECT_EQ(second.text().find(one), std::string::npos);
}

TEST_F(trace_tracers, are_described_by_the_sidecar) {
    test::expect_sidecar_matches(rvm_plugin_entry_v0, RVM_SOURCE_DIR "/plugins/trace/trace.rvm.json.in");
}

} // namespace
} // namespace rvm::trace
