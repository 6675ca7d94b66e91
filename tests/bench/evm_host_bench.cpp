// EVM programs that lean on the host, through this host:
//
//   host functions   ns an operation, its baseline taken off: warm SLOAD 15, CALL of an empty account 100, CREATE of an
//   empty
//                    contract 400
//   state-heavy      us a transaction (begin, execute, abort); a rival runs the same programs (--export)
//   worst            ns a gas: at most 4
//
//   evm_host [--library FILE [--symbol NAME]]   the same in another machine's format, through the plugin evmc
//   evm_host --only TEXT                        programs whose name contains it
//   evm_host --export                           the state-heavy programs as text, for a harness of a rival
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

#include "evm_programs.hpp"

namespace rvm::bench {
namespace {

/// ns of processor time of this thread: other processes do not count.
double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

rvm_view view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

struct Times {
    double execute = 0;     ///< ns, median
    double transaction = 0; ///< ns with begin and abort, median
    double best = 0;        ///< ns of the best transaction
    std::int64_t gas = 0;
    std::string fault; ///< why it did not succeed
};

std::string only; ///< text that a program's name must contain

bool wanted(const Program& program) { return program.name.find(only) != std::string::npos; }

double median(std::vector<double>& values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

class Bench {
  public:
    Bench(std::string format, const std::string& library, const std::string& symbol) : format_(std::move(format)) {
        const std::string evmc =
            library.empty() ? ""
                            : fmt::format(R"({{"id": "org.rvm.evmc", "config": {{"library": "{}", "symbol": "{}"}}}})",
                                          std::filesystem::absolute(library).string(), symbol);
        const std::string manifest = fmt::format(
            R"({{"format_version": 1, "name": "bench", "profile": "development", "discovery": "directory",
                "search_paths": ["{}"], "limits": {{"native": {{"memory_bytes": 1073741824}}}}, "plugins": [{}]}})",
            RVM_PLUGIN_DIR, evmc);
        Report report;
        runtime_ = Runtime::open_text(manifest, "bench.json", {}, report);
        if (runtime_ == nullptr) throw Failure(std::move(report));
    }

    /// Repeats for about `seconds`, at least five times.
    Times measure(const Program& program, double seconds) {
        World world(*runtime_, World::ephemeral);
        world.begin({});
        for (const ProgramAccount& account : program.accounts) {
            world.set_nonce(world.account(account.address), 1);
            world.set_code(world.account(account.address), view(account.code), format_.c_str());
            for (const auto& [key, value] : account.slots)
                world.set_slot(world.account(account.address), key, value);
        }
        static_cast<void>(world.end());

        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CALL;
        message.sender = program_address(0);
        message.recipient = message.code_address = program.accounts[0].address;
        message.gas = program.gas;
        message.input = view(program.input);
        Times out;
        std::vector<double> executions, transactions;
        const double end = now() + seconds * 1e9;
        while (executions.empty() || (!program.first_only && (executions.size() < 5 || now() < end))) {
            const double start = now();
            world.begin({});
            const double begun = now();
            const Outcome ran = world.execute(message);
            const double executed = now();
            world.abort();
            const double aborted = now();
            if (ran.status < 0) throw std::runtime_error(program.name + ": " + ran.error);
            out.gas = ran.gas_used;
            out.fault = ran.status == RVM_OK ? "" : ran.fault;
            executions.push_back(executed - begun);
            transactions.push_back(aborted - start);
        }
        out.execute = median(executions);
        out.transaction = median(transactions);
        out.best = transactions.front();
        return out;
    }

  private:
    std::string format_;
    std::unique_ptr<Runtime> runtime_;
};

void print_host_functions(Bench& bench) {
    const std::vector<Program> programs = host_functions();
    const auto each = [&](const Program& program) {
        return bench.measure(program, 0.5).execute / static_cast<double>(program.operations);
    };
    fmt::print("\nhost functions                    ns each\n");
    for (const Program& program : programs) {
        if (program.baseline.empty() || !wanted(program)) continue;
        const auto baseline = std::ranges::find(programs, program.baseline, &Program::name);
        const double without = each(*baseline);
        fmt::print("{:32} {:8.1f}\n", program.name, each(program) - without);
    }
}

void print_state_heavy(Bench& bench) {
    fmt::print("\nstate-heavy                          us      best       gas\n");
    for (const Program& program : state_heavy()) {
        if (!wanted(program)) continue;
        const Times times = bench.measure(program, 0.5);
        fmt::print("{:28} {:10.1f} {:9.1f} {:9} {}\n", program.name, times.transaction / 1e3, times.best / 1e3,
                   times.gas, times.fault);
    }
}

void print_worst(Bench& bench) {
    fmt::print("\nworst                                      ms       gas    ns/gas\n");
    for (const Program& program : worst(0)) {
        if (!wanted(program)) continue;
        Times times = bench.measure(program, 0.3);
        if (program.first_only) {
            std::vector<double> firsts{times.execute};
            for (std::uint64_t variant = 1; variant < 5; ++variant)
                firsts.push_back(bench.measure(worst(variant).back(), 0).execute);
            times.execute = median(firsts);
        }
        fmt::print("{:36} {:8.2f} {:9} {:9.2f} {}\n", program.name, times.execute / 1e6, times.gas,
                   times.execute / static_cast<double>(times.gas), times.fault);
    }
}

std::string hex(const std::uint8_t* bytes, std::size_t size) {
    std::string out = "0x";
    for (std::size_t i = 0; i < size; ++i)
        out += fmt::format("{:02x}", bytes[i]);
    return out;
}

std::string hex(const rvm_u256& number) {
    std::uint8_t bytes[32];
    rvm_u256_to_bytes(&number, bytes, sizeof bytes);
    return hex(bytes, sizeof bytes);
}

/// "program NAME", "gas N", then "account ADDRESS CODE" and "slot KEY VALUE" lines; the first account is called.
void print_programs() {
    for (const Program& program : state_heavy()) {
        fmt::print("program {}\ngas {}\n", program.name, program.gas);
        for (const ProgramAccount& account : program.accounts) {
            fmt::print("account {} {}\n", hex(account.address.bytes, sizeof account.address.bytes),
                       hex(account.code.data(), account.code.size()));
            for (const auto& [key, value] : account.slots)
                fmt::print("slot {} {}\n", hex(key), hex(value));
        }
    }
}

int run(int argc, char** argv) {
    std::string library, symbol;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--export") {
            print_programs();
            return 0;
        }
        std::string* const to = name == "--library"  ? &library
                                : name == "--symbol" ? &symbol
                                : name == "--only"   ? &only
                                                     : nullptr;
        if (to == nullptr || i + 1 == argc) {
            std::fputs("usage: evm_host [--only TEXT] [--library FILE [--symbol NAME]] | --export\n", stderr);
            return 2;
        }
        *to = argv[++i];
    }
    Bench bench(library.empty() ? "evm" : "evmc", library, symbol);
    print_host_functions(bench);
    print_state_heavy(bench);
    print_worst(bench);
    return 0;
}

} // namespace
} // namespace rvm::bench

int main(int argc, char** argv) {
    try {
        return rvm::bench::run(argc, argv);
    } catch (const std::exception& failure) {
        std::fputs(failure.what(), stderr);
        std::fputc('\n', stderr);
        return 1;
    }
}
