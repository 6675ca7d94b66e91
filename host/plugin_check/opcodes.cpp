// Steps about opcodes of the native VM: called directly in a guarded window, then inside programs.
#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include <fmt/format.h>
#include <sys/mman.h>

#include "plugin/registry.hpp"
#include "plugin_check/check.hpp"
#include "plugin_check/probe.hpp"

namespace rvm::host {

namespace {

constexpr std::size_t canary_words = 16;
constexpr std::size_t window_words = 16; // plugin.h: pops and pushes are at most 16
constexpr rvm_word canary = 0xc0ffee5a5ac0ffeeU;
constexpr std::size_t memory_bytes = 1024; // one page of a native frame
constexpr std::size_t canary_bytes = 256;
constexpr std::int64_t ample_gas = 1'000'000;
constexpr int random_tuples = 256;

/// Memory that nobody may touch when it is gone: who kept a span of it faults, in this call or a later one.
class Passing {
  public:
    explicit Passing(std::size_t size)
        : size_(size), address_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
        if (address_ == MAP_FAILED) throw std::bad_alloc();
    }
    ~Passing() { static_cast<void>(::mprotect(address_, size_, PROT_NONE)); } // the addresses are never used again
    Passing(const Passing&) = delete;
    Passing& operator=(const Passing&) = delete;
    [[nodiscard]] std::span<std::uint8_t> bytes() const { return {static_cast<std::uint8_t*>(address_), size_}; }

  private:
    std::size_t size_;
    void* address_;
};

/// One direct call: window and memory lie between canaries.
struct Call {
    std::array<rvm_word, canary_words + window_words + canary_words> words;
    Passing passing{canary_bytes + memory_bytes + canary_bytes};
    std::span<std::uint8_t> memory = passing.bytes();
    rvm_frame frame{};
    rvm_status status = RVM_OK;

