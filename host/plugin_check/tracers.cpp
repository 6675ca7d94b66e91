// Step about tracers: what they observe, they do not change.
#include <fmt/format.h>

#include "plugin/registry.hpp"
#include "plugin_check/check.hpp"

namespace rvm::host {

namespace {

/// A program for each kind of event: instructions, storage, a log, a call, a trap and a revert.
constexpr const char* programs[] = {
    "push 10 push 20 add push 5 mul",
    "space key 32 data value = u256 9 push key push value sstore push key push value sload push value push 32 return",
    "data text = \"traced\" push text push 6 push text log 0 push 1",
    "space who 32 push who self push 50000 push who push who push 0 push 0 push 0 push 0 push 0 drop invokestatic",
    "push 1 push 0 div",
    "push 0 push 0 revert",
};

} // namespace

void check_tracers(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto found = items_of<rvm_tracer>(*runtime, candidate, log);
    if (found.empty()) log.skip("provides no tracer");
    for (const auto& tracer : found) {
        for (const char* program : programs) {
            const Outcome plain = run_native(*runtime, program, "", log);
            const Outcome traced = run_native(*runtime, program, tracer->id, log);
            if (plain.status != traced.status || plain.gas_used != traced.gas_used || plain.output != traced.output)
                log.fail(ErrorCode::check_law, fmt::format("tracer {}", tracer->id),
                         fmt::format("tracing changed the outcome of `{}`", program),
                         fmt::format("{}, {} gas", status_name(plain.status), plain.gas_used),
                         fmt::format("{}, {} gas", status_name(traced.status), traced.gas_used));
        }
    }
}

} // namespace rvm::host
