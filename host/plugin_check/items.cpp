// Steps about syscalls, primitives and programs at addresses: bytes in, bytes out.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "plugin/registry.hpp"
#include "plugin_check/check.hpp"
#include "plugin_check/probe.hpp"

namespace rvm::host {

namespace {

constexpr std::size_t canary_bytes = 256;
constexpr std::uint8_t canary = 0xa5;
constexpr std::size_t most_output = std::size_t{1} << 20; // more is asked of nobody
constexpr std::int64_t ample_gas = 100'000'000;
constexpr std::array<std::size_t, 18> input_sizes{0,  1,  20,  31,  32,  33,  63,  64,   65,
                                                  96, 97, 127, 128, 129, 255, 256, 1000, 65536};

/// Bytes between canaries.
class Guarded {
  public:
    explicit Guarded(std::size_t size) : bytes_(canary_bytes + size + canary_bytes, canary), size_(size) {}
    [[nodiscard]] std::uint8_t* data() { return bytes_.data() + canary_bytes; }
    [[nodiscard]] ByteView first(std::uint64_t size) const {
        return ByteView{bytes_}.subspan(canary_bytes, static_cast<std::size_t>(std::min<std::uint64_t>(size, size_)));
    }
    [[nodiscard]] bool intact() const {
        const auto untouched = [](std::uint8_t byte) { return byte == canary; };
        return std::all_of(bytes_.begin(), bytes_.begin() + canary_bytes, untouched) &&
               std::all_of(bytes_.end() - canary_bytes, bytes_.end(), untouched);
    }

