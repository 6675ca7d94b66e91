// Executions without a transaction: the oldest fixtures.
#include "base/hex.hpp"
#include "state/receipt.hpp"
#include "verbs/state_case.hpp"

namespace rvm::ledger {
namespace {

constexpr std::size_t most_differences = 8;

/// The first thing that differs; empty when nothing does.
std::string judge(const VmTest& test, const rvm_result& result, std::span<const rvm_log> logs) {
    if (!test.expected) return result.status == RVM_OK ? "the execution succeeded, expected it to fail" : "";
    const VmTest::Expected& expected = *test.expected;
    if (result.status != RVM_OK)
        return "the execution failed with status " + std::to_string(result.status) + ", expected it to succeed";
    if (static_cast<std::uint64_t>(result.gas_left) != expected.gas_left)
        return "gas left " + std::to_string(result.gas_left) + ", expected " + std::to_string(expected.gas_left);
    const Bytes output = sdk::bytes(result.output);
    if (!std::equal(output.begin(), output.end(), expected.output.begin(), expected.output.end()))
        return "output " + to_hex(output) + ", expected " + to_hex(expected.output);
    if (const Hash hash = logs_hash(logs); !same(hash, expected.logs))
        return "logs hash " + to_hex(hash.bytes) + ", expected " + to_hex(expected.logs.bytes);
    return {};
}

} // namespace

void StateCaseRunner::run(const std::string& file, const VmTest& test, Tally& tally) {
    BlockContext block = test.environment.context(*find_fork("Frontier"));
    if (!tracer_.empty()) block.tracer = tracer_.c_str();
    renew();
    World& world = workspace_->world;
    install(test.pre);
    Environment environment(*services_.keys);
    environment.set_block(block);
    environment.set_transaction(test.origin, test.gas_price, {});
    world.begin(environment.tx_env(block));
    // The kind that shows a sender and a value without moving it: the caller need not exist.
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_DELEGATE;
    message.gas = static_cast<std::int64_t>(test.gas);
    message.sender = test.caller;
    message.recipient = test.address;
    message.code_address = test.address;
    message.value = to_abi(test.value);
    message.input = sdk::view(test.data);
    const rvm_result result = world.execute(message);
    std::string reason = judge(test, result, world.logs());
    const Changes changes = world.end(0);
    if (!tracer_.empty()) tally.trace += world.trace_text();
    std::vector<std::string> details;
    if (test.expected) {
        details =
            differences(PostState(test.pre, changes.accounts()).accounts(), test.expected->post, most_differences);
        if (reason.empty() && !details.empty()) reason = "the post state differs";
    }
    if (reason.empty())
        ++tally.passed;
    else
        tally.failures.push_back({file, std::string(test.name), "Frontier", std::move(reason), std::move(details)});
}

} // namespace rvm::ledger