    /// With `real`, in that frame, whose gas is what it has; else in one that stands for itself alone.
    Call(const rvm_opcode& opcode, std::span<const std::uint64_t> operands, std::uint64_t immediate, std::int64_t gas,
         rvm_frame* real = nullptr) {
        words.fill(canary);
        std::copy(operands.begin(), operands.end(), words.begin() + canary_words);
        std::ranges::fill(memory, std::uint8_t{0xa5});
        for (std::size_t i = 0; i < memory_bytes; ++i)
            memory[canary_bytes + i] = static_cast<std::uint8_t>(i * 7);
        frame.struct_size = sizeof frame;
        frame.gas = gas;
        const bool guard = (opcode.flags & RVM_F_PURE) != 0 && (opcode.flags & RVM_F_MEMORY) == 0;
        if (guard)
            frame.flags = RVM_FRAME_GUARD;
        else
            frame.memory = {memory.data() + canary_bytes, memory_bytes};
        if (real != nullptr) real->memory = frame.memory;
        status = opcode.run(opcode.self, real != nullptr ? real : &frame, words.data() + canary_words, immediate);
        if (real != nullptr) {
            frame.gas = real->gas;
            real->memory = {nullptr, 0};
        }
    }
    [[nodiscard]] bool window_intact(std::size_t size) const {
        return std::all_of(words.begin(), words.begin() + canary_words, [](rvm_word w) { return w == canary; }) &&
               std::all_of(words.begin() + static_cast<std::ptrdiff_t>(canary_words + size), words.end(),
                           [](rvm_word w) { return w == canary; });
    }
    [[nodiscard]] bool memory_intact() const {
        const auto untouched = [](std::uint8_t byte) { return byte == 0xa5; };
        return std::all_of(memory.begin(), memory.begin() + canary_bytes, untouched) &&
               std::all_of(memory.end() - canary_bytes, memory.end(), untouched);
    }
    [[nodiscard]] ByteView results(std::size_t pushes) const {
        return {reinterpret_cast<const std::uint8_t*>(words.data() + canary_words), pushes * sizeof(rvm_word)};
    }
};

/// In a world of its own when the opcode needs one.
std::unique_ptr<const Call> make_call(Runtime& runtime, const rvm_opcode& opcode,
                                      std::span<const std::uint64_t> operands, std::uint64_t immediate,
                                      std::int64_t gas) {
    if ((opcode.flags & needs_world) == 0) return std::make_unique<Call>(opcode, operands, immediate, gas);
    std::unique_ptr<const Call> call;
    static_cast<void>(in_frame(runtime, gas, [&](rvm_frame* frame) {
        call = std::make_unique<Call>(opcode, operands, immediate, gas, frame);
        return std::min(call->status, RVM_OK);
    }));
    return call;
}

std::vector<std::vector<std::uint64_t>> operand_tuples(std::size_t pops) {
    std::vector<std::vector<std::uint64_t>> tuples;
    const auto words = boundary_words();
    if (pops == 0) return {{}};
    if (pops <= 2) { // every pair of boundaries
        for (const std::uint64_t a : words) {
            if (pops == 1) tuples.push_back({a});
            for (const std::uint64_t b : words)
                if (pops == 2) tuples.push_back({a, b});
        }
    } else {
        for (const std::uint64_t word : words)
            tuples.emplace_back(pops, word);
    }
    Questions questions;
    for (int i = 0; i < random_tuples; ++i) {
        std::vector<std::uint64_t> tuple(pops);
        for (std::uint64_t& word : tuple)
            word = questions.word();
        tuples.push_back(std::move(tuple));
    }
    return tuples;
}

std::uint64_t immediate_mask(std::uint8_t size) {
    return size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
}

/// False after the first violation: the same mistake at the next operands is no news.
bool check_call(Runtime& runtime, const rvm_opcode& opcode, const std::string& where,
                std::span<const std::uint64_t> operands, std::uint64_t immediate, CheckLog& log) {
    const std::string operands_text =
        fmt::format("operands [{:#x}], immediate {}", fmt::join(operands, ", "), immediate);
    const std::size_t window = std::max(opcode.pops, opcode.pushes);
    const auto first = make_call(runtime, opcode, operands, immediate, ample_gas);
    const Call& call = *first;
    if (!call.window_intact(window)) {
        log.fail(ErrorCode::check_overrun, where, fmt::format("wrote outside its operand window, {}", operands_text),
                 fmt::format("at most {} words", window));
        return false;
    }
    if (!call.memory_intact()) {
        log.fail(ErrorCode::check_overrun, where, fmt::format("wrote outside the frame's memory, {}", operands_text),
                 "accesses through rvm_memory()");
        return false;
    }
    if (!is_program_status(call.status)) {
        log.fail(ErrorCode::check_status, where, fmt::format("failed with {}", operands_text), "RVM_OK or RVM_TRAP_*",
                 fmt::format("{}", call.status));
        return false;
    }
    if ((call.frame.flags & RVM_FRAME_VIOLATED) != 0) {
        log.fail(ErrorCode::contribution_impure, where, fmt::format("called the host, {}", operands_text), "PURE");
        return false;
    }
    const bool charges = (opcode.flags & (RVM_F_CHARGES | RVM_F_MAY_CALL)) != 0;
    const bool out_of_gas = call.status == RVM_TRAP_OUT_OF_GAS;
    if (call.frame.gas > ample_gas || (!charges && call.frame.gas != ample_gas) || (!charges && out_of_gas)) {
        log.fail(ErrorCode::check_gas, where, fmt::format("changed the frame's gas, {}", operands_text),
                 charges ? "gas that never rises" : "gas untouched: CHARGES is not declared",
                 fmt::format("{} -> {}", ample_gas, call.frame.gas));
        return false;
    }
    const auto again = make_call(runtime, opcode, operands, immediate, ample_gas);
    const auto same = [&](const Call& other) {
        return other.status == call.status && other.frame.gas == call.frame.gas &&
               std::ranges::equal(other.memory, call.memory) &&
               (call.status != RVM_OK || std::ranges::equal(other.results(opcode.pushes), call.results(opcode.pushes)));
    };
    if (!same(*again)) {
        log.fail(ErrorCode::check_nondeterministic, where, fmt::format("two calls differ, {}", operands_text));
        return false;
    }
    if (charges) {
        const auto poor = make_call(runtime, opcode, operands, immediate, 0);
        if (poor->frame.gas > 0 || !is_program_status(poor->status)) {
            log.fail(ErrorCode::check_gas, where, fmt::format("misbehaves without gas, {}", operands_text),
                     "RVM_TRAP_OUT_OF_GAS", fmt::format("status {}, gas {}", poor->status, poor->frame.gas));
            return false;
        }
    }
    log.evidence(static_cast<std::uint64_t>(static_cast<std::uint32_t>(call.status)));
    if (call.status == RVM_OK) {
        log.evidence(call.results(opcode.pushes));
        log.evidence(call.memory);
    }
    return true;
}

} // namespace

