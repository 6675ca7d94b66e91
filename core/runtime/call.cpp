// Messages: light checks, snapshots, value, dispatch to code or programs, creations, the meter.
#include "runtime/execution.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/code.hpp"
#include "runtime/guarded.hpp"
#include "state/limbs.hpp"

namespace rvm::runtime {
namespace {

constexpr rvm_status kHighestTrap = RVM_TRAP_LIMIT;
constexpr rvm_status kLowestFailure = RVM_E_CANCELLED;

/// Executions of an account's code in one world after which a full translation pays.
constexpr std::uint32_t kHotAfter = 2;

bool same(const rvm_address& a, const rvm_address& b) { return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0; }

bool on_callers_storage(std::uint32_t kind) { return kind == RVM_CALL_CALLCODE || kind == RVM_CALL_DELEGATE; }

/// A light failure: everything comes back, nothing has changed.
rvm_status light_failure(rvm_result& result, rvm_status status, std::int64_t gas) {
    result.status = status;
    result.gas_left = gas;
    return status;
}

/// Copies what a caller knows of a message; what its header lacks is zero.
void copy_message(rvm_message& to, const rvm_message& from) {
    if (from.struct_size >= sizeof to) [[likely]] {
        to = from;
    } else {
        to = {};
        std::memcpy(&to, &from, from.struct_size);
    }
    to.struct_size = sizeof to;
}

void clear(rvm_result& result) {
    const std::uint32_t size = result.struct_size;
    result = {};
    result.struct_size = size;
}

/// Gives a frame the area of the format that runs next at its depth. Out of line: once a depth, as a rule.
[[gnu::noinline]] bool take_scratch(Frame& frame, const FormatBinding& format) {
    if (frame.scratches.size() <= format.ordinal) frame.scratches.resize(kMaxFormats);
    frame.scratch = frame.scratches[format.ordinal].get(*format.table);
    frame.scratch_of = frame.scratch == nullptr ? nullptr : &format;
    return frame.scratch != nullptr;
}

/// What a plugin returned, or RVM_E_INTERNAL when it is no status at all.
rvm_status known_status(rvm_status status) {
    return status > kHighestTrap || status < kLowestFailure ? RVM_E_INTERNAL : status;
}

} // namespace

rvm_status Execution::call(Frame& caller, const rvm_message& asked, rvm_result& result) {
    clear(result);
    caller.returned = {};
    caller.gas = caller.clamped_gas();
    const bool is_static = (caller.flags & RVM_FRAME_STATIC) != 0;
    const bool has_value = !state::is_zero(asked.value);
    const bool broken = asked.kind > RVM_CALL_CREATE || asked.gas < 0 || asked.gas > caller.gas || asked.stipend < 0 ||
                        asked.stipend > INT64_MAX - asked.gas ||
                        (is_static && (asked.kind == RVM_CALL_CREATE || (asked.kind == RVM_CALL_CALL && has_value)));
    if (broken) [[unlikely]]
        return result.status =
                   host_failure(RVM_E_INVALID_ARGUMENT, "a format broke the contract of rvm.host.vm/1 call");
    const std::int64_t gas = asked.gas + asked.stipend;

    if (caller.depth >= max_depth_) {
        caller.gas += asked.stipend;
        caller.meter = caller.gas;
        return light_failure(result, RVM_TRAP_DEPTH, gas);
    }
    Frame& frame = frame_at(caller.depth + 1);
    rvm_message& message = frame.message;
    copy_message(message, asked);
    message.depth = frame.depth;
    message.sender = caller.self->address;
    switch (message.kind) {
    case RVM_CALL_CALLCODE:
        message.recipient = caller.self->address;
        break;
    case RVM_CALL_DELEGATE:
        message.recipient = caller.self->address;
        message.sender = caller.message.sender;
        message.value = caller.message.value;
        break;
    case RVM_CALL_STATIC:
        message.value = {};
        break;
    default:
        break;
    }
    const bool elsewhere = message.kind == RVM_CALL_CALL || message.kind == RVM_CALL_STATIC;
    if (elsewhere && (message.flags & RVM_MESSAGE_DELEGATED) == 0 && !same(message.recipient, message.code_address))
        return result.status = host_failure(RVM_E_INVALID_ARGUMENT, "a call's recipient differs from its code address");

    caller.gas -= asked.gas;
    caller.meter = caller.gas;
    const rvm_status status = run_message(frame, reinterpret_cast<state::Account*>(caller.self), is_static, result);
    if (status < 0) return status;
    caller.gas += result.gas_left;
    caller.meter = caller.gas;
    caller.refund += result.refund;
    const bool created = message.kind == RVM_CALL_CREATE && status == RVM_OK;
    if (!created) caller.returned = result.output;
    return status;
}

rvm_status Execution::run_top_level(const rvm_message& asked, rvm_result& result) {
    clear(result);
    if (asked.kind > RVM_CALL_CREATE || asked.gas < 0 || asked.stipend < 0 || asked.stipend > INT64_MAX - asked.gas)
        return result.status = host_failure(RVM_E_INVALID_ARGUMENT, "the message breaks the contract of execute");
    const std::uint64_t most = runtime_.manifest.native_limits.gas;
    if (static_cast<std::uint64_t>(asked.gas + asked.stipend) > most)
        return result.status =
                   host_failure(RVM_E_INVALID_ARGUMENT, "more gas than /limits/native/gas: " + std::to_string(most));
    memory_used_ = 0;
    last_run_ = {};
    refusal_.clear();
    Frame& frame = frame_at(0);
    copy_message(frame.message, asked);
    frame.message.depth = 0;
    state::Account* sender = nullptr;
    if (const rvm_status status = account(asked.sender, 0, sender, nullptr); status != RVM_OK) return status;
    const bool is_static = (asked.flags & RVM_MESSAGE_STATIC) != 0;
    return run_message(frame, sender, is_static, result);
}

rvm_status Execution::run_message(Frame& frame, state::Account* caller, bool is_static, rvm_result& result) {
    const rvm_message& message = frame.message;
    const bool moves =
        message.kind == RVM_CALL_CALL || message.kind == RVM_CALL_CALLCODE || message.kind == RVM_CALL_CREATE;
    if (moves && !state::is_zero(message.value)) state_.note_read(*caller, RVM_WANT_BALANCE);
    if (moves && state::less(caller->visible.balance, message.value))
        return light_failure(result, RVM_TRAP_BALANCE, message.gas + message.stipend);
    frame.reserved = 0;
    frame.refund = 0;
    frame.format = nullptr;
    frame.output.trim(); // what this depth returned before is dead
    result.gas_left = 0;
    if (message.kind == RVM_CALL_CREATE) return run_create(frame, *caller, result);
    return run_call(frame, caller, is_static, result);
}

rvm_status Execution::finish(state::Mark mark, rvm_status status, rvm_result& result) {
    result.status = status;
    if (status == RVM_OK) return status;
    result.refund = 0;
    if (status < 0) return status; // the whole execution unwinds; the top level rolls back
    if (const rvm_status reverted = state_.revert(mark); reverted != RVM_OK) return result.status = reverted;
    if (status != RVM_TRAP_REVERT) {
        result.gas_left = 0;
        result.output = {};
    }
    return status;
}

rvm_status Execution::run_call(Frame& frame, state::Account* caller, bool is_static, rvm_result& result) {
    rvm_message& message = frame.message;
    const bool elsewhere = message.kind == RVM_CALL_CALL || message.kind == RVM_CALL_STATIC;
    const std::int64_t gas = message.gas + message.stipend;

    state::Account* code_owner = nullptr;
    if (message.target != nullptr && same(message.target->address, message.code_address))
        code_owner = &state::entry(message.target);
    else if (const rvm_status status = account(message.code_address, 0, code_owner, nullptr); status != RVM_OK)
        return result.status = status;
    state::Account* self = code_owner;
    if (!elsewhere && frame.depth > 0)
        self = caller;
    else if (!same(message.recipient, message.code_address))
        if (const rvm_status status = account(message.recipient, 0, self, nullptr); status != RVM_OK)
            return result.status = status;

    // What runs is found before anything changes: for a tracer the transfer of the value belongs to the new frame.
    const rvm_program* program = nullptr;
    const state::CodeObject* code = nullptr;
    const FormatBinding* format = nullptr;
    if ((code_owner->visible.flags & RVM_ACCOUNT_PROGRAM) != 0 && (message.flags & RVM_MESSAGE_NO_PROGRAM) == 0)
        program = static_cast<const rvm_program*>(code_owner->program);
    else if (const rvm_status status = find_code(message, code_owner, code, format); status != RVM_OK)
        return result.status = status;

    const state::Mark mark = state_.snapshot();
    if (tracing_.wants(RVM_TRACE_FRAME)) [[unlikely]]
        tracing_.enter(frame, program != nullptr ? program->id : format != nullptr ? format->table->id : nullptr);
    rvm_status status = RVM_OK;
    if (message.kind == RVM_CALL_CALL && !state::is_zero(message.value)) {
        status = state_.transfer(*caller, *self, message.value);
    } else if (elsewhere) {
        state_.note_read(*self, RVM_WANT_EXISTS);
        if (rvm_account_is_empty(&self->visible)) status = state_.touch(*self, 0);
    }
    if (status != RVM_OK) return leave(frame, result.status = status, result);

    if (program != nullptr) {
        frame.gas = gas;
        status = run_program(frame, *program, result);
    } else if (code == nullptr) { // nothing to run
        result.gas_left = gas;
    } else {
        const rvm_artifact* artifact = nullptr;
        status = artifact_of(*code, *format, *code_owner, artifact);
        if (status == RVM_OK) {
            frame.gas = gas;
            const bool read_only = is_static || message.kind == RVM_CALL_STATIC;
            status = run_code(frame, *format, artifact, *self, *code_owner, code->bytes(),
                              read_only ? RVM_FRAME_STATIC : 0, result);
            result.gas_left = frame.gas;
            if (status == RVM_OK) result.refund = frame.refund;
        }
    }
    return leave(frame, finish(mark, status, result), result);
}

rvm_status Execution::leave(Frame& frame, rvm_status status, const rvm_result& result) {
    if (tracing_.wants(RVM_TRACE_FRAME)) [[unlikely]]
        tracing_.leave(frame, result);
    return status;
}

rvm_status Execution::find_code(rvm_message& message, state::Account*& owner, const state::CodeObject*& code,
                                const FormatBinding*& format) {
    if (const rvm_status status = state_.code(*owner, &code); status != RVM_OK) return status;
    if (code == nullptr) return RVM_OK;
    format = binding(code->format());
    if (format != nullptr && code->delegate() != nullptr && (message.flags & RVM_MESSAGE_DELEGATED) == 0 &&
        (format->rule_flags(rules_for(*format)) & RVM_RULE_DELEGATION) != 0) {
        message.flags |= RVM_MESSAGE_DELEGATED | RVM_MESSAGE_NO_PROGRAM;
        message.code_address = *code->delegate();
        message.target = nullptr;
        rvm_status status = account(message.code_address, 0, owner, nullptr);
        if (status == RVM_OK) status = state_.code(*owner, &code);
        if (status != RVM_OK) return status;
        format = code == nullptr ? nullptr : binding(code->format());
    }
    if (code != nullptr && format == nullptr)
        return host_failure(RVM_E_CONFIG, why_no_format(runtime_, code->format().id));
    return RVM_OK;
}

rvm_status Execution::run_program(Frame& frame, const rvm_program& program, rvm_result& result) {
    constexpr std::uint64_t kProgramOutput = 1024; // covers all but modexp and identity at the first attempt
    std::int64_t gas = frame.gas;
    rvm_status status = RVM_E_INTERNAL;
    std::uint64_t wanted = kProgramOutput;
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!frame.output.ensure(wanted)) return RVM_E_NO_MEMORY;
        rvm_span out{frame.output.data(), frame.output.capacity()};
        status = known_status(program.run(program.self, frame.message.input, &gas, &out));
        result.output = {out.data, status == RVM_OK || status == RVM_TRAP_REVERT ? out.size : 0};
        wanted = out.size;
        if (status != RVM_E_BUFFER_TOO_SMALL) break;
        gas = frame.gas;
    }
    if (status == RVM_E_BUFFER_TOO_SMALL || (status == RVM_OK && result.output.size > frame.output.capacity()))
        status = host_failure(RVM_E_INTERNAL, std::string("program ") + program.id + " broke its output contract");
    frame.gas = std::clamp<std::int64_t>(gas, 0, frame.gas);
    result.gas_left = frame.gas;
    result.status = status;
    return status;
}

