// Runs assembly text on the reference interpreter over a host of a few maps: what the native tests share.
//
//   Runner runner;
//   auto run = runner.run("push 10 push 20 add");
//   // run.status == RVM_OK, run.top() == 30, run.gas_used == 4
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

#include "native/assembler.hpp"
#include "native/engine_frame.hpp"
#include "native/interpreter.hpp"
#include "native/machine.hpp"
#include "native/translator.hpp"

namespace rvm::native::test {

using Key = std::array<std::uint64_t, 4>;

inline Key key_of(const rvm_u256& value) { return {value.limbs[0], value.limbs[1], value.limbs[2], value.limbs[3]}; }
inline rvm_u256 u256(std::uint64_t value) { return {{value, 0, 0, 0}}; }
inline rvm_address address(std::uint8_t last) {
    rvm_address out{};
    out.bytes[19] = last;
    return out;
}

struct RunResult {
    rvm_status status = RVM_OK;
    Bytes output;
    std::int64_t gas_used = 0;
    std::uint32_t detail = 0;
    std::uint64_t position = 0;

    /// The top of the stack of a program that fell off its end.
    [[nodiscard]] std::uint64_t top() const {
        if (status != RVM_OK || output.size() != 32) throw std::runtime_error("the program left no result");
        return load_u256(output.data()).limbs[0];
    }
};

struct Event {
    std::string name;
    std::uint64_t pc;
    std::int64_t gas;
    std::int64_t cost;
    std::size_t stack_words;
    rvm_status fault;
};

struct LogLine {
    std::vector<rvm_bytes32> topics;
    Bytes data;
};

/// A nested call that a test expects: what it answers, and what was asked.
struct Answer {
    rvm_status status = RVM_OK;
    Bytes output{};
    std::int64_t gas_used = 0;
};

/// One account, one transaction, scripted callees. Not thread-safe, like a frame.
class Runner {
  public:
    Runner() {
        tables_.host = &host_;
        host_.struct_size = sizeof host_;
        host_.ctx = reinterpret_cast<rvm_host_ctx*>(this);
        host_.env_key = [](rvm_host_ctx* ctx, const char* name) {
            auto& names = reinterpret_cast<Runner*>(ctx)->env_names_;
            return names.try_emplace(name, static_cast<std::uint32_t>(names.size())).first->second;
        };
        tables_.env_number = host_.env_key(host_.ctx, "block.number");
        tables_.env_timestamp = host_.env_key(host_.ctx, "block.timestamp");
        tables_.env_chain_id = host_.env_key(host_.ctx, "chain.id");
        tables_.vm = &vm_;
        tables_.state = &state_;
        tables_.items = &items_;
        tables_.trace = &trace_;
        fill_vm();
        fill_state();
        items_.opcode = [](rvm_host_ctx* ctx, const char* id, rvm_opcode_ref* out) -> rvm_status {
            auto& me = *reinterpret_cast<Runner*>(ctx);
            const auto found = me.opcodes.find(id);
            if (found == me.opcodes.end()) return RVM_E_NOT_FOUND;
            *out = {&found->second, &me.guard};
            return RVM_OK;
        };
        items_.syscall = [](rvm_host_ctx* ctx, const char* id, rvm_syscall_ref* out) -> rvm_status {
            auto& me = *reinterpret_cast<Runner*>(ctx);
            const auto found = me.syscalls.find(id);
            if (found == me.syscalls.end()) return RVM_E_NOT_FOUND;
            *out = {&found->second, &me.guard};
            return RVM_OK;
        };
        trace_.op = [](rvm_frame* frame, const rvm_op_event* e) { of(frame).record(*e, RVM_OK); };
        trace_.fault = [](rvm_frame* frame, const rvm_op_event* e, rvm_status status) { of(frame).record(*e, status); };
        scratch_ = std::aligned_alloc(64, (scratch_bytes() + 63) / 64 * 64);
        std::memset(scratch_, 0, scratch_bytes());
        self.address = address(1);
        message.sender = address(2);
        message.struct_size = sizeof message;
        guard.flags = RVM_FRAME_GUARD;
        env.resize(RVM_ENV_LIMIT);
    }
    ~Runner() {
        release_scratch(*static_cast<Scratch*>(scratch_));
        std::free(scratch_);
    }
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    [[nodiscard]] MnemonicResolver resolver() const {
        return [this](std::string_view mnemonic) -> std::optional<ResolvedOpcode> {
            for (const auto& [id, op] : opcodes)
                if (op.mnemonic == mnemonic) return ResolvedOpcode{id, op.pops, op.pushes, op.immediate_size};
            return std::nullopt;
        };
    }

    [[nodiscard]] Bytes assembled(std::string_view text) const {
        Report report;
        auto bytes = assemble(text, "test.rasm", resolver(), report);
        if (!bytes) throw std::runtime_error(report.text());
        return *bytes;
    }

