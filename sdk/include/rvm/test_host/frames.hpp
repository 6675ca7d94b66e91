// Test host: frames, calls and creations. Included by <rvm/test_host.hpp>; not for direct use.
#ifndef RVM_TEST_HOST_FRAMES_HPP
#define RVM_TEST_HOST_FRAMES_HPP

#include <algorithm>

#include <rvm/test_host/detail.hpp>

namespace rvm::sdk::test {

inline void* TestHost::scratch_for(const rvm_format& format, std::uint32_t depth) {
    if (format.scratch_bytes == 0) return nullptr;
    std::unique_ptr<Scratch>& scratch = scratch_[{&format, depth}];
    if (scratch == nullptr) scratch = std::make_unique<Scratch>(format.scratch_bytes);
    return scratch->data;
}

inline std::uint32_t TestHost::default_rules(const rvm_format& format) {
    std::uint32_t last = 0;
    while (format.rules[last + 1] != nullptr) {
        ++last;
    }
    return last;
}

inline const rvm_format* TestHost::find_format(std::string_view id) const {
    for (const rvm_contribution& item : items_) {
        if (std::string_view(item.kind) != RVM_KIND_FORMAT) continue;
        const auto* found = static_cast<const rvm_format*>(item.item);
        if (id == found->id) return found;
    }
    return nullptr;
}

inline void TestHost::move_value(const Address& from, const Address& to, const Word& value) {
    state_[from].balance = minus(state_[from].balance, value);
    state_[to].balance = plus(state_[to].balance, value);
}

inline rvm_status TestHost::execute(Frame& frame, const rvm_format& format, std::span<const std::uint8_t> code,
                                    rvm_result& result) {
    result = {};
    result.struct_size = sizeof result;
    rvm_artifact* artifact = nullptr;
    rvm_error error{};
    error.struct_size = sizeof error;
    frame.rules = default_rules(format);
    frame.runs = &format;
    std::vector<std::uint8_t>& kept = codes_[frame.depth]; // the output may point into it
    kept.assign(code.begin(), code.end());                 // then the zeroes that compile is promised
    kept.resize(code.size() + RVM_CODE_ZEROS);
    frame.program = {kept.data(), code.size()};
    frame.scratch = scratch_for(format, frame.depth);
    const std::int64_t given = frame.gas;
    rvm_status status = format.compile(format.self, frame.program, frame.rules, RVM_TIER_HOT, &artifact, &error);
    const std::int64_t reserved_before = reserved_;
    if (status == RVM_OK) {
        status = format.execute(format.self, artifact, &frame, &result);
        format.release(format.self, artifact);
    }
    reserved_ = reserved_before; // everything taken by a frame is given back when it ends
    check_status(format.id, status);
    if (frame.gas > given) violation(std::string(format.id) + " raised the gas");
    if (const auto output = outputs_.find(frame.depth); output != outputs_.end() && !output->second->intact()) {
        violation(std::string(format.id) + " wrote outside its output");
    }
    frame.gas = std::clamp<std::int64_t>(frame.gas, 0, given);
    if (status != RVM_OK && status != RVM_TRAP_REVERT) {
        frame.gas = 0;
        result.output = {};
    }
    result.status = status;
    result.gas_left = frame.gas;
    result.refund = status == RVM_OK ? frame.refund : 0;
    return status;
}

inline rvm_status TestHost::finish_create(Frame& frame, const rvm_format& format, rvm_result& result) {
    rvm_view code = result.output;
    const char* id = format.id;
    rvm_status status = RVM_OK;
    if (format.deployed != nullptr) status = format.deployed(format.self, &frame, &code, &id);
    check_status(format.id, status);
    if (status == RVM_OK) {
        AccountData& created = state_.of(frame.self);
        created.code = detail::copy(code);
        created.format = id;
        result.created = frame.self->address;
        result.output = code;
        state_.refresh();
    } else {
        if (status != RVM_TRAP_REVERT) frame.gas = 0;
        result.output = {};
        result.refund = 0;
    }
    result.gas_left = std::max<std::int64_t>(frame.gas, 0);
    return result.status = status;
}

inline void TestHost::begin_account(const Address& at, const rvm_format& format) {
    AccountData& account = state_[at];
    account.created = account.exists = true;
    account.format = format.id; // so that init code can create in its own format
    const bool nonce_one =
        format.rule_flags == nullptr || (format.rule_flags[default_rules(format)] & RVM_RULE_CREATED_NONCE_ONE) != 0;
    account.nonce = nonce_one ? 1 : 0;
}

/// Of a creation that names no address: the format's, else one that shows the creator's nonce.
inline Address TestHost::creation_address(const Frame& caller, const rvm_message& asked) {
    const rvm_format* format = asked.format == nullptr ? caller.runs : find_format(asked.format);
    const std::uint64_t nonce = state_.of(caller.self).nonce;
    if (format != nullptr && format->create_address != nullptr) {
        rvm_address computed{};
        format->create_address(format->self, &caller.self->address, nonce, asked.salt, asked.init_code, &computed);
        return from_c(computed);
    }
    Address address = from_c(caller.self->address);
    address.front() = 0xcc;
    address[1] = static_cast<std::uint8_t>(nonce);
    return address;
}

inline rvm_status TestHost::call(Frame& caller, const rvm_message& asked, rvm_result& result) {
    result = {};
    result.struct_size = sizeof result;
    const bool creates = asked.kind == RVM_CALL_CREATE;
    const bool borrows_code = asked.kind == RVM_CALL_CALLCODE || asked.kind == RVM_CALL_DELEGATE;
    rvm_message message = asked;
    message.depth = caller.depth + 1;
    message.sender = asked.kind == RVM_CALL_DELEGATE ? caller.msg->sender : caller.self->address;
    if (borrows_code) message.recipient = caller.self->address;
    if (asked.kind == RVM_CALL_DELEGATE) message.value = caller.msg->value;
    if (asked.kind == RVM_CALL_STATIC) message.value = {};
    if (creates) {
        if (from_c(message.recipient) == Address{}) message.recipient = to_c(creation_address(caller, asked));
        message.code_address = message.recipient;
        message.input = {};
    }
    calls_.push_back({asked.kind, caller.depth, asked.gas, from_c(message.recipient), from_c(message.code_address),
                      from_c(message.value), detail::copy(creates ? asked.init_code : asked.input)});

    if (asked.kind > RVM_CALL_CREATE || asked.gas < 0 || asked.stipend < 0 || asked.gas > caller.gas) {
        violation("a call has an unknown kind or asks for more gas than its frame has");
        return result.status = RVM_E_INVALID_ARGUMENT;
    }
    const Word value = from_c(message.value);
    if ((caller.flags & RVM_FRAME_STATIC) != 0 && (creates || (asked.kind == RVM_CALL_CALL && value != Word{}))) {
        violation("a static frame asked for a creation or a transfer");
        return result.status = RVM_E_INVALID_ARGUMENT;
    }
    // What the caller sees of an ended call: gas credited, output kept until its next one.
    const auto end = [&](rvm_status status, std::int64_t gas_left, const Bytes& output) {
        const bool light = status == RVM_TRAP_DEPTH || status == RVM_TRAP_BALANCE || status == RVM_TRAP_NONCE;
        if (status != RVM_OK) result.refund = 0;
        caller.gas += gas_left - asked.gas;
        caller.refund += result.refund;
        Bytes& kept = returned_[caller.depth];
        kept = output;
        result.output = detail::view(kept);
        caller.returned = light || (creates && status == RVM_OK) ? rvm_view{} : result.output;
        result.gas_left = gas_left;
        state_.refresh();
        return result.status = status;
    };
    const std::int64_t budget = asked.gas + asked.stipend;
    const Address from = from_c(message.sender);
    const Address to = from_c(message.recipient);
    if (message.depth > call_depth_limit) return end(RVM_TRAP_DEPTH, budget, {});
    if (asked.kind != RVM_CALL_DELEGATE && !covers(state_[from].balance, value)) {
        return end(RVM_TRAP_BALANCE, budget, {});
    }
    if (creates && state_[from].nonce == UINT64_MAX) return end(RVM_TRAP_NONCE, budget, {});

    if (!scripted_.empty()) {
        const ScriptedAnswer answer = std::move(scripted_.front());
        scripted_.pop_front();
        if (creates && answer.status == RVM_OK) result.created = message.recipient;
        return end(answer.status, std::max<std::int64_t>(budget - answer.gas_used, 0), answer.output);
    }

    const AccountData& owner = state_[creates ? from_c(caller.code->address) : from_c(message.code_address)];
    const Bytes code = creates ? detail::copy(asked.init_code) : owner.code;
    const std::string format_id = creates && asked.format != nullptr ? asked.format : owner.format;
    const rvm_format* format = find_format(format_id);
    if (format == nullptr && (creates || !code.empty())) return result.status = RVM_E_CONFIG;
    if (creates) {
        state_[from].nonce += 1;
        state_[to].warm = true;
        const bool has_storage = (state_.handle(to)->flags & RVM_ACCOUNT_HAS_STORAGE) != 0;
        if (state_[to].nonce != 0 || !state_[to].code.empty() || has_storage) return end(RVM_TRAP_COLLISION, 0, {});
    }
    const State::Snapshot snapshot = state_.snapshot();
    if (creates) begin_account(to, *format);
    if (asked.kind == RVM_CALL_CALL || asked.kind == RVM_CALL_STATIC) state_[to].exists = true;
    if (asked.kind == RVM_CALL_CALL || creates) move_value(from, to, value);
    state_.refresh();
    if (code.empty()) {
        if (creates) result.created = message.recipient;
        return end(RVM_OK, budget, {});
    }

    std::uint32_t flags = caller.flags & RVM_FRAME_STATIC;
    if (asked.kind == RVM_CALL_STATIC) flags |= RVM_FRAME_STATIC;
    if (creates) flags |= RVM_FRAME_CREATE;
    Frame frame = make_frame(message, flags);
    rvm_status status = execute(frame, *format, code, result);
    if (creates && status == RVM_OK) status = finish_create(frame, *format, result);
    if (status < 0) return result.status = status;
    if (status != RVM_OK) state_.restore(snapshot);
    const Bytes output = detail::copy(result.output);
    return end(status, result.gas_left, output);
}

inline FrameRun TestHost::run_frame(std::string_view format_id, const Bytes& code, const Message& asked) {
    const auto& format = find<rvm_format>(RVM_KIND_FORMAT, format_id);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = asked.kind;
    message.flags = asked.flags;
    message.gas = asked.gas;
    message.sender = to_c(asked.sender);
    message.recipient = message.code_address = to_c(asked.recipient);
    message.value = to_c(asked.value);
    message.input = detail::view(asked.input);
    const bool creates = asked.kind == RVM_CALL_CREATE;
    if (!creates) {
        state_[asked.recipient].code = code;
        state_[asked.recipient].format = format_id;
    }
    const State::Snapshot snapshot = state_.snapshot();
    if (creates) {
        message.init_code = detail::view(code);
        begin_account(asked.recipient, format);
    }
    const bool is_static = asked.kind == RVM_CALL_STATIC || (asked.flags & RVM_MESSAGE_STATIC) != 0;
    Frame frame = make_frame(message, (is_static ? RVM_FRAME_STATIC : 0) | (creates ? RVM_FRAME_CREATE : 0));
    rvm_result result{};
    rvm_status status = execute(frame, format, code, result);
    if (creates && status == RVM_OK) status = finish_create(frame, format, result);
    FrameRun run{status, detail::copy(result.output), asked.gas - result.gas_left, result.refund, result.detail};
    if (status != RVM_OK) state_.restore(snapshot);
    return run;
}

} // namespace rvm::sdk::test

#endif // RVM_TEST_HOST_FRAMES_HPP