rvm_status Execution::artifact_of(const state::CodeObject& code, const FormatBinding& format, state::Account& owner,
                                  const rvm_artifact*& out) {
    const std::uint32_t rules = rules_for(format);
    state::ArtifactSlot& hot = code.artifact(price_period_, rules, RVM_TIER_HOT);
    if (const rvm_artifact* ready = hot.artifact.load(std::memory_order_acquire); ready != nullptr) {
        out = ready;
        return RVM_OK;
    }
    const bool is_hot = ++owner.runs >= kHotAfter;
    const std::uint32_t tier = is_hot ? RVM_TIER_HOT : RVM_TIER_COLD;
    state::ArtifactSlot& slot = is_hot ? hot : code.artifact(price_period_, rules, RVM_TIER_COLD);
    if (const rvm_artifact* ready = slot.artifact.load(std::memory_order_acquire); ready != nullptr) {
        out = ready;
        return RVM_OK;
    }
    if (const rvm_status refused = slot.refused.load(std::memory_order_acquire); refused != RVM_OK) return refused;

    rvm_error error{sizeof(rvm_error), 0, ""};
    rvm_artifact* made = nullptr;
    const rvm_status status =
        known_status(format.table->compile(format.table->self, code.bytes(), rules, tier, &made, &error));
    if (status < 0) return host_failure(status, error.message);
    if (status > 0) {
        refusal_ = error.message;
        slot.refused.store(status, std::memory_order_release);
        return status;
    }
    rvm_artifact* expected = nullptr;
    if (!slot.artifact.compare_exchange_strong(expected, made, std::memory_order_acq_rel)) {
        format.table->release(format.table->self, made); // another thread was first
        made = expected;
    }
    out = made;
    return RVM_OK;
}