    RunResult run(std::string_view text, std::int64_t gas = 1'000'000) { return run_bytes(assembled(text), gas); }

    RunResult run_bytes(const Bytes& bytes, std::int64_t gas = 1'000'000) {
        Report report;
        const auto artifact = linked(bytes, report);
        if (!artifact) throw std::runtime_error(report.text());
        return run_artifact(*artifact, bytes, gas);
    }

    /// A verified program with its imports; nullopt when it does not verify or needs what the test lacks.
    std::optional<Artifact> linked(const Bytes& bytes, Report& report) const {
        Artifact artifact;
        auto program = load_program(bytes, "test.rvm", report);
        if (!program) return std::nullopt;
        artifact.program = std::move(*program);
        if (!link(artifact, tables_, "test.rvm", report)) return std::nullopt;
        if (engine) artifact.code = translate(artifact);
        return artifact;
    }

    RunResult run_artifact(const Artifact& artifact, const Bytes& bytes, std::int64_t gas) {
        Frame frame{};
        frame.runner = this;
        frame.struct_size = sizeof(rvm_frame);
        frame.flags = flags;
        frame.gas = gas;
        message.input = {input.data(), input.size()};
        frame.msg = &message;
        frame.env = env.data();
        frame.self = frame.code = &self;
        frame.program = {bytes.data(), bytes.size()};
        frame.scratch = scratch_;
        rvm_result result{};
        result.struct_size = sizeof result;
        reserved = 0;
        RunResult out;
        out.status =
            engine ? execute_frame(artifact, tables_, frame, result) : interpret(artifact, tables_, frame, result);
        if (result.output.size != 0) out.output.assign(result.output.data, result.output.data + result.output.size);
        out.gas_used = gas - frame.gas;
        out.detail = result.detail;
        out.position = result.fault_position;
        return out;
    }

    /// What link() says about a program of this text.
    std::string link_errors(std::string_view text) {
        Report report;
        (void)linked(assembled(text), report);
        return report.text();
    }

    [[nodiscard]] const HostTables& tables() const noexcept { return tables_; }
    /// What the last run left in the first bytes of its memory, whose final size was `size`.
    [[nodiscard]] Bytes memory_after(std::uint64_t size) const {
        const auto& scratch = *static_cast<const Scratch*>(scratch_);
        const std::uint8_t* const from = size <= inline_memory_bytes ? scratch.inline_memory : scratch.memory;
        return from == nullptr ? Bytes{} : Bytes(from, from + size);
    }

    /// Runs programs on the fast engine instead of the reference interpreter.
#ifdef RVM_TEST_ENGINE
    bool engine = true;
#else
    bool engine = false;
#endif

    // the world, as tests set and read it
    rvm_account self{};
    rvm_account other{}; ///< every other address
    rvm_message message{};
    Bytes input;
    std::vector<rvm_u256> env;
    std::uint32_t flags = 0;
    std::map<Key, rvm_u256> slots;
    std::map<Key, rvm_u256> originals;
    std::map<Key, rvm_u256> transient;
    std::map<Key, bool> warm_slots;
    bool account_warm = false;
    std::map<std::string, rvm_opcode> opcodes;
    std::map<std::string, rvm_syscall> syscalls;
    rvm_frame guard{};
    std::vector<LogLine> logs;
    std::deque<Answer> answers;
    std::vector<rvm_message> calls;
    std::vector<Bytes> call_inputs;
    std::vector<rvm_bytes32> salts; ///< of creations
    std::vector<Event> events;
    std::int64_t memory_budget = 1 << 26;
    std::int64_t reserved = 0;
    std::uint64_t output_limit = 1 << 20;
    std::uint32_t polls_until_cancel = 0; ///< 0: never

  private:
    struct Frame : rvm_frame {
        Runner* runner = nullptr;
    };
    static Runner& of(rvm_frame* frame) { return *static_cast<Frame*>(frame)->runner; }

    void record(const rvm_op_event& e, rvm_status fault) {
        events.push_back({e.name, e.pc, e.gas, e.cost, e.stack.size / sizeof(rvm_word), fault});
    }

