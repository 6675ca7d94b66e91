// Step about what goes wrong around a plugin: its n-th allocation fails, or its n-th call of the host does. It may
// refuse to start or to go on; it may not crash, throw, leak, or hide a host failure from the host.
#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <malloc.h>

#include "cli/values.hpp"
#include "plugin_check/allocations.hpp"
#include "plugin_check/check.hpp"
#include "plugin_check/probe.hpp"
#include "plugin_check/tap.hpp"

namespace rvm::host {

namespace {

constexpr std::uint64_t most_strikes = 48; // calls are alike after the first few dozen
constexpr int lives_a_window = 4;
constexpr int windows = 10;                    // see lifecycle.cpp: only a leak makes every window grow
constexpr std::size_t leak_bytes_per_life = 8; // the smallest thing that can leak
constexpr std::int64_t ample_gas = 1'000'000;
constexpr std::size_t input_bytes = 64;
constexpr std::uint64_t most_output = std::uint64_t{1} << 20;
constexpr std::size_t longest_code = 128;

/// One run of an item in a world of its own.
struct Deed {
    std::string where;
    std::function<Outcome()> run;
};

Outcome run_syscall(Runtime& runtime, const rvm_syscall& syscall) {
    const Bytes input(input_bytes, 1);
    Bytes output(static_cast<std::size_t>(std::min(syscall.max_output, most_output)));
    return in_frame(runtime, ample_gas, [&](rvm_frame* frame) {
        std::uint64_t size = 0;
        return syscall.run(syscall.self, frame, view_of(input), {output.data(), output.size()}, &size);
    });
}

/// `runtime` and `log` must outlive the list.
std::vector<Deed> deeds(Runtime& runtime, const Candidate& candidate, CheckLog& log) {
    std::vector<Deed> list;
    for (const auto& opcode : items_of<rvm_opcode>(runtime, candidate, log)) {
        if ((opcode->flags & needs_world) == 0) continue; // calls no host
        for (const std::uint64_t word : {std::uint64_t{1}, std::uint64_t{64}})
            list.push_back({fmt::format("opcode {}", opcode->id), [&runtime, &log, opcode, word] {
                                const std::vector<std::uint64_t> operands(opcode->pops, word);
                                return run_native(runtime, program_text(*opcode.item, operands, true), "", log);
                            }});
    }
    for (const auto& syscall : items_of<rvm_syscall>(runtime, candidate, log))
        if ((syscall->flags & needs_world) != 0)
            list.push_back({fmt::format("syscall {}", syscall->id),
                            [&runtime, syscall] { return run_syscall(runtime, *syscall.item); }});
    for (const auto& format : items_of<rvm_format>(runtime, candidate, log))
        for (const Bytes& code : garbage_codes())
            if (code.size() > 1 && code.size() <= longest_code)
                list.push_back({fmt::format("format {}", format->id),
                                [&runtime, format, code] { return run_code(runtime, *format.item, code); }});
    return list;
}

struct Enemy {
    const char* what; ///< "memory allocation"
    Saboteur& saboteur;
};

std::size_t bytes_in_use() {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// One life under fire. Whether it starts is the plugin's decision; an exception is never right.
std::unique_ptr<Runtime> live(const Candidate& candidate, const Enemy& enemy, std::uint64_t strike, Report& report) {
    enemy.saboteur.arm(strike);
    auto runtime = try_candidate(candidate, report);
    enemy.saboteur.disarm();
    return runtime;
}

bool check_life(const Candidate& candidate, const Enemy& enemy, std::uint64_t strike, CheckLog& log) {
    const std::string when = fmt::format("{} {} fails", enemy.what, strike);
    log.doing(when);
    Report report;
    auto runtime = live(candidate, enemy, strike, report);
    for (const Finding& finding : report.findings()) {
        if (finding.code != ErrorCode::plugin_threw) continue;
        Finding thrown = finding;
        thrown.message += fmt::format(" when {}", when);
        log.fail(thrown);
        return false;
    }
    // What starts all the same must be fit for use.
    if (runtime != nullptr) {
        for (const Deed& deed : deeds(*runtime, candidate, log))
            static_cast<void>(deed.run());
        runtime.reset();
    }
    std::size_t grown = SIZE_MAX;
    constexpr std::size_t leak_bytes = lives_a_window * leak_bytes_per_life;
    for (int window = 0; window < windows && grown >= leak_bytes; ++window) {
        const std::size_t before = bytes_in_use();
        for (int i = 0; i < lives_a_window; ++i) {
            Report ignored;
            static_cast<void>(live(candidate, enemy, strike, ignored));
        }
        const std::size_t after = bytes_in_use();
        grown = std::min(grown, after > before ? after - before : 0);
    }
    if (grown < leak_bytes) return true;
    log.fail(ErrorCode::check_leak, "memory",
             fmt::format("memory grows with every {} lives when {}", lives_a_window, when), "0 bytes",
             fmt::format("{} bytes at least", grown));
    return false;
}

void check_lives(const Candidate& candidate, const Enemy& enemy, CheckLog& log) {
    Report report;
    const std::uint64_t none = 0;
    if (live(candidate, enemy, none, report) == nullptr) return; // reported by earlier steps
    const std::uint64_t calls = std::min(enemy.saboteur.calls(), most_strikes);
    for (std::uint64_t strike = 1; strike <= calls; ++strike)
        if (!check_life(candidate, enemy, strike, log)) return;
}

/// Each item in a world, while the host fails at each of its calls in turn: the failure must come back to the host.
void check_items(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    Saboteur& saboteur = host_saboteur();
    for (const Deed& deed : deeds(*runtime, candidate, log)) {
        saboteur.arm(0);
        static_cast<void>(deed.run());
        saboteur.disarm();
        const std::uint64_t calls = std::min(saboteur.calls(), most_strikes);
        for (std::uint64_t strike = 1; strike <= calls; ++strike) {
            log.doing(fmt::format("{}: host call {} fails", deed.where, strike));
            saboteur.arm(strike);
            const Outcome outcome = deed.run();
            saboteur.disarm();
            if (!saboteur.struck(strike) || outcome.status < 0) continue;
            log.fail(ErrorCode::check_law, deed.where, fmt::format("went on although host call {} failed", strike),
                     fmt::format("{}", status_name(host_failure)), fmt::format("{}", status_name(outcome.status)));
            break;
        }
    }
}

} // namespace

void check_failures(const Candidate& candidate, CheckLog& log) {
    tap_plugin(candidate.id.c_str());
    if (auto runtime = open_candidate(candidate, log); runtime == nullptr) return; // loads the library
    if (tap_allocations(candidate.id) != 0) check_lives(candidate, {"memory allocation", allocation_saboteur()}, log);
    check_lives(candidate, {"host call", host_saboteur()}, log);
    check_items(candidate, log);
}

} // namespace rvm::host
