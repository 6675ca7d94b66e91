// Two threads on one Runtime: `bin/bench/threads [OPERATIONS]`. An operation opens a world over the deployment's store,
// begins a transaction, and calls a native contract that reads 16 slots of the store and calls another contract:
// worlds, store, code and artifacts are shared as far as the runtime shares them. Wanted: two threads do 1.8 times the
// work of one.
//
// Shown is the processor time of an operation, which other processes do not enter into, alone and beside a second
// thread; on one runtime, and on a runtime each, where nothing at all is shared: what is lost there is the machine's.
// `times` is the work of two threads in that of one, had each a core for itself; `wall` as it was. Best of five rounds.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <time.h>

#include <rvm/runtime.hpp>

#include "native/assembler.hpp"

namespace {

constexpr int slots = 16;
constexpr int rounds = 5;

constexpr const char* reader = R"(
space key 32
space value 32
data callee = hex "aa00000000000000000000000000000000000002"
space nothing 32
    push 16 set r0
next:
    push key + 24  get r0 bswap  store64
    push key push value sload
    push value + 24 load64 bswap  get r1 add set r1
    get r0 push 1 sub dup set r0 jumpnz next
    push 5000 push callee push nothing push 0 push 0 push 0 push 0 invoke  get r1 add
)";

rvm_address address(std::uint8_t last) {
    rvm_address out{};
    out.bytes[0] = 0xaa;
    out.bytes[19] = last;
    return out;
}

void place(rvm::World& world, std::uint8_t at, const std::string& text) {
    rvm::Report report;
    const auto none = [](std::string_view) { return std::optional<rvm::native::ResolvedOpcode>(); };
    const auto code = rvm::native::assemble(text, "threads.rasm", none, report);
    if (!code) throw std::runtime_error(report.text());
    rvm_account* const account = world.account(address(at));
    world.set_code(account, {code->data(), code->size()}, "native");
    for (std::uint64_t i = 1; i <= slots; ++i)
        world.set_slot(account, {{i, 0, 0, 0}}, {{i, 0, 0, 0}});
}

/// A runtime whose store holds the contracts.
std::unique_ptr<rvm::Runtime> deployed() {
    rvm::Report report;
    auto runtime = rvm::Runtime::open_text(R"({"format_version": 1, "name": "bench", "profile": "development"})",
                                           "bench.json", {}, report);
    if (runtime == nullptr) throw std::runtime_error(report.text());
    rvm::World world(*runtime, rvm::World::deployment);
    world.begin({});
    place(world, 1, reader);
    place(world, 2, "push 1");
    (void)world.end();
    world.commit();
    return runtime;
}

void operate(rvm::Runtime& runtime) {
    rvm::World world(runtime, rvm::World::deployment);
    world.begin({});
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.gas = 1'000'000;
    message.sender = address(9);
    message.recipient = message.code_address = address(1);
    const rvm::Outcome outcome = world.execute(message);
    if (outcome.status != RVM_OK || outcome.output.back() != slots * (slots + 1) / 2 + 1)
        throw std::runtime_error("the contract failed");
    world.abort();
}

double seconds_of_this_thread() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Cost {
    double processor = std::numeric_limits<double>::infinity(); ///< microseconds an operation, mean over the threads
    double wall = std::numeric_limits<double>::infinity();      ///< microseconds for one operation of every thread
};

/// One thread for each runtime, `operations` each, all at once.
Cost run(const std::vector<rvm::Runtime*>& runtimes, int operations) {
    std::vector<double> spent(runtimes.size());
    std::vector<std::thread> threads;
    std::atomic<std::size_t> ready{0};
    std::atomic<bool> go{false};
    for (std::size_t i = 0; i < runtimes.size(); ++i)
        threads.emplace_back([&, i] {
            operate(*runtimes[i]);
            ready.fetch_add(1);
            go.wait(false);
            const double start = seconds_of_this_thread();
            for (int n = 0; n < operations; ++n)
                operate(*runtimes[i]);
            spent[i] = seconds_of_this_thread() - start;
        });
    while (ready.load() != runtimes.size())
        std::this_thread::yield();
    const auto start = std::chrono::steady_clock::now();
    go.store(true);
    go.notify_all();
    for (std::thread& thread : threads)
        thread.join();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    double sum = 0;
    for (const double seconds : spent)
        sum += seconds;
    return {sum / static_cast<double>(spent.size()) / operations * 1e6, wall.count() / operations * 1e6};
}

void keep_best(Cost& best, const Cost& cost) {
    best.processor = std::min(best.processor, cost.processor);
    best.wall = std::min(best.wall, cost.wall);
}

} // namespace

int main(int argc, char** argv) {
    const int operations = argc > 1 ? std::atoi(argv[1]) : 20'000;
    const auto shared = deployed();
    const auto other = deployed();
    Cost one, two, apart;
    for (int round = 0; round < rounds; ++round) {
        keep_best(one, run({shared.get()}, operations));
        keep_best(two, run({shared.get(), shared.get()}, operations));
        keep_best(apart, run({shared.get(), other.get()}, operations));
    }
    std::printf("%-22s %10s %8s %8s\n", "", "us each", "times", "wall");
    std::printf("%-22s %10.2f\n", "one thread", one.processor);
    std::printf("%-22s %10.2f %8.2f %8.2f\n", "two on one runtime", two.processor, 2 * one.processor / two.processor,
                2 * one.wall / two.wall);
    std::printf("%-22s %10.2f %8.2f %8.2f\n", "two, a runtime each", apart.processor,
                2 * one.processor / apart.processor, 2 * one.wall / apart.wall);
}