    void fill_vm() {
        vm_.call = [](rvm_frame* frame, const rvm_message* asked, rvm_result* result) -> rvm_status {
            Runner& me = of(frame);
            me.calls.push_back(*asked);
            const rvm_view sent = asked->kind == RVM_CALL_CREATE ? asked->init_code : asked->input;
            me.call_inputs.emplace_back(sent.data, sent.data + sent.size);
            if (me.answers.empty()) me.answers.push_back({});
            me.last_ = me.answers.front();
            me.answers.pop_front();
            frame->gas -= std::min(me.last_.gas_used, asked->gas);
            const bool created = asked->kind == RVM_CALL_CREATE && me.last_.status == RVM_OK;
            frame->returned = {me.last_.output.data(), created ? 0 : me.last_.output.size()};
            result->status = me.last_.status;
            result->output = frame->returned;
            if (created) result->created = address(0x5c);
            if (asked->salt != nullptr) me.salts.push_back(*asked->salt);
            return me.last_.status;
        };
        vm_.output = [](rvm_frame* frame, std::uint64_t size, rvm_span* out) -> rvm_status {
            Runner& me = of(frame);
            if (size > me.output_limit) return RVM_TRAP_LIMIT;
            me.output_.resize(size);
            *out = {me.output_.data(), size};
            return RVM_OK;
        };
        vm_.reserve = [](rvm_frame* frame, std::int64_t bytes) -> rvm_status {
            Runner& me = of(frame);
            if (me.reserved + bytes > me.memory_budget) return RVM_TRAP_MEMORY;
            me.reserved += bytes;
            return RVM_OK;
        };
        vm_.price = [](const rvm_gas_schedule* schedule, const void*, rvm_view in) -> std::uint64_t {
            const std::uint64_t unit = schedule->unit_bytes;
            return schedule->base + (unit == 0 ? 0 : schedule->per_unit * ((in.size + unit - 1) / unit));
        };
        vm_.cancelled = [](rvm_frame* frame) -> std::uint32_t {
            Runner& me = of(frame);
            return me.polls_until_cancel != 0 && --me.polls_until_cancel == 0 ? 1 : 0;
        };
    }

    rvm_u256 slot(const std::map<Key, rvm_u256>& from, const Key& key) const {
        const auto found = from.find(key);
        return found == from.end() ? rvm_u256{} : found->second;
    }

    void fill_state() {
        state_.account = [](rvm_frame* frame, const rvm_address* which, std::uint32_t want, rvm_account** out,
                            std::uint32_t* access) -> rvm_status {
            Runner& me = of(frame);
            const bool own = std::memcmp(which, &me.self.address, sizeof *which) == 0;
            *access = own || me.account_warm ? 0 : RVM_ACCESS_COLD;
            if (*access != 0 && (want & RVM_WANT_NO_COLD) != 0) {
                *access |= RVM_ACCESS_SKIPPED;
                return RVM_OK;
            }
            if (!own) me.account_warm = true;
            *out = own ? &me.self : &me.other;
            return RVM_OK;
        };
        state_.sload = [](rvm_frame* frame, const rvm_u256* key, std::uint32_t want, rvm_u256* out,
                          std::uint32_t* access) -> rvm_status {
            Runner& me = of(frame);
            const Key k = key_of(*key);
            *access = me.warm_slots[k] ? 0 : RVM_ACCESS_COLD;
            if (*access != 0 && (want & RVM_WANT_NO_COLD) != 0) {
                *access |= RVM_ACCESS_SKIPPED;
                return RVM_OK;
            }
            me.warm_slots[k] = true;
            *out = me.slot(me.slots, k);
            return RVM_OK;
        };
        state_.sstore = [](rvm_frame* frame, const rvm_u256* key, const rvm_u256* value, std::uint32_t want,
                           rvm_slot_write* out) -> rvm_status {
            Runner& me = of(frame);
            const Key k = key_of(*key);
            const Key zero{}, now = key_of(*value), current = key_of(me.slot(me.slots, k)),
                              original = key_of(me.slot(me.originals, k));
            out->access = me.warm_slots[k] ? 0 : RVM_ACCESS_COLD;
            out->change = RVM_SLOT_ASSIGNED;
            if (current != now && current == original) {
                if (original == zero)
                    out->change = RVM_SLOT_ADDED;
                else
                    out->change = now == zero ? RVM_SLOT_DELETED : RVM_SLOT_MODIFIED;
            }
            if ((want & RVM_WANT_PEEK) != 0) return RVM_OK;
            me.warm_slots[k] = true;
            me.slots[k] = *value;
            return RVM_OK;
        };
        state_.tload = [](rvm_frame* frame, const rvm_u256* key, rvm_u256* out) -> rvm_status {
            *out = of(frame).slot(of(frame).transient, key_of(*key));
            return RVM_OK;
        };
        state_.tstore = [](rvm_frame* frame, const rvm_u256* key, const rvm_u256* value) -> rvm_status {
            of(frame).transient[key_of(*key)] = *value;
            return RVM_OK;
        };
        state_.log = [](rvm_frame* frame, const rvm_bytes32* topics, std::uint32_t count, rvm_view data) -> rvm_status {
            of(frame).logs.push_back({{topics, topics + count}, {data.data, data.data + data.size}});
            return RVM_OK;
        };
    }

    rvm_host host_{};
    rvm_host_vm vm_{};
    rvm_host_state state_{};
    rvm_host_items items_{};
    rvm_host_trace trace_{};
    HostTables tables_;
    std::map<std::string, std::uint32_t> env_names_;
    void* scratch_ = nullptr;
    Bytes output_;
    Answer last_;
};

} // namespace rvm::native::test
