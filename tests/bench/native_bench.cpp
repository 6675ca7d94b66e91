// Native programs on the fast engine against gcc -O2 (the same algorithm, equal results), the reference interpreter
// and, where it is installed, luajit -joff. One run, interleaved, best of the rounds: `bin/bench/native [ROUNDS]`.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include <time.h>

#include "native/programs.h"
#include "support/native_runner.hpp"

namespace {

using namespace rvm::native;
using rvm::native::test::Runner;

struct Workload {
    const char* name;
    std::uint64_t (*compiled)(std::uint64_t);
    std::uint64_t n;
    bool in_lua;
};

constexpr Workload programs[] = {
    {"fib", native_fib, 29, true},          {"sieve", native_sieve, 3, true},
    {"matmul", native_matmul, 128, true},   {"quicksort", native_quicksort, 200'000, true},
    {"sha256", native_sha256, 3000, false}, {"keccak", native_keccak, 3000, false},
    {"crc", native_crc, 20, false},
};

template <typename F>
double milliseconds(F&& work) {
    const auto now = [] { // of this thread's own work: other processes do not count
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    };
    const double start = now();
    work();
    return now() - start;
}

std::string source_of(const std::string& name) {
    std::ifstream in(std::string{RVM_SOURCE_DIR} + "/tests/bench/native/" + name + ".rasm", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

double lua_milliseconds(const Workload& program) {
    const std::string command = "luajit -joff " + std::string{RVM_SOURCE_DIR} + "/tests/bench/native/programs.lua " +
                                program.name + " " + std::to_string(program.n) + " 2>/dev/null";
    double seconds = 0;
    if (std::FILE* const pipe = popen(command.c_str(), "r"); pipe != nullptr) {
        if (std::fscanf(pipe, "%lf", &seconds) != 1) seconds = 0;
        pclose(pipe);
    }
    return seconds * 1000;
}

} // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    const std::string only = argc > 2 ? argv[2] : "";
    const bool quick = argc > 3;
    std::printf("%-10s %9s %9s %9s %9s %8s %8s\n", "program", "gcc -O2", "engine", "reference", "luajit", "x gcc",
                "luajit/x");
    for (const Workload& program : programs) {
        if (!only.empty() && only != program.name) continue;
        Runner runner;
        runner.input.resize(8);
        for (std::size_t i = 0; i < 8; ++i)
            runner.input[i] = static_cast<std::uint8_t>(program.n >> (8 * i));
        runner.engine = true;
        const rvm::Bytes bytes = runner.assembled(source_of(program.name));
        rvm::Report report;
        const auto artifact = runner.linked(bytes, report);
        if (!artifact || !artifact->code) {
            std::fprintf(stderr, "%s: %s\n", program.name, report.text().c_str());
            return 1;
        }
        if (std::getenv("RVM_BENCH_LISTING") != nullptr) std::puts(rvm::engine::listing(*artifact->code).c_str());
        constexpr double never = std::numeric_limits<double>::infinity();
        double compiled = never, engine = never, reference = never, lua = never;
        std::uint64_t expected = 0;
        bool equal = true;
        for (int round = 0; round < rounds; ++round) {
            compiled = std::min(compiled, milliseconds([&] { expected = program.compiled(program.n); }));
            rvm::native::test::RunResult fast;
            runner.engine = true;
            engine = std::min(engine, milliseconds([&] { fast = runner.run_artifact(*artifact, bytes, 1LL << 60); }));
            equal = equal && fast.status == RVM_OK && fast.top() == expected;
            if (quick) continue;
            if (program.in_lua) lua = std::min(lua, lua_milliseconds(program));
            if (round != 0) continue;
            rvm::native::test::RunResult slow;
            runner.engine = false;
            reference = milliseconds([&] { slow = runner.run_artifact(*artifact, bytes, 1LL << 60); });
            equal = equal && slow.status == RVM_OK && slow.top() == expected && slow.gas_used == fast.gas_used;
        }
        std::printf("%-10s %9.2f %9.2f %9.2f %9.2f %8.2f %8.2f%s\n", program.name, compiled, engine, reference, lua,
                    engine / compiled, lua / engine, equal ? "" : "  RESULTS DIFFER");
        std::fflush(stdout);
        if (!equal) return 1;
    }
}
