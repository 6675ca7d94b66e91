// rvm_determinism_digest: runs the corpus and prints one line a transaction. The same lines from every compiler, level,
// sanitizer, locale, time zone and thread.
//
//     rvm_determinism_digest [--threads N] [--tracer ID] [--record-reads]
//
// With --threads, N threads run the corpus at once, each in its own world of one shared Runtime; exit status 1 when one
// of them differs from the serial run, whose lines are printed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "corpus.hpp"

namespace {

using rvm::determinism::Setting;
using Lines = std::vector<std::string>;

/// Runs the corpus on `count` threads at once; how many gave other lines than `expected`.
std::size_t differing(rvm::Runtime& runtime, const Setting& setting, std::size_t count, const Lines& expected) {
    std::vector<Lines> results(count);
    {
        std::vector<std::jthread> threads;
        for (Lines& result : results)
            threads.emplace_back([&runtime, &setting, &result] {
                try {
                    result = rvm::determinism::run(runtime, setting);
                } catch (const std::exception& failure) {
                    result = {failure.what()};
                }
            });
    }
    std::size_t out = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (results[i] == expected) continue;
        const std::size_t common = std::min(expected.size(), results[i].size());
        const auto at =
            std::mismatch(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(common), results[i].begin());
        std::fprintf(stderr, "thread %zu differs: %s\n", i,
                     at.second == results[i].end() ? "too few lines" : at.second->c_str());
        ++out;
    }
    return out;
}

int usage() {
    std::fputs("usage: rvm_determinism_digest [--threads N] [--tracer ID] [--record-reads]\n", stderr);
    return 2;
}

} // namespace

int main(int argc, char** argv) {
    constexpr std::size_t kMostThreads = 256;
    std::size_t threads = 0;
    Setting setting;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--record-reads") == 0) {
            setting.world_flags |= RVM_WORLD_RECORD_READS;
        } else if (std::strcmp(argv[i], "--tracer") == 0 && i + 1 < argc) {
            setting.tracer = argv[++i];
        } else if (std::strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
            threads = std::strtoul(argv[++i], nullptr, 10);
            if (threads == 0 || threads > kMostThreads) return usage();
        } else {
            return usage();
        }
    }
    try {
        // The threads meet a runtime in which nothing is compiled, cached or loaded yet.
        const auto shared = rvm::determinism::open_runtime();
        const auto serial = rvm::determinism::open_runtime();
        const Lines lines = rvm::determinism::run(*serial, setting);
        for (const std::string& line : lines)
            std::puts(line.c_str());
        return differing(*shared, setting, threads, lines) == 0 ? 0 : 1;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 70;
    }
}
