// What crossing the boundary costs: plugin opcodes, nested calls, executions, state access through the host tables.
//
//   plugin opcode       (BM_plugin_opcode - BM_builtin_opcode) / operations: target at most 2.5 ns
//   nested native call  BM_nested_call, per call: target at most 200 ns
//   execution           BM_execution: a cached trivial program from an embedder's thread: target at most 500 ns
//   warm slot read      BM_warm_sload: through rvm.host.state/1: target at most 15 ns
//   account handle      BM_account_handle: second lookup through rvm.host.state/1: target at most 20 ns
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

#include <rvm/plugin.h>
#include <rvm/runtime.hpp>

#include "native/assembler.hpp"
#include "plugin/registry.hpp"

namespace {

constexpr const char* kManifest = R"({"format_version": 1, "name": "bench", "profile": "development"})";
constexpr std::int64_t kGas = std::int64_t{1} << 60;
/// Operations in one loop turn and turns in one execution: enough to make entry and loop control invisible.
constexpr int kUnrolled = 32;
constexpr std::uint64_t kTurns = 10'000;

// ---- a plugin with one pure opcode, and a format that measures host functions from inside a frame ----

rvm_status bench_add(const void*, rvm_frame*, rvm_word* args, std::uint64_t) {
    args[0] += args[1];
    return RVM_OK;
}

constexpr rvm_opcode kAdd{sizeof(rvm_opcode), RVM_F_PURE, "bench.add", "bench.add", "a + b", 2, 2, 1, 0, 0, 0, bench_add, nullptr};

const rvm_host_state* host_state = nullptr;
benchmark::State* inner_state = nullptr;
enum class Inner { slot, account } inner = Inner::slot;

rvm_status probe_compile(const void*, rvm_view, std::uint32_t, std::uint32_t, rvm_artifact** out, rvm_error*) {
    static int artifact;
    *out = reinterpret_cast<rvm_artifact*>(&artifact);
    return RVM_OK;
}

void probe_release(const void*, rvm_artifact*) {}

rvm_status probe_execute(const void*, const rvm_artifact*, rvm_frame* frame, rvm_result*) {
    if (inner_state == nullptr) return RVM_OK;
    const rvm_u256 key{{7, 0, 0, 0}};
    rvm_u256 value{};
    std::uint32_t access = 0;
    rvm_account* account = nullptr;
    const rvm_address other{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}};
    rvm_status status = host_state->sload(frame, &key, 0, &value, &access);
    if (status == RVM_OK) status = host_state->account(frame, &other, RVM_WANT_WARM, &account, &access);
    for (auto _ : *inner_state) {
        if (inner == Inner::slot)
            status |= host_state->sload(frame, &key, 0, &value, &access);
        else
            status |= host_state->account(frame, &other, RVM_WANT_WARM | RVM_WANT_BALANCE, &account, &access);
        benchmark::DoNotOptimize(value);
        benchmark::DoNotOptimize(account);
    }
    return status;
}

rvm_status probe_deployed(const void*, rvm_frame*, rvm_view*, const char**) { return RVM_OK; }

std::uint32_t probe_probe(const void*, rvm_view) { return RVM_PROBE_NO; }

const rvm_contribution* contributions(void*) {
    static constexpr const char* rules[] = {"probe/1", nullptr};
    static const rvm_format format = [] {
        rvm_format f{};
        f.struct_size = sizeof f;
        f.id = "probe";
        f.summary = "measures host functions";
        f.rules = rules;
        f.units_per_gas = 1;
        f.scratch_bytes = 64;
        f.native_stack_per_frame = 512;
        f.probe = probe_probe;
        f.compile = probe_compile;
        f.release = probe_release;
        f.execute = probe_execute;
        f.deployed = probe_deployed;
        return f;
    }();
    static const rvm_contribution items[] = {{RVM_KIND_OPCODE, &kAdd}, {RVM_KIND_FORMAT, &format}, {nullptr, nullptr}};
    return items;
}

void destroy(void*) {}

rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error*) {
    static rvm_plugin plugin{sizeof(rvm_plugin), 0, nullptr, nullptr, contributions, nullptr, nullptr, nullptr, destroy};
    host_state = static_cast<const rvm_host_state*>(host->get_interface(host->ctx, RVM_HOST_STATE));
    *out = &plugin;
    return RVM_OK;
}

constexpr const char* kProvides[] = {RVM_KIND_OPCODE ":bench.add", RVM_KIND_FORMAT ":probe", nullptr};
constexpr const char* kRequires[] = {RVM_HOST_STATE, nullptr};
constexpr rvm_descriptor kDescriptor{sizeof(rvm_descriptor), 0, "org.rvm.bench", "0.1.0", "Bench", "rvm", "Apache-2.0",
                                     "Measured items", nullptr, kProvides, kRequires};
