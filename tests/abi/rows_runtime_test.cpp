// Rows of the runtime that need more than the program: it has one thread.
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "native/assembler.hpp"
#include <rvm/runtime.hpp>

namespace rvm {
namespace {

constexpr unsigned threads = 16;
constexpr unsigned executions = 50; // of each thread

/// Hashes 32 bytes that differ with the input, again and again, and stores the digest: native format, plugin crypto.
constexpr const char* program = R"(
space buffer 32
space key 32
push buffer  push 0  push 8  incopy
push 20  set r0
again:
push buffer  push 32  push buffer  push 32  syscall "crypto.keccak256"  drop
get r0  push 1  sub  dup  set r0  jumpnz again
push key  push buffer  sstore
push buffer  push 32  return
)";

struct Answer {
    rvm_status status;
    std::int64_t gas;
    Bytes output;
    std::vector<std::uint8_t> digest;
    bool operator==(const Answer&) const = default;
};

Answer run(Runtime& runtime, const Bytes& code, std::uint64_t number) {
    rvm_address address{};
    address.bytes[0] = 0xaa;
    World world(runtime, World::ephemeral);
    world.begin({});
    world.set_code(world.account(address), {code.data(), code.size()}, "native");
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.gas = 10'000'000;
    message.recipient = message.code_address = address;
    message.input = {reinterpret_cast<const std::uint8_t*>(&number), sizeof number};
    const Outcome outcome = world.execute(message);
    const Changes changes = world.end();
    const rvm_bytes32 digest = changes.digest();
    return {outcome.status,
            outcome.gas_used,
            Bytes(outcome.output.begin(), outcome.output.end()),
            {std::begin(digest.bytes), std::end(digest.bytes)}};
}

TEST(rows_runtime, R10_threads_agree_with_one_thread) {
    const std::string manifest = R"({"format_version": 1, "name": "threads", "profile": "standard",
        "trust": {"require": "none"}, "syscalls": ["*"], "plugins": [{"path": ")" RVM_PLUGIN_DIR R"(/crypto.so"}]})";
    Report report;
    const auto runtime = Runtime::open_text(manifest, "threads.json", {}, report);
    ASSERT_NE(runtime, nullptr) << report.text();
    const auto code = native::assemble(
        program, "threads.rasm", [](std::string_view) { return std::nullopt; }, report);
    ASSERT_TRUE(code) << report.text();

    std::vector<std::vector<Answer>> parallel(threads);
    std::vector<std::thread> workers; // they race for the first load of the plugin, too
    for (unsigned worker = 0; worker < threads; ++worker)
        workers.emplace_back([&, worker] {
            for (unsigned i = 0; i < executions; ++i)
                parallel[worker].push_back(run(*runtime, *code, i));
        });
    for (std::thread& worker : workers)
        worker.join();
    std::vector<Answer> serial;
    for (unsigned i = 0; i < executions; ++i)
        serial.push_back(run(*runtime, *code, i));
    EXPECT_EQ(serial.front().status, RVM_OK);
    EXPECT_NE(serial[0].output, serial[1].output);
    for (unsigned worker = 0; worker < threads; ++worker)
        EXPECT_EQ(parallel[worker], serial) << "thread " << worker;
}

} // namespace
} // namespace rvm