rvm_status Execution::run_code(Frame& frame, const FormatBinding& format, const rvm_artifact* artifact,
                               state::Account& self, state::Account& code, rvm_view program, std::uint32_t flags,
                               rvm_result& result) {
    if (frame.depth == 0) last_run_ = {format.table, program};
    // A frame on its caller's storage is no activation of its own: it is re-entrant if its caller is.
    const std::uint32_t activates = on_callers_storage(frame.message.kind) ? 0 : 1;
    frame.flags = flags | frame_flags_ | (self.active_frames + activates > 1 ? RVM_FRAME_REENTRANT : 0) |
                  (tracing_.wants(RVM_TRACE_OP) ? RVM_FRAME_TRACED : 0);
    frame.rules = rules_for(format);
    frame.refund = 0;
    frame.returned = {};
    frame.self = &self.visible;
    frame.code = &code.visible;
    frame.program = program;
    frame.memory = {};
    frame.format = &format;
    frame.meter = frame.gas;
    if (frame.scratch_of != &format) [[unlikely]]
        if (!take_scratch(frame, format)) return RVM_E_NO_MEMORY;

    self.active_frames += activates;
    rvm_status status = known_status(format.table->execute(format.table->self, artifact, &frame, &result));
    self.active_frames -= activates;

    if (frames_.size() > frame.depth + 1) frames_[frame.depth + 1]->output.trim(); // dies with its reader
    memory_used_ -= frame.reserved;
    frame.reserved = 0;
    if (frame.gas < 0 && status == RVM_OK) status = RVM_TRAP_OUT_OF_GAS;
    frame.gas = frame.clamped_gas();
    if (status != RVM_OK && status != RVM_TRAP_REVERT) [[unlikely]] {
        if (status < 0)
            explain_failure(*format.table, status);
        else
            frame.gas = 0;
        result.output = {};
    }
    result.status = status;
    return status;
}

