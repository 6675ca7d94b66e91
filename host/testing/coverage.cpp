#include "testing/coverage.hpp"

#include <algorithm>
#include <array>

#include "program/builtin_tracer.hpp"

namespace rvm::host::testing {

namespace {

using AddressBytes = std::array<std::uint8_t, sizeof(rvm_address)>;

/// What the observer saw. Allocation failures end the observation of that instruction only.
struct Seen {
    std::map<AddressBytes, std::set<std::uint64_t>> executed; ///< owner of the code -> positions
    std::map<std::uint64_t, AddressBytes> frames;             ///< open frames
};
Seen seen;

AddressBytes key(const rvm_address& address) {
    AddressBytes bytes{};
    std::ranges::copy(address.bytes, bytes.begin());
    return bytes;
}

struct Observer {
    static constexpr const char* plugin = "org.rvm.coverage";
    static constexpr const char* id = coverage_tracer;
    static constexpr const char* summary = "Which instructions run";
    static constexpr const char* provides = "rvm.tracer/1:rvm.host/coverage";

    static rvm_status begin(void*, const char*, std::uint64_t, void** cookie) {
        seen.frames.clear();
        *cookie = &seen;
        return RVM_OK;
    }

    static void enter(void*, void*, std::uint64_t frame, const rvm_message* message, const char*) {
        if (message->kind != RVM_CALL_CREATE) seen.frames[frame] = key(message->code_address); // init code is nobody's
    }

    static void leave(void*, void*, std::uint64_t frame, const rvm_result*) { seen.frames.erase(frame); }

    static void op(void*, void*, std::uint64_t frame, const rvm_op_event* event) {
        const auto owner = seen.frames.find(frame);
        if (owner != seen.frames.end()) seen.executed[owner->second].insert(event->pc);
    }
};

/// Counts the instructions of the code at an address, and those that ran.
void count(Session& session, Stage& stage, const rvm_address& address, ProgramCoverage& coverage) {
    const rvm_view code = stage.machine().code_at(address);
    const auto id = stage.machine().format_at(address);
    Report ignored;
    const rvm_format* format = id ? session.runtime().format(*id, ignored) : nullptr;
    const auto found = seen.executed.find(key(address));
    static const std::set<std::uint64_t> nothing;
    const std::set<std::uint64_t>& executed = found == seen.executed.end() ? nothing : found->second;
    if (format == nullptr || format->disassemble == nullptr) {
        coverage.executed += executed.size();
        return;
    }
    std::array<char, 256> text{};
    for (std::uint64_t pc = 0; pc < code.size;) {
        const std::uint64_t size = format->disassemble(format->self, code, pc, text.data(), text.size());
        if (size == 0) break;
        ++coverage.total;
        const auto ran =
            executed.lower_bound(pc); // what precedes an instruction, such as a function's head, counts to it
        if (ran != executed.end() && *ran < pc + size) {
            ++coverage.executed;
        } else {
            ProgramCoverage::Missed missed{pc, text.data(), {}};
            if (format->source_of != nullptr &&
                format->source_of(format->self, code, pc, text.data(), text.size()) != 0)
                missed.source = text.data();
            coverage.missed.push_back(std::move(missed));
        }
        pc += size;
    }
}

} // namespace

const rvm_entry* coverage_plugin() noexcept { return BuiltinTracer<Observer>::entry(); }

void clear_coverage() noexcept {
    seen.executed.clear();
    seen.frames.clear();
}

std::vector<ProgramCoverage> coverage_of(Session& session, const Suite& suite, Stage& stage) {
    std::vector<ProgramCoverage> all;
    const auto add = [&](const std::string& name, const std::string& program) {
        if (program.empty()) return;
        all.push_back({name + " (" + program + ")", 0, 0, {}});
        count(session, stage, stage.address(name), all.back());
    };
    for (const Account& account : suite.accounts)
        add(account.name, account.program);
    for (const Deployment& deployment : suite.deployments)
        add(deployment.name, deployment.program);
    return all;
}

} // namespace rvm::host::testing
