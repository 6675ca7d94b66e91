// The EVM on whole programs: one frame, entry through rvm.host.world/1 included.
//
//   NAME            hot, cached code
//   direct/NAME     the direct interpreter alone
//   first/NAME      the first execution in a world: interpreted, translated once it has run for long; analysed before
//   analyze/NAME, translate/NAME    what makes code ready to run; the counter is s a byte
//
//   bin/bench/evm                              own small programs
//   RVM_EVM_PROGRAMS=DIR bin/bench/evm         and every state-test JSON file of DIR: one benchmark an input
//   RVM_EVM_RULES=evm/london bin/bench/evm     under other rules than evm/osaka
//
// The counter `gas` is what the frame used, `ns/gas` the price of one.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <rvm/plugin.h>
#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

#include "code.hpp"
#include "hot/tier_up.hpp"
#include "hot/translator.hpp"

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;
using Json = nlohmann::json;

constexpr const char* kManifest = R"({"format_version": 1, "name": "bench", "profile": "development"})";
constexpr std::int64_t kGas = 1'000'000'000;
constexpr int kMostWarmups = 2000; // executions after which the code is translated at the latest

struct Account {
    rvm_address address{};
    Bytes code;
};

struct Program {
    std::string name;
    std::vector<Account> accounts;
    rvm_address target{};
    Bytes input;
};

std::unique_ptr<rvm::Runtime> open_runtime() {
    rvm::Report report;
    rvm::RuntimeOptions options;
    options.builtins = {&rvm_plugin_entry_v0};
    auto out = rvm::Runtime::open_text(kManifest, "bench.json", options, report);
    if (out == nullptr) throw std::runtime_error(report.text());
    return out;
}

Bytes from_hex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
    return bytes;
}
rvm_address address_from(std::string_view text) {
    rvm_address address{};
    const Bytes bytes = from_hex(text);
    std::copy_n(bytes.begin(), std::min(bytes.size(), sizeof address.bytes), address.bytes);
    return address;
}
rvm_view view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

/// A world with the program's accounts, in a transaction.
class Prepared {
  public:
    Prepared(rvm::Runtime& runtime, const Program& program, std::uint32_t flags = 0)
        : world_(runtime, rvm::World::ephemeral, flags) {
        const char* rules = std::getenv("RVM_EVM_RULES");
        rvm::TxOptions options;
        options.rules = {rules != nullptr ? rules : "evm/osaka"};
        world_.begin(options);
        for (const Account& account : program.accounts)
            world_.set_code(world_.account(account.address), view(account.code), "evm");
        static_cast<void>(world_.end());
        world_.begin(options);
        message_.struct_size = sizeof message_;
        message_.kind = RVM_CALL_CALL;
        message_.gas = kGas;
        message_.sender = {{0xaa}};
        message_.recipient = message_.code_address = program.target;
        message_.input = view(program.input);
        result_.struct_size = sizeof result_;
        error_.struct_size = sizeof error_;
        static_cast<void>(world_.table().mark(world_.get(), &mark_));
    }
    [[nodiscard]] rvm_status execute() { return world_.table().execute(world_.get(), &message_, &result_, &error_); }
    [[nodiscard]] rvm_status rollback() { return world_.table().rollback(world_.get(), mark_); }
    [[nodiscard]] double gas() const { return static_cast<double>(kGas - result_.gas_left); }

  private:
    rvm::World world_;
    rvm_message message_{};
    rvm_result result_{};
    rvm_error error_{};
    std::uint64_t mark_ = 0;
};

