#include "bench/subject.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "cli/interrupt.hpp"
#include "program/builtin_tracer.hpp"
#include "program/receipt.hpp"

namespace rvm::host::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// Nanoseconds that nobody minds waiting for after Ctrl-C. Looking for it takes a program some time, which is not
/// measured of one that is over sooner.
constexpr double most_patience = 1e8;

std::uint64_t counted = 0; ///< steps of the traced execution

struct Observer {
    static constexpr const char* plugin = "org.rvm.count";
    static constexpr const char* id = count_tracer;
    static constexpr const char* summary = "How many steps a program executes";
    static constexpr const char* provides = "rvm.tracer/1:rvm.host/count";

    static rvm_status begin(void*, const char*, std::uint64_t, void** cookie) {
        counted = 0;
        *cookie = &counted;
        return RVM_OK;
    }
    static void enter(void*, void*, std::uint64_t, const rvm_message*, const char*) {}
    static void leave(void*, void*, std::uint64_t, const rvm_result*) {}
    static void op(void*, void*, std::uint64_t, const rvm_op_event*) { ++counted; }
};

double nanoseconds(Clock::duration time) { return static_cast<double>(std::chrono::nanoseconds(time).count()); }

/// What reading the clock twice takes by itself: the least of many, as it only ever takes longer.
double clock_cost() {
    static const double cost = [] {
        double least = 1e9;
        for (int i = 0; i < 1000; ++i) {
            const auto begun = Clock::now();
            least = std::min(least, nanoseconds(Clock::now() - begun));
        }
        return least;
    }();
    return cost;
}

} // namespace

const rvm_entry* count_plugin() noexcept { return BuiltinTracer<Observer>::entry(); }

Subject::Subject(Session& session, const std::string& file, const std::string& format, const std::string& state,
                 MessageOptions message)
    : message_(std::move(message)), code_(load_code(session, file, format)) {
    Report report;
    if (!check_imports(session.runtime(), code_.bytes, code_.file, report)) throw Failure(std::move(report));
    const auto furnish = [this](Machine& machine) {
        machine.place(program_address, code_.bytes, code_.format);
        if (machine.ephemeral()) machine.fund(message_.sender, message_.value);
    };
    MessageOptions traced = message_;
    traced.trace = count_tracer;
    bool patient = true;
    {
        Machine counting(session, state, true, RVM_WORLD_CANCELLABLE);
        furnish(counting);
        const auto begun = Clock::now();
        receipt_ = counting.call(program_address, traced);
        patient = nanoseconds(Clock::now() - begun) < most_patience;
    }
    steps_ = counted;
    machine_.emplace(session, state, true, patient ? 0U : RVM_WORLD_CANCELLABLE);
    furnish(*machine_);
}

double Subject::execute() {
    Clock::duration time{};
    const Outcome outcome = machine_->rehearse(program_address, message_, [&](const auto& run) {
        const auto begun = Clock::now();
        Outcome result = run();
        time = Clock::now() - begun;
        return result;
    });
    const Outcome& first = receipt_.outcome;
    if (outcome.status != first.status || outcome.gas_used != first.gas_used || outcome.output != first.output)
        throw failure(ErrorCode::internal, code_.file, {},
                      fmt::format("two executions differ: {} with {} gas, then {} with {} gas",
                                  status_name(first.status), first.gas_used, status_name(outcome.status),
                                  outcome.gas_used));
    return std::max(nanoseconds(time) - clock_cost(), 0.0);
}

std::uint64_t Subject::warm_up(double seconds, double sample_seconds) {
    std::uint64_t executions = 0;
    double total = 0;
    const auto begun = Clock::now();
    do {
        total += execute();
        ++executions;
    } while (!InterruptWatch::interrupted() && nanoseconds(Clock::now() - begun) < seconds * 1e9);
    const double each = std::max(total / static_cast<double>(executions), 1.0);
    return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(sample_seconds * 1e9 / each), 1, 1'000'000);
}

double Subject::sample(std::uint64_t executions) {
    double total = 0;
    std::uint64_t done = 0;
    for (; done < executions && !InterruptWatch::interrupted(); ++done)
        total += execute();
    return done == 0 ? 0 : total / static_cast<double>(done);
}

} // namespace rvm::host::bench
