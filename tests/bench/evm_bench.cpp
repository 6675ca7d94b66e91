// The EVM on whole programs: one frame of hot, cached code, entry through rvm.host.world/1 included.
//
//   bin/bench/evm                              own small programs
//   RVM_EVM_PROGRAMS=DIR bin/bench/evm         and every state-test JSON file of DIR: one benchmark an input
//   RVM_EVM_RULES=evm/london bin/bench/evm     under other rules than evm/osaka
//
// The counter `gas` is what the frame used, `ns/gas` the price of one.
#include <algorithm>
#include <cstdlib>
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

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;
using Json = nlohmann::json;

constexpr const char* kManifest = R"({"format_version": 1, "name": "bench", "profile": "development"})";
constexpr std::int64_t kGas = 1'000'000'000;
constexpr int kWarmups = 3; // executions after which the host asks for a full translation

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

rvm::Runtime& runtime() {
    static const std::unique_ptr<rvm::Runtime> opened = [] {
        rvm::Report report;
        rvm::RuntimeOptions options;
        options.builtins = {&rvm_plugin_entry_v0};
        auto out = rvm::Runtime::open_text(kManifest, "bench.json", options, report);
        if (out == nullptr) throw std::runtime_error(report.text());
        return out;
    }();
    return *opened;
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

void run(benchmark::State& state, const Program& program) {
    rvm::World world(runtime(), rvm::World::ephemeral);
    const char* rules = std::getenv("RVM_EVM_RULES");
    rvm::TxOptions options;
    options.rules = {rules != nullptr ? rules : "evm/osaka"};
    world.begin(options);
    for (const Account& account : program.accounts)
        world.set_code(world.account(account.address), view(account.code), "evm");
    static_cast<void>(world.end());
    world.begin(options);

    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.gas = kGas;
    message.sender = {{0xaa}};
    message.recipient = message.code_address = program.target;
    message.input = view(program.input);
    rvm_result result{};
    result.struct_size = sizeof result;
    rvm_error error{};
    error.struct_size = sizeof error;
    const rvm_host_world& table = world.table();
    std::uint64_t mark = 0;
    rvm_status status = table.mark(world.get(), &mark);
    for (int i = 0; i < kWarmups; ++i) {
        status |= table.execute(world.get(), &message, &result, &error);
        status |= table.rollback(world.get(), mark);
    }
    if (status != RVM_OK) return state.SkipWithError("the program does not succeed");
    for (auto _ : state) {
        status |= table.execute(world.get(), &message, &result, &error);
        status |= table.rollback(world.get(), mark);
    }
    if (status != RVM_OK) state.SkipWithError("an execution failed");
    const auto gas = static_cast<double>(kGas - result.gas_left);
    state.counters["gas"] = gas;
    state.counters["s/gas"] =
        benchmark::Counter(gas, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
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
    for (const Program& program : programs)
        benchmark::RegisterBenchmark(program.name.c_str(),
                                     [&program](benchmark::State& state) { run(state, program); });
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