void count_gas(benchmark::State& state, double gas) {
    state.counters["gas"] = gas;
    state.counters["s/gas"] =
        benchmark::Counter(gas, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

const Bytes& code_of(const Program& program) {
    return std::max_element(program.accounts.begin(), program.accounts.end(),
                            [](const Account& a, const Account& b) { return a.code.size() < b.code.size(); })
        ->code;
}

/// The same frame again and again; `flags`: RVM_WORLD_*.
void run(benchmark::State& state, const Program& program, std::uint32_t flags) {
    static const auto runtime = open_runtime();
    Prepared prepared(*runtime, program, flags);
    rvm_status status = RVM_OK;
    double missing =
        static_cast<double>(rvm::evm::hot::kGasBeforeTranslation) * static_cast<double>(code_of(program).size());
    for (int i = 0; i < kMostWarmups && missing >= 0; ++i) {
        status |= prepared.execute() | prepared.rollback();
        if (i > 0) missing -= prepared.gas(); // the host has the code prepared again for its second execution
    }
    if (status != RVM_OK) return state.SkipWithError("the program does not succeed");
    for (auto _ : state)
        status |= prepared.execute() | prepared.rollback();
    if (status != RVM_OK) state.SkipWithError("an execution failed");
    count_gas(state, prepared.gas());
}

double cpu_now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// A world a time: what runs once in each is never asked for hot. Manual time, of the processor.
void run_first(benchmark::State& state, const Program& program) {
    static const auto runtime = open_runtime(); // its own: translations are kept by runtime
    double gas = 0;
    for (auto _ : state) {
        Prepared prepared(*runtime, program);
        const double start = cpu_now();
        if (prepared.execute() != RVM_OK) return state.SkipWithError("an execution failed");
        state.SetIterationTime(cpu_now() - start);
        gas = prepared.gas();
    }
    count_gas(state, gas);
}

void count_bytes(benchmark::State& state, const Bytes& code) {
    state.counters["s/byte"] = benchmark::Counter(
        static_cast<double>(code.size()), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void analyze(benchmark::State& state, const Program& program) {
    const Bytes& code = code_of(program);
    for (auto _ : state)
        rvm::evm::free_code(rvm::evm::analyze(view(code)));
    count_bytes(state, code);
}

void translate(benchmark::State& state, const Program& program) {
    const Bytes& code = code_of(program);
    Bytes padded = code;
    padded.resize(code.size() + RVM_CODE_ZEROS);
    const rvm::evm::Code* const analyzed = rvm::evm::analyze({padded.data(), code.size()});
    for (auto _ : state)
        benchmark::DoNotOptimize(
            rvm::evm::hot::translate(*analyzed, rvm::evm::schedule_of(rvm::evm::Rules::osaka)).get());
    rvm::evm::free_code(analyzed);
    count_bytes(state, code);
}

std::vector<Program> programs_of(const fs::path& file) {
    std::ifstream stream(file);
    const Json document = Json::parse(stream);
    std::vector<Program> programs;
    for (const auto& [name, test] : document.items()) {
        if (!test.is_object() || !test.contains("pre") || !test.contains("transaction")) continue;
        const Json& transaction = test["transaction"];
        std::size_t index = 0;
        for (const auto& data : transaction["data"]) {
            Program program;
            program.name = name + "/" + std::to_string(index++);
            program.target = address_from(transaction["to"].get<std::string>());
            program.input = from_hex(data.get<std::string>());
            for (const auto& [address, account] : test["pre"].items())
                program.accounts.push_back({address_from(address), from_hex(account["code"].get<std::string>())});
            programs.push_back(std::move(program));
        }
    }
    return programs;
}

/// What the frame itself costs, and loops over one kind of instruction.
std::vector<Program> own_programs() {
    const rvm_address target{{0x10, 0x01}};
    // The loop counts the word at the bottom of the stack down from 10000; `body` leaves the stack as it was.
    const auto loop = [](const std::string& body) { return "6127105b" + body + "600190038060035700"; };
    const std::pair<const char*, std::string> sources[] = {
        {"own/stop", "00"},
        {"own/empty_loop", loop("")},
        {"own/dup_swap_pop", loop("80808091505050")},
        {"own/mul_add", loop("8060070260050150")},
        {"own/mstore_mload", loop("806020525f505f51505f51505f5150")},
        {"own/keccak_32", loop("60205f205f52")},
        {"own/sload_warm", loop("5f5450")},
        {"own/call_nothing", loop("5f5f5f5f5f6112345af150")},
    };
    std::vector<Program> programs;
    for (const auto& [name, code] : sources)
        programs.push_back({name, {{target, from_hex(code)}}, target, {}});
    return programs;
}

} // namespace

int main(int argc, char** argv) {
    std::vector<Program> programs = own_programs();
    if (const char* folder = std::getenv("RVM_EVM_PROGRAMS"); folder != nullptr) {
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.path().extension() == ".json") files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        for (const fs::path& file : files)
            for (Program& program : programs_of(file))
                programs.push_back(std::move(program));
    }
    const auto add = [](const std::string& name, auto measure) {
        return benchmark::RegisterBenchmark(name.c_str(), measure);
    };
    for (const Program& program : programs) {
        add(program.name, [&](benchmark::State& state) { run(state, program, 0); });
        add("polled/" + program.name, [&](benchmark::State& state) { run(state, program, RVM_WORLD_CANCELLABLE); });
        add("direct/" + program.name, [&](benchmark::State& state) {
            run(state, program, RVM_WORLD_RECORD_READS); // such frames are never translated
        });
        if (program.name.starts_with("own/")) continue;
        add("first/" + program.name, [&](benchmark::State& state) { run_first(state, program); })->UseManualTime();
        if (!program.name.ends_with("/0")) continue; // the same code for every input
        add("analyze/" + program.name, [&](benchmark::State& state) { analyze(state, program); });
        add("translate/" + program.name, [&](benchmark::State& state) { translate(state, program); });
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