  private:
    Bytes bytes_;
    std::size_t size_;
};

/// Inputs of every size: zeros, ones and random bytes.
template <typename Use>
void each_input(Use use) {
    Questions questions;
    for (const std::size_t size : input_sizes)
        for (const Bytes& input : {Bytes(size, 0), Bytes(size, 0xff), questions.bytes(size)})
            if (!use(input)) return;
}

struct Answer {
    rvm_status status = RVM_OK;
    std::uint64_t size = 0;
    std::int64_t gas = 0;
    Bytes output;
    bool operator==(const Answer&) const = default;
};

/// What holds for every item that maps bytes to bytes: `call(input, output, capacity, answer)` fills the answer.
template <typename Call>
bool check_bytes(const std::string& where, const Bytes& input, std::size_t capacity, bool may_need_more, Call call,
                 CheckLog& log) {
    const std::string what = fmt::format("input of {} bytes", input.size());
    const auto ask = [&](Answer& answer) {
        Guarded in(input.size()), out(capacity);
        std::copy(input.begin(), input.end(), in.data());
        call(rvm_view{in.data(), input.size()}, rvm_span{out.data(), capacity}, answer);
        if (!out.intact() || !in.intact()) {
            log.fail(ErrorCode::check_overrun, where, fmt::format("wrote outside its output, {}", what),
                     fmt::format("at most {} bytes", capacity));
            return false;
        }
        if (!std::ranges::equal(in.first(input.size()), input)) {
            log.fail(ErrorCode::check_overrun, where, fmt::format("changed its input, {}", what));
            return false;
        }
        const bool more = may_need_more && answer.status == RVM_E_BUFFER_TOO_SMALL;
        if (!is_program_status(answer.status) && !more) {
            log.fail(ErrorCode::check_status, where, fmt::format("failed, {}", what), "RVM_OK or RVM_TRAP_*",
                     fmt::format("{}", answer.status));
            return false;
        }
        if (answer.status == RVM_OK && answer.size > capacity) {
            log.fail(ErrorCode::check_overrun, where,
                     fmt::format("claims more output than there was room for, {}", what),
                     fmt::format("at most {}", capacity), fmt::format("{}", answer.size));
            return false;
        }
        if (answer.status == RVM_OK) {
            const ByteView bytes = out.first(answer.size);
            answer.output.assign(bytes.begin(), bytes.end());
        }
        return true;
    };
    Answer first, second;
    if (!ask(first) || !ask(second)) return false;
    if (!(first == second)) {
        log.fail(ErrorCode::check_nondeterministic, where, fmt::format("two calls differ, {}", what));
        return false;
    }
    log.evidence(static_cast<std::uint64_t>(static_cast<std::uint32_t>(first.status)));
    log.evidence(first.output);
    return true;
}

void check_syscall(Runtime& runtime, const rvm_syscall& syscall, CheckLog& log) {
    const std::string where = fmt::format("syscall {}", syscall.id);
    const bool charges = (syscall.flags & (RVM_F_CHARGES | RVM_F_MAY_CALL)) != 0;
    const auto capacity = static_cast<std::size_t>(std::min<std::uint64_t>(syscall.max_output, most_output));
    bool broken = false;
    const auto call = [&](rvm_view input, rvm_span output, Answer& answer) {
        rvm_frame frame{};
        frame.struct_size = sizeof frame;
        frame.gas = ample_gas;
        const auto run = [&](rvm_frame* in) {
            answer.status = syscall.run(syscall.self, in, input, output, &answer.size);
            frame.gas = in->gas;
            return std::min(answer.status, RVM_OK);
        };
        if ((syscall.flags & RVM_F_PURE) != 0) frame.flags = RVM_FRAME_GUARD;
        if ((syscall.flags & needs_world) != 0)
            static_cast<void>(in_frame(runtime, ample_gas, run));
        else
            run(&frame);
        answer.gas = frame.gas;
        if ((frame.flags & RVM_FRAME_VIOLATED) != 0) {
            log.fail(ErrorCode::contribution_impure, where, "called the host", "PURE");
            broken = true;
        }
        if (frame.gas > ample_gas || (!charges && frame.gas != ample_gas)) {
            log.fail(ErrorCode::check_gas, where, "changed the frame's gas",
                     charges ? "gas that never rises" : "gas untouched: CHARGES is not declared",
                     fmt::format("{} -> {}", ample_gas, frame.gas));
            broken = true;
        }
    };
    each_input([&](const Bytes& input) { return check_bytes(where, input, capacity, false, call, log) && !broken; });
    if (capacity == 0 || broken) return;
    // Too little room: an answer that does not fit is RVM_TRAP_LIMIT, never a longer one.
    const auto cramped = [&](rvm_view input, rvm_span output, Answer& answer) { call(input, output, answer); };
    each_input([&](const Bytes& input) { return check_bytes(where, input, 1, false, cramped, log) && !broken; });
}

} // namespace

void check_syscalls(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto syscalls = items_of<rvm_syscall>(*runtime, candidate, log);
    if (syscalls.empty()) log.skip("provides no syscall");
    for (const auto& syscall : syscalls) {
        if ((syscall->flags & RVM_F_EXTERNAL) != 0)
            log.note(fmt::format("syscall {} may answer anything: only its declaration was judged", syscall->id));
        else
            check_syscall(*runtime, *syscall.item, log);
    }
}

void check_crypto(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto primitives = items_of<rvm_crypto>(*runtime, candidate, log);
    if (primitives.empty()) log.skip("provides no primitive");
    for (const auto& primitive : primitives) {
        const std::string where = fmt::format("crypto {}", primitive->id);
        Report report;
        if (!plugin::run_known_answers(*primitive.item, runtime->manifest().profile, candidate.library.string(),
                                       candidate.id, report)) {
            log.fail(report);
            continue;
        }
        const bool hash = primitive->shape == RVM_CRYPTO_HASH;
        const auto call = [&](rvm_view input, rvm_span output, Answer& answer) {
            if (hash) {
                primitive->hash(primitive->self, input, output.data);
                answer.size = primitive->digest_size;
            } else {
                answer.status = primitive->run(primitive->self, input, output, &answer.size);
            }
        };
        constexpr std::size_t room = 4096; // of every primitive there is; more is asked for by BUFFER_TOO_SMALL
        each_input([&](const Bytes& input) {
            return check_bytes(where, input, hash ? primitive->digest_size : room, !hash, call, log);
        });
    }
}

void check_programs(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto programs = items_of<rvm_program>(*runtime, candidate, log);
    if (programs.empty()) log.skip("provides no program at an address");
    for (const auto& program : programs) {
        const std::string where = fmt::format("program {}", program->id);
        bool priced = false; // asks gas for some input
        for (const std::int64_t gas : {ample_gas, std::int64_t{0}}) {
            bool broken = false;
            const auto call = [&](rvm_view input, rvm_span output, Answer& answer) {
                answer.gas = gas;
                answer.status = program->run(program->self, input, &answer.gas, &output);
                answer.size = output.size;
                const bool untouched = answer.status != RVM_E_BUFFER_TOO_SMALL || answer.gas == gas;
                if (answer.gas > gas || answer.gas < 0 || !untouched) {
                    log.fail(ErrorCode::check_gas, where, "the gas it leaves is impossible",
                             fmt::format("0 to {}", gas), fmt::format("{}", answer.gas));
                    broken = true;
                }
                if (gas != 0) {
                    priced |= answer.gas != gas || answer.status == RVM_TRAP_OUT_OF_GAS;
                    return;
                }
                if (answer.status != RVM_OK) return;
                // A price may be 0 (modexp of nothing, EIP-198); then it is 0 whatever gas there is.
                Bytes again(output.size + 1);
                rvm_span room{again.data(), again.size()};
                std::int64_t left = ample_gas;
                program->run(program->self, input, &left, &room);
                if (!priced || left != ample_gas) {
                    log.fail(ErrorCode::check_gas, where, "runs without gas", "RVM_TRAP_OUT_OF_GAS", "RVM_OK");
                    broken = true;
                }
            };
            each_input(
                [&](const Bytes& input) { return check_bytes(where, input, 65536 + 64, true, call, log) && !broken; });
            if (broken) break;
        }
    }
}

} // namespace rvm::host