std::string program_text(const rvm_opcode& opcode, std::span<const std::uint64_t> operands, bool with_opcode) {
    std::string text = "memory 1\n"; // the same start price with and without
    for (const std::uint64_t word : operands)
        text += fmt::format("push {:#x}\n", word);
    if (!with_opcode) return text;
    text += opcode.mnemonic;
    return text + (opcode.immediate_size == 0 ? "\n" : " 1\n");
}

void check_opcodes(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto opcodes = items_of<rvm_opcode>(*runtime, candidate, log);
    if (opcodes.empty()) log.skip("provides no opcode");
    for (const auto& opcode : opcodes) {
        const std::string where = fmt::format("opcode {}", opcode->id);
        if ((opcode->flags & RVM_F_EXTERNAL) != 0) continue; // only inside a program: see "opcode gas"
        const std::uint64_t mask = immediate_mask(opcode->immediate_size);
        bool sound = true;
        for (const auto& tuple : operand_tuples(opcode->pops)) {
            sound = sound && check_call(*runtime, *opcode.item, where, tuple, 1 & mask, log);
            if (!sound) break;
        }
        if (opcode->immediate_size != 0 && sound) {
            const std::vector<std::uint64_t> ones(opcode->pops, 1);
            for (const std::uint64_t word : boundary_words())
                if (!check_call(*runtime, *opcode.item, where, ones, word & mask, log)) break;
        }
    }
}

void check_opcode_gas(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto opcodes = items_of<rvm_opcode>(*runtime, candidate, log);
    if (opcodes.empty()) log.skip("provides no opcode");
    for (const auto& opcode : opcodes) {
        const std::string where = fmt::format("opcode {}", opcode->id);
        for (const std::uint64_t word : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{32}, ~std::uint64_t{0}}) {
            const std::vector<std::uint64_t> operands(opcode->pops, word);
            const Outcome with = run_native(*runtime, program_text(*opcode.item, operands, true), "", log);
            const Outcome without = run_native(*runtime, program_text(*opcode.item, operands, false), "", log);
            if (log.failed()) return;
            log.evidence(static_cast<std::uint64_t>(static_cast<std::uint32_t>(with.status)));
            log.evidence(with.output);
            log.evidence(static_cast<std::uint64_t>(with.gas_used));
            if (!is_program_status(with.status)) {
                log.fail(ErrorCode::check_status, where, fmt::format("stopped the host with operands {:#x}", word),
                         "RVM_OK or RVM_TRAP_*", fmt::format("{}: {}", status_name(with.status), with.error));
                break;
            }
            if (with.status != RVM_OK) continue; // a trap takes all gas
            const auto spent = static_cast<std::uint64_t>(with.gas_used - without.gas_used);
            const bool charges = (opcode->flags & (RVM_F_CHARGES | RVM_F_MAY_CALL)) != 0;
            if (charges ? spent < opcode->gas : spent != opcode->gas) {
                log.fail(ErrorCode::check_gas, where, fmt::format("gas spent with operands {:#x}", word),
                         fmt::format("{}{}", charges ? "at least " : "", opcode->gas), fmt::format("{}", spent));
                break;
            }
        }
    }
}

} // namespace rvm::host