constexpr rvm_entry kEntry = RVM_ENTRY_INIT(&kDescriptor, create);

// ---- the deployment ----

rvm::Runtime& runtime() {
    static const std::unique_ptr<rvm::Runtime> opened = [] {
        rvm::Report report;
        rvm::RuntimeOptions options;
        options.builtins = {&kEntry};
        auto out = rvm::Runtime::open_text(kManifest, "bench.json", options, report);
        if (out == nullptr) throw std::runtime_error(report.text());
        for (rvm::plugin::PluginSlot* slot : out->registry().slots())
            if (!out->registry().load(*slot, report)) throw std::runtime_error(report.text());
        return out;
    }();
    return *opened;
}

rvm_address address(std::uint8_t last) {
    rvm_address out{};
    out.bytes[0] = 0xaa;
    out.bytes[19] = last;
    return out;
}

rvm::Bytes assemble(const std::string& text) {
    rvm::Report report;
    const auto resolve = [](std::string_view mnemonic) -> std::optional<rvm::native::ResolvedOpcode> {
        if (mnemonic != "bench.add") return std::nullopt;
        return rvm::native::ResolvedOpcode{"bench.add", 2, 1, 0};
    };
    auto out = rvm::native::assemble(text, "bench.rasm", resolve, report);
    if (!out) throw std::runtime_error(report.text());
    return *out;
}

/// A world with code at address(1), address(2) and an open transaction.
struct Bench {
    explicit Bench(const std::string& first, const std::string& second = "push 1", const char* format = "native")
        : world(runtime(), rvm::World::ephemeral) {
        world.begin({});
        place(1, first, format);
        place(2, second, "native");
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CALL;
        message.gas = kGas;
        message.sender = address(9);
        message.recipient = message.code_address = address(1);
    }
    void place(std::uint8_t at, const std::string& text, const char* format) {
        const rvm::Bytes code = std::strcmp(format, "native") == 0 ? assemble(text) : rvm::Bytes(text.begin(), text.end());
        world.set_code(world.account(address(at)), {code.data(), code.size()}, format);
    }
    void run(benchmark::State& state) {
        rvm_result result{};
        result.struct_size = sizeof result;
        const rvm_status status = world.table().execute(world.get(), &message, &result, nullptr);
        if (status != RVM_OK) state.SkipWithError(std::string(rvm::status_name(status)).c_str());
    }
    rvm::World world;
    rvm_message message{};
};

std::string loop(const std::string& body, std::uint64_t turns) {
    return "push " + std::to_string(turns) + " set r0\nagain:\n" + body + "\nget r0 push 1 sub dup set r0 jumpnz again\n";
}

std::string repeated(const std::string& text) {
    std::string out = "push 1\n";
    for (int i = 0; i < kUnrolled; ++i) out += "push 3 " + text + "\n";
    return out + "drop\n";
}

void opcode_bench(benchmark::State& state, const std::string& mnemonic) {
    Bench bench(loop(repeated(mnemonic), kTurns));
    for (auto _ : state) bench.run(state);
    state.counters["ns_per_op"] = benchmark::Counter(static_cast<double>(kTurns) * kUnrolled,
                                                     benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_builtin_opcode(benchmark::State& state) { opcode_bench(state, "add"); }
BENCHMARK(BM_builtin_opcode)->Unit(benchmark::kMillisecond);

void BM_plugin_opcode(benchmark::State& state) { opcode_bench(state, "bench.add"); }
BENCHMARK(BM_plugin_opcode)->Unit(benchmark::kMillisecond);

void BM_nested_call(benchmark::State& state) {
    std::string callee = "data target = hex \"aa00000000000000000000000000000000000002\"\nspace zero 32\n";
    Bench bench(callee + loop("push 1000 push target push zero push 0 push 0 push 0 push 0 invoke drop", kTurns));
    for (auto _ : state) bench.run(state);
    state.counters["ns_per_call"] = benchmark::Counter(static_cast<double>(kTurns),
                                                       benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_nested_call)->Unit(benchmark::kMillisecond);

void BM_execution(benchmark::State& state) {
    Bench bench("push 1");
    for (auto _ : state) bench.run(state);
}
BENCHMARK(BM_execution);

void inner_bench(benchmark::State& state, Inner what) {
    Bench bench("probe", "push 1", "probe");
    inner = what;
    inner_state = &state;
    bench.run(state);
    inner_state = nullptr;
}

void BM_warm_sload(benchmark::State& state) { inner_bench(state, Inner::slot); }
BENCHMARK(BM_warm_sload);

void BM_account_handle(benchmark::State& state) { inner_bench(state, Inner::account); }
BENCHMARK(BM_account_handle);

} // namespace

BENCHMARK_MAIN();
