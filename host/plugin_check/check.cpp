#include "plugin_check/check.hpp"

#include <array>

#include <dirent.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/session.hpp"
#include "cli/values.hpp"
#include "native/assembler.hpp"
#include "plugin/registry.hpp"
#include "plugin_check/probe.hpp"
#include "plugin_check/tap.hpp"
#include "program/machine.hpp"

namespace rvm::host {

namespace {

constexpr std::size_t most_failures = 32; // of one step: the first few say it all

constexpr std::array steps{
    CheckStep{"file", "the ELF file keeps every rule and holds a sidecar", check_file, false, true},
    CheckStep{"load", "entry, descriptor, sidecar, contributions and known answers", check_load, false, true},
    CheckStep{"lifecycle", "a hundred times from create to destroy leave nothing behind", check_lifecycle, false,
              false},
    CheckStep{"instances", "two instances live side by side and offer the same", check_instances, false, false},
    CheckStep{"configuration", "every configuration the schema allows is accepted", check_configuration, false, false},
    CheckStep{"crypto", "primitives: no overrun, no surprise, equal answers", check_crypto, true, false},
    CheckStep{"opcodes", "operand windows and memory at boundary words, with canaries", check_opcodes, true, false},
    CheckStep{"opcode gas", "inside a program exactly the declared price is spent", check_opcode_gas, true, false},
    CheckStep{"syscalls", "inputs of many sizes, bounded answers, with canaries", check_syscalls, true, false},
    CheckStep{"programs", "programs at addresses: gas, buffers, equal answers", check_programs, true, false},
    CheckStep{"formats", "probe, compile and execute whatever bytes come", check_formats, true, false},
    CheckStep{"storage", "the laws of snapshots, order and batches", check_storage, true, false},
    CheckStep{"tracers", "tracing changes no result", check_tracers, false, false},
    CheckStep{"services", "services start, are well and stop in time", check_services, false, false},
    CheckStep{"failures", "memory and the host fail at each call in turn", check_failures, false, false},
};

constexpr std::array<std::uint64_t, 24> boundaries{0,
                                                   1,
                                                   2,
                                                   7,
                                                   8,
                                                   31,
                                                   32,
                                                   63,
                                                   64,
                                                   65,
                                                   127,
                                                   128,
                                                   255,
                                                   256,
                                                   992,
                                                   1023,
                                                   1024,
                                                   0x7fffffff,
                                                   0x80000000,
                                                   0xffffffff,
                                                   0x100000000,
                                                   0x7fffffffffffffff,
                                                   0x8000000000000000,
                                                   0xffffffffffffffff};

} // namespace

std::span<const CheckStep> check_steps() noexcept { return steps; }

void CheckLog::send(const std::string& line) {
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
        if (count <= 0) ::_exit(1); // the parent is gone
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
}

void CheckLog::fail(const Finding& finding) {
    if (++failures_ > most_failures) return;
    nlohmann::ordered_json json;
    json["fail"] = {{"code", static_cast<std::uint16_t>(finding.code)},
                    {"file", finding.file},
                    {"where", finding.where},
                    {"message", finding.message},
                    {"expected", finding.expected},
                    {"found", finding.found},
                    {"hint", finding.hint},
                    {"plugin", finding.plugin}};
    send(json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void CheckLog::fail(ErrorCode code, std::string where, std::string message, std::string expected, std::string found) {
    Finding finding;
    finding.code = code;
    finding.where = std::move(where);
    finding.message = std::move(message);
    finding.expected = std::move(expected);
    finding.found = std::move(found);
    fail(finding);
}

void CheckLog::fail(const Report& report) {
    for (const Finding& finding : report.findings()) {
        if (finding.severity == Severity::error)
            fail(finding);
        else
            note(finding.text());
    }
}

void CheckLog::note(std::string text) {
    send(nlohmann::ordered_json{{"note", std::move(text)}}.dump(-1, ' ', true,
                                                                nlohmann::ordered_json::error_handler_t::replace) +
         "\n");
}

void CheckLog::doing(std::string text) { send(nlohmann::ordered_json{{"doing", std::move(text)}}.dump() + "\n"); }

void CheckLog::skip(std::string reason) { send(nlohmann::ordered_json{{"skip", std::move(reason)}}.dump() + "\n"); }

void CheckLog::evidence(ByteView bytes) {
    evidence(bytes.size());
    evidence_.insert(evidence_.end(), bytes.begin(), bytes.end());
    constexpr std::size_t fold_bytes = std::size_t{1} << 20; // memory stays bounded
    if (evidence_.size() > fold_bytes) evidence_ = sha256(evidence_);
}

void CheckLog::evidence(std::uint64_t number) {
    for (int i = 0; i < 8; ++i)
        evidence_.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

void CheckLog::finish() {
    send(nlohmann::ordered_json{{"done", to_hex(sha256(evidence_))}, {"failures", failures_}}.dump() + "\n");
}

Bytes Questions::bytes(std::size_t size) {
    Bytes result(size);
    for (std::uint8_t& byte : result)
        byte = static_cast<std::uint8_t>(next());
    return result;
}

std::uint64_t Questions::word() noexcept {
    const std::uint64_t random = next();
    return random % 4 == 0 ? next() : boundaries[(random >> 8) % boundaries.size()];
}

std::span<const std::uint64_t> boundary_words() noexcept { return boundaries; }

bool is_program_status(rvm_status status) noexcept { return status >= RVM_OK && status <= RVM_TRAP_LIMIT; }

std::unique_ptr<Runtime> try_candidate(const Candidate& candidate, Report& report) {
    RuntimeOptions options;
    options.load_all = true;
    options.builtins = {&probe_entry};
    options.tap_host = tap_host;
    auto runtime = Runtime::open_text(candidate.manifest, candidate.manifest_path, options, report);
    const plugin::PluginSlot* slot = runtime == nullptr ? nullptr : runtime->registry().slot(candidate.id);
    if (report.ok() && (slot == nullptr || runtime->registry().state(*slot) != plugin::SlotState::loaded)) {
        if (slot != nullptr) report.merge(runtime->registry().findings(*slot));
        if (report.ok()) report.error(ErrorCode::plugin_load_failed, {}, {}, "the plugin was not loaded");
    }
    return report.ok() ? std::move(runtime) : nullptr;
}

std::unique_ptr<Runtime> open_candidate(const Candidate& candidate, CheckLog& log) {
    Report report;
    auto runtime = try_candidate(candidate, report);
    if (runtime == nullptr) log.fail(report);
    return runtime;
}

bool close_candidate(std::unique_ptr<Runtime> runtime, CheckLog& log) {
    Report report;
    Runtime::close(std::move(runtime), Session::stop_deadline_ms, report);
    log.fail(report);
    return report.ok();
}

std::size_t count_entries(const char* folder) {
    std::size_t count = 0;
    if (DIR* directory = ::opendir(folder)) {
        while (::readdir(directory) != nullptr)
            ++count;
        ::closedir(directory);
    }
    return count;
}

Outcome run_native(Runtime& runtime, std::string_view text, std::string_view tracer, CheckLog& log) {
    const auto resolver = [&](std::string_view mnemonic) -> std::optional<native::ResolvedOpcode> {
        Report report;
        for (const auto& found : runtime.registry().all<rvm_opcode>(report))
            if (found->mnemonic == mnemonic)
                return native::ResolvedOpcode{found->id, found->pops, found->pushes, found->immediate_size};
        return std::nullopt;
    };
    Report report;
    const auto code = native::assemble(text, "check", resolver, report);
    if (!code) {
        log.fail(report);
        return {};
    }
    World world(runtime, World::ephemeral);
    TxOptions tx;
    tx.tracer = tracer;
    world.begin(tx);
    world.set_code(world.account(program_address), view_of(*code), "native");
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.gas = static_cast<std::int64_t>(default_gas);
    message.sender = default_sender;
    message.recipient = program_address;
    message.code_address = program_address;
    const Outcome outcome = world.execute(message);
    if (!tracer.empty()) static_cast<void>(world.trace_text());
    if (outcome.status < 0)
        world.abort();
    else
        static_cast<void>(world.end());
    return outcome;
}

} // namespace rvm::host
