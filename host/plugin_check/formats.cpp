// Step about execution formats: whatever bytes come, the host lives and nodes agree.
#include <fmt/format.h>

#include "cli/values.hpp"
#include "plugin/registry.hpp"
#include "plugin_check/check.hpp"
#include "program/machine.hpp"

namespace rvm::host {

namespace {

constexpr std::size_t large_code = std::size_t{1} << 20;
constexpr int random_codes = 64;
constexpr std::size_t random_code_bytes = 96;
constexpr std::int64_t format_gas = 100'000; // short runs: garbage rarely does anything sensible for longer

/// Beginnings that a format with magic bytes recognises.
std::vector<Bytes> recognised() { return {{0, 'a', 's', 'm', 1, 0, 0, 0}, {0, 'r', 'v', 'm', 1, 0, 0, 0}}; }

} // namespace

std::vector<Bytes> garbage_codes() {
    const std::vector<Bytes> seeds = recognised();
    Questions questions;
    std::vector<Bytes> list{{}, Bytes(large_code, 0), questions.bytes(large_code)};
    for (unsigned byte = 0; byte < 256; ++byte)
        list.push_back({static_cast<std::uint8_t>(byte)});
    for (int i = 0; i < random_codes; ++i) {
        list.push_back(questions.bytes(1 + questions.next() % random_code_bytes));
        for (Bytes damaged : seeds) { // recognised beginnings, then noise
            const Bytes noise = questions.bytes(questions.next() % random_code_bytes);
            damaged.insert(damaged.end(), noise.begin(), noise.end());
            list.push_back(std::move(damaged));
        }
    }
    return list;
}

Outcome run_code(Runtime& runtime, const rvm_format& format, const Bytes& code) {
    World world(runtime, World::ephemeral);
    world.begin({});
    world.set_code(world.account(program_address), view_of(code), format.id);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.gas = format_gas;
    message.sender = default_sender;
    message.recipient = program_address;
    message.code_address = program_address;
    const Outcome outcome = world.execute(message);
    world.abort();
    return outcome;
}

namespace {

void check_compile(const rvm_format& format, const Bytes& code, std::uint32_t rules, const std::string& where,
                   CheckLog& log) {
    Bytes bytes = code;
    bytes.resize(code.size() + RVM_CODE_ZEROS);
    for (const std::uint32_t tier : {RVM_TIER_COLD, RVM_TIER_HOT}) {
        rvm_artifact* artifact = nullptr;
        rvm_error error{};
        error.struct_size = sizeof error;
        const rvm_status status =
            format.compile(format.self, {bytes.data(), code.size()}, rules, tier, &artifact, &error);
        if (status == RVM_OK) format.release(format.self, artifact);
        if (status != RVM_OK && status != RVM_TRAP_INVALID_CODE)
            log.fail(ErrorCode::check_status, where, fmt::format("compile of {} bytes", code.size()),
                     "RVM_OK or RVM_TRAP_INVALID_CODE", fmt::format("{}", status));
        log.evidence(static_cast<std::uint64_t>(static_cast<std::uint32_t>(status)));
    }
}

void check_execute(Runtime& runtime, const rvm_format& format, const Bytes& code, const std::string& where,
                   CheckLog& log) {
    const Outcome outcome = run_code(runtime, format, code);
    const Outcome again = run_code(runtime, format, code);
    const std::string what = fmt::format("execution of {} bytes", code.size());
    if (!is_program_status(outcome.status))
        log.fail(ErrorCode::check_status, where, what, "RVM_OK or RVM_TRAP_*",
                 fmt::format("{}: {}", status_name(outcome.status), outcome.error));
    if (outcome.gas_used < 0 || outcome.gas_used > format_gas)
        log.fail(ErrorCode::check_gas, where, what, fmt::format("0 to {}", format_gas),
                 fmt::format("{}", outcome.gas_used));
    if (outcome.status != again.status || outcome.gas_used != again.gas_used || outcome.output != again.output)
        log.fail(ErrorCode::check_nondeterministic, where, fmt::format("two equal runs differ, {}", what));
    log.evidence(static_cast<std::uint64_t>(static_cast<std::uint32_t>(outcome.status)));
    log.evidence(static_cast<std::uint64_t>(outcome.gas_used));
    log.evidence(outcome.output);
}

/// Why the format, as it is configured, runs no code at all; empty: it runs.
std::string unconfigured(const rvm_format& format) {
    const std::uint8_t code[1 + RVM_CODE_ZEROS] = {};
    rvm_artifact* artifact = nullptr;
    rvm_error error{};
    error.struct_size = sizeof error;
    const rvm_status status = format.compile(format.self, {code, 1}, 0, RVM_TIER_COLD, &artifact, &error);
    if (status == RVM_OK) format.release(format.self, artifact);
    return status != RVM_E_CONFIG ? std::string{} : error.message[0] != '\0' ? error.message : "no reason given";
}

/// Every question of the step to one format; false after a failure.
bool check_format(Runtime& runtime, const rvm_format& format, const std::string& where, CheckLog& log) {
    for (const Bytes& code : garbage_codes()) {
        const std::uint32_t probe = format.probe(format.self, view_of(code));
        if (probe > RVM_PROBE_YES)
            log.fail(ErrorCode::check_law, where, "probe gave an unknown answer", "0, 1 or 2",
                     fmt::format("{}", probe));
        log.evidence(probe);
        for (std::uint32_t rules = 0; format.rules[rules] != nullptr; ++rules)
            check_compile(format, code, rules, where, log);
        if (!code.empty()) check_execute(runtime, format, code, where, log);
        if (log.failed()) return false;
    }
    return true;
}

} // namespace

void check_formats(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto found = items_of<rvm_format>(*runtime, candidate, log);
    if (found.empty()) log.skip("provides no format");
    std::string idle;
    std::size_t checked = 0;
    for (const auto& format : found) {
        const std::string where = fmt::format("format {}", format->id);
        if (const std::string reason = unconfigured(*format.item); !reason.empty()) {
            idle = fmt::format("{} runs nothing without configuration (give it with --plugin-config FILE): {}", where,
                               reason);
            log.note(idle);
            continue;
        }
        ++checked;
        if (!check_format(*runtime, *format.item, where, log)) return;
    }
    if (checked == 0 && !found.empty()) log.skip(idle);
}

} // namespace rvm::host