void Execution::explain_failure(const rvm_format& format, rvm_status status) {
    if (failure_.empty()) failure_ = "format " + std::string(format.id) + ": " + std::string(status_name(status));
}

const FormatBinding* Execution::creation_format(const Frame& frame, Report& report) {
    const rvm_message& message = frame.message;
    if (message.format != nullptr) return runtime_.formats->find(message.format, report);
    if (frame.depth > 0) return frame.parent->format;
    const std::string probed = probe_format(runtime_, message.init_code, report);
    return probed.empty() ? nullptr : runtime_.formats->find(probed, report);
}

rvm_status Execution::run_create(Frame& frame, state::Account& creator, rvm_result& result) {
    rvm_message& message = frame.message;
    const std::int64_t gas = message.gas + message.stipend;
    if (creator.visible.nonce == UINT64_MAX) return light_failure(result, RVM_TRAP_NONCE, gas);

    Report report;
    const FormatBinding* format = creation_format(frame, report);
    if (format == nullptr)
        return result.status =
                   host_failure(RVM_E_CONFIG, report.ok() ? "no format recognises the init code" : report.text());
    const std::uint32_t rules = rules_for(*format);

    static constexpr rvm_address zero{};
    if (same(message.recipient, zero))
        create_address(*format->table, message.sender, creator.visible.nonce, message.salt, message.init_code,
                       message.recipient);
    message.code_address = message.recipient;
    message.input = {};
    message.format = format->table->id;

    state::Account* created = nullptr;
    std::uint32_t access = 0;
    if (const rvm_status status = account(message.recipient, RVM_WANT_WARM | RVM_WANT_EXISTS, created, &access);
        status != RVM_OK)
        return result.status = status;
    rvm_status status = state_.bump_nonce(creator);
    if (status != RVM_OK) return result.status = status;
    if (state_.collides(*created)) return result.status = RVM_TRAP_COLLISION; // all gas is gone
    const state::Mark mark = state_.snapshot();
    if (tracing_.wants(RVM_TRACE_FRAME)) [[unlikely]]
        tracing_.enter(frame, format->table->id);
    const bool nonce_one = (format->rule_flags(rules) & RVM_RULE_CREATED_NONCE_ONE) != 0;
    status = state_.create_account(*created, nonce_one ? 1 : 0);
    if (status == RVM_OK && !state::is_zero(message.value)) status = state_.transfer(creator, *created, message.value);
    if (status != RVM_OK) return leave(frame, result.status = status, result);

    frame.gas = gas;
    if (message.init_code.size == 0) { // leaves an account without code
        result.gas_left = gas;
        result.created = message.recipient;
        return leave(frame, finish(mark, RVM_OK, result), result);
    }
    // The creator's memory goes on behind the init code.
    if (!frame.init_code.ensure(message.init_code.size + RVM_CODE_ZEROS))
        return leave(frame, result.status = host_failure(RVM_E_NO_MEMORY, "no memory for init code"), result);
    std::memcpy(frame.init_code.data(), message.init_code.data, message.init_code.size);
    std::memset(frame.init_code.data() + message.init_code.size, 0, RVM_CODE_ZEROS);
    message.init_code.data = frame.init_code.data();
    rvm_error error{sizeof(rvm_error), 0, ""};
    rvm_artifact* artifact = nullptr;
    status = known_status(
        format->table->compile(format->table->self, message.init_code, rules, RVM_TIER_COLD, &artifact, &error));
    if (status < 0) return leave(frame, result.status = host_failure(status, error.message), result);
    if (status > 0) refusal_ = error.message;
    if (status == RVM_OK) {
        status = run_code(frame, *format, artifact, *created, *created, message.init_code, RVM_FRAME_CREATE, result);
        if (status == RVM_OK) status = deploy(frame, *format, *created, result);
        format->table->release(format->table->self, artifact); // init code is never cached
        if (frame.depth > 0) frame.init_code.trim(); // of the outermost frame messages tell positions later
        result.gas_left = frame.gas;
        if (status == RVM_OK) {
            result.refund = frame.refund;
            result.created = message.recipient;
        }
    }
    return leave(frame, finish(mark, status, result), result);
}

rvm_status Execution::deploy(Frame& frame, const FormatBinding& format, state::Account& account, rvm_result& result) {
    rvm_view code = result.output;
    const char* owner = format.table->id;
    if (format.table->deployed != nullptr) {
        frame.meter = frame.gas;
        const rvm_status status = known_status(format.table->deployed(format.table->self, &frame, &code, &owner));
        frame.gas = frame.clamped_gas();
        if (status != RVM_OK) {
            if (status < 0) return host_failure(status, "format " + std::string(owner) + " failed to deploy");
            if (status != RVM_TRAP_REVERT) frame.gas = 0;
            return status;
        }
    }
    if (code.size > 0) {
        const rvm_status status = set_code(state_, account, code, nullptr, owner);
        if (status != RVM_OK) return host_failure(status, "the deployed code cannot be stored");
    }
    result.output = code;
    return RVM_OK;
}

rvm_status vm_call(rvm_frame* frame, const rvm_message* message, rvm_result* result) noexcept {
    return in_frame(frame, [&](Frame& f) { return f.execution->call(f, *message, *result); });
}

} // namespace rvm::runtime
