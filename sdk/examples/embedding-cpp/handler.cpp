// A serverless handler: a process that starts, answers requests with a contract and ends. No plugin file, no folder of its
// own; the world is in the program's own key-value store.
//
//     handler COUNTER.rvm REQUESTS
//
// The answers go to standard output; how long the start and the requests took to the error stream.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <vector>

#include <rvm/runtime.hpp>

#include "map_store.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* manifest = R"({"format_version": 1, "name": "handler", "profile": "standard",
                                     "storage": {"engine": "map"}})";
constexpr rvm_address contract{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa}};

double microseconds(Clock::time_point since) {
    return std::chrono::duration<double, std::micro>(Clock::now() - since).count();
}

std::vector<std::uint8_t> read(const char* file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::unique_ptr<rvm::Runtime> open(const rvm_contribution* items) {
    rvm::Report report;
    rvm::RuntimeOptions options;
    options.own_id = "handler";
    options.own_items = items;
    auto runtime = rvm::Runtime::open_text(manifest, "/manifest.json", options, report);
    if (runtime == nullptr) throw rvm::Failure(std::move(report));
    return runtime;
}

/// The low 64 bits of a result of 32 bytes.
unsigned long long number(const rvm::Outcome& outcome) {
    unsigned long long value = 0;
    for (std::size_t i = 24; i < 32 && outcome.output.size() == 32; ++i)
        value = value << 8 | outcome.output[i];
    return value;
}

void serve(const char* program, int requests) {
    const auto begun = Clock::now();
    handler::MapStore store("map");
    const rvm_contribution items[] = {{RVM_KIND_STORAGE, &store.engine()}, {nullptr, nullptr}};
    auto runtime = open(items);
    {
        rvm::World world(*runtime, rvm::World::deployment);
        const auto code = read(program);
        world.begin({});
        world.set_code(world.account(contract), {code.data(), code.size()}, "native");
        (void)world.end();

        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CALL;
        message.gas = 1'000'000;
        message.recipient = contract;
        message.code_address = contract;
        for (int i = 0; i < requests; ++i) {
            const auto asked = Clock::now();
            world.begin({});
            const rvm::Outcome outcome = world.execute(message);
            (void)world.end();
            world.commit();
            std::printf("%s: %llu\n", rvm::status_name(outcome.status).data(), number(outcome));
            std::fprintf(stderr, "request %d: %.1f us%s\n", i + 1, microseconds(asked), i == 0 ? ", the first" : "");
            if (i == 0) std::fprintf(stderr, "cold start to the first answer: %.1f us\n", microseconds(begun));
        }
    }
    rvm::Report ignored;
    rvm::Runtime::close(std::move(runtime), rvm::Runtime::default_stop_ms, ignored);
    std::printf("the store %s\n", store.size() > 0 ? "has it" : "is empty");
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: handler COUNTER.rvm REQUESTS\n");
        return 2;
    }
    try {
        serve(argv[1], std::atoi(argv[2]));
        return 0;
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
