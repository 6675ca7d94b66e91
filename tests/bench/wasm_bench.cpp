// WebAssembly programs, metered, against the same C compiled by `cc -O2`: `bin/bench/wasm DIR [ROUNDS [NAME...]]`.
//
// DIR holds NAME.wasm and NAME.c, each exporting int run(int). The C is compiled on the spot and loaded; both run
// alternately in this process, in processor time of this thread; results must be equal. Best of the rounds.
// `bin/bench/wasm --load FILE...`: decoding, validation and translation of modules, at least 60 MB of code a second.
// `bin/bench/wasm --instances`: an instance and an empty call, new, waiting on this thread (at most 3 us), and waiting
// after a call that wrote 16 pages of 4 KiB.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <time.h>

#include "run/instance.hpp"
#include "run/instance_pool.hpp"
#include "run/machine.hpp"

namespace {

using namespace rvm::wasm;
using Cell = rvm::engine::Cell;

struct Workload {
    const char* name;
    int n; ///< what the published figures of other engines used
};

constexpr Workload programs[] = {
    {"fib", 31},        {"sieve", 20},   {"matmul", 200}, {"nbody", 200'000}, {"sha256", 60},   {"keccak", 8000},
    {"qsort", 300'000}, {"strings", 40}, {"mandel", 350}, {"crcmem", 30},     {"u256", 40'000},
};

using Bytes = std::vector<std::uint8_t>;

Bytes read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Processor time of this thread: other processes do not count.
double now_ms() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

template <typename F>
double milliseconds(F&& work) {
    const double start = now_ms();
    work();
    return now_ms() - start;
}

using Native = int (*)(int);

/// The C program as a function of this process; null with a message when it does not compile.
Native compile_natively(const std::filesystem::path& source) {
    const std::filesystem::path object =
        std::filesystem::temp_directory_path() / ("rvm-bench-" + source.stem().string() + ".so");
    const std::string command = "cc -O2 -fno-strict-aliasing -ffp-contract=off -fno-math-errno -shared -fPIC -o '" +
                                object.string() + "' '" + source.string() + "' -lm";
    if (std::system(command.c_str()) != 0) return nullptr;
    void* const library = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
    std::filesystem::remove(object);
    if (library == nullptr) {
        std::fprintf(stderr, "%s\n", dlerror());
        return nullptr;
    }
    return reinterpret_cast<Native>(dlsym(library, "run"));
}

/// A module's function `run` in one instance.
class Loaded {
  public:
    explicit Loaded(const std::filesystem::path& path)
        : bytes_(read_file(path)), program_(compile(bytes_, Features::all(), std::make_shared<TypeSpace>())),
          instance_(
              program_, [](const Import&) { return std::optional<Extern>(); }, MemoryLimits{}) {
        if (instance_.initialize() != rvm::engine::Trap::none) std::abort();
    }
    std::uint32_t call(int n) {
        Cell cells[1] = {static_cast<std::uint32_t>(n)};
        std::int64_t units = std::int64_t{1} << 62;
        if (machine_.call(instance_, instance_.module().find_export("run")->index, cells, units) !=
            rvm::engine::Trap::none)
            std::abort();
        return static_cast<std::uint32_t>(cells[0]);
    }

  private:
    Bytes bytes_;
    std::shared_ptr<const Program> program_;
    Instance instance_;
    Machine machine_;
};

int run_programs(const std::filesystem::path& folder, int rounds, std::span<char*> chosen) {
    std::printf("%-8s %10s %10s %8s\n", "program", "cc -O2", "engine", "ratio");
    double logs = 0;
    int count = 0;
    bool equal = true;
    for (const Workload& program : programs) {
        const auto is_it = [&](const char* name) { return std::string(name) == program.name; };
        if (!chosen.empty() && std::ranges::none_of(chosen, is_it)) continue;
        const Native native = compile_natively(folder / (std::string(program.name) + ".c"));
        if (native == nullptr) return 1;
        Loaded loaded(folder / (std::string(program.name) + ".wasm"));
        double compiled_ms = std::numeric_limits<double>::infinity();
        double engine_ms = compiled_ms;
        for (int round = 0; round < rounds; ++round) {
            std::uint32_t expected = 0;
            std::uint32_t got = 0;
            compiled_ms =
                std::min(compiled_ms, milliseconds([&] { expected = static_cast<std::uint32_t>(native(program.n)); }));
            engine_ms = std::min(engine_ms, milliseconds([&] { got = loaded.call(program.n); }));
            if (got != expected) {
                std::printf("%s: expected %u, found %u\n", program.name, expected, got);
                equal = false;
            }
        }
        std::printf("%-8s %10.2f %10.2f %8.2f\n", program.name, compiled_ms, engine_ms, engine_ms / compiled_ms);
        std::fflush(stdout);
        logs += std::log(engine_ms / compiled_ms);
        ++count;
    }
    std::printf("%-8s %30.2f\n", "geomean", std::exp(logs / std::max(count, 1)));
    return equal ? 0 : 1;
}

/// Best milliseconds of `work` within about 0.3 s.
template <typename F>
double best_of(F&& work) {
    double best = std::numeric_limits<double>::infinity();
    const double end = now_ms() + 300;
    while (now_ms() < end)
        best = std::min(best, milliseconds(work));
    return best;
}

int load_modules(std::span<char*> files) {
    std::printf("%-24s %10s %10s %8s %8s %8s\n", "module", "bytes", "code", "ms", "MB/s", "size x");
    for (const char* file : files) {
        const Bytes bytes = read_file(file);
        std::shared_ptr<const Program> program;
        const double best = best_of([&] { program = compile(bytes, Features::all(), std::make_shared<TypeSpace>()); });
        std::uint64_t code = 0; // bytes of function bodies
        for (const Range& body : program->module.bodies)
            code += body.size;
        std::printf("%-24s %10zu %10llu %8.3f %8.1f %8.2f\n", std::filesystem::path(file).filename().c_str(),
                    bytes.size(), static_cast<unsigned long long>(code), best, static_cast<double>(code) / best / 1000,
                    static_cast<double>(bytes.size() + program->bytes()) / static_cast<double>(bytes.size()));
    }
    return 0;
}

/// (memory 2) (func (export "run") (param $n i32) loop: n != 0: store at 4096 * n, n -= 1)
constexpr std::uint8_t writer[] = {0,    'a',  's',  'm',  1, 0,    0,    0,    1,    5,    1,    0x60, 1,    0x7f,
                                   0,    3,    2,    1,    0, 5,    3,    1,    0,    2,    7,    7,    1,    3,
                                   'r',  'u',  'n',  0,    0, 10,   34,   1,    32,   0,    0x02, 0x40, 0x03, 0x40,
                                   0x20, 0,    0x45, 0x0d, 1, 0x20, 0,    0x41, 12,   0x74, 0x20, 0,    0x36, 2,
                                   0,    0x20, 0,    0x41, 1, 0x6b, 0x22, 0,    0x0d, 0,    0x0b, 0x0b, 0x0b};

int make_instances() {
    const auto program = compile(writer, Features::all(), std::make_shared<TypeSpace>());
    const auto none = [](const Import&) { return std::optional<Extern>(); };
    Machine machine;
    const auto one = [&](Instance& instance, Cell pages) {
        if (instance.initialize() != rvm::engine::Trap::none) std::abort();
        Cell cells[1] = {pages};
        std::int64_t units = std::int64_t{1} << 62;
        if (machine.call(instance, 0, cells, units) != rvm::engine::Trap::none) std::abort();
    };
    const auto waiting = [&](Cell pages) {
        auto instance = take_instance(*program);
        if (instance == nullptr) instance = std::make_unique<Instance>(program, none, MemoryLimits{});
        one(*instance, pages);
        keep_instance(std::move(instance));
    };
    constexpr int many = 1000; // a clock's resolution is not enough for one
    const auto microseconds = [&](auto&& work) {
        return best_of([&] {
                   for (int i = 0; i < many; ++i)
                       work();
               }) /
               many * 1000;
    };
    std::printf("new       %8.2f us\n", microseconds([&] {
                    Instance instance(program, none, MemoryLimits{});
                    one(instance, 0);
                }));
    std::printf("waiting   %8.2f us\n", microseconds([&] { waiting(0); }));
    std::printf("16 pages  %8.2f us\n", microseconds([&] { waiting(16); }));
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    if (words.size() > 2 && std::string(words[1]) == "--load") return load_modules(words.subspan(2));
    if (words.size() > 1 && std::string(words[1]) == "--instances") return make_instances();
    if (words.size() < 2) {
        std::fprintf(stderr, "usage: wasm DIR [ROUNDS [NAME...]] | wasm --load FILE... | wasm --instances\n");
        return 2;
    }
    return run_programs(words[1], words.size() > 2 ? std::atoi(words[2]) : 3,
                        words.subspan(std::min<std::size_t>(3, words.size())));
}
