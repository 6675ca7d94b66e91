// The bodies of <rvm/test_host.hpp>, which includes this file; not for direct use.
#ifndef RVM_TEST_HOST_IMPL_HPP
#define RVM_TEST_HOST_IMPL_HPP

#include <algorithm>
#include <limits>

#include <rvm/test_host.hpp>

namespace rvm::sdk::test {

namespace detail {

/// Contributions of one plugin; a longer list has no end mark.
inline constexpr std::size_t max_items = 4096;

inline rvm_view view(std::span<const std::uint8_t> bytes) { return {bytes.data(), bytes.size()}; }
inline Bytes copy(rvm_view view) { return view.size == 0 ? Bytes() : Bytes(view.data, view.data + view.size); }
inline std::string text(const char* text) { return text == nullptr ? std::string("(null)") : std::string(text); }

/// Statuses of plugin.h: traps up to RVM_TRAP_LIMIT, failures down to RVM_E_CANCELLED.
inline bool known_status(rvm_status status) { return status >= RVM_E_CANCELLED && status <= RVM_TRAP_LIMIT; }

} // namespace detail

inline TestHost::TestHost() : env_(RVM_ENV_LIMIT) { fill_tables(); }

inline TestHost::~TestHost() {
    for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) {
        if (plugin->table->stop != nullptr) plugin->table->stop(plugin->table->self, 1000, nullptr);
    }
    // Scratch areas belong to formats, which may keep things inside.
    for (auto& [key, scratch] : scratch_) {
        if (key.first->scratch_release != nullptr) key.first->scratch_release(key.first->self, scratch->data);
    }
    for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) {
        plugin->table->destroy(plugin->table->self);
    }
}

inline TestHost& TestHost::of(rvm_frame* frame) {
    TestHost& host = *static_cast<Frame*>(frame)->host;
    if ((frame->flags & RVM_FRAME_GUARD) != 0) {
        frame->flags |= RVM_FRAME_VIOLATED;
        host.violation("a PURE item called the host");
    }
    return host;
}

inline void TestHost::check_status(std::string_view what, rvm_status status) {
    if (!detail::known_status(status)) {
        violation(std::string(what) + " returned the unknown status " + std::to_string(status));
    }
}

inline std::uint32_t TestHost::env_key(const char* name) {
    const auto found = std::find(env_names_.begin(), env_names_.end(), name);
    if (found != env_names_.end()) return static_cast<std::uint32_t>(found - env_names_.begin());
    if (env_names_.size() == env_.size()) return UINT32_MAX;
    env_names_.emplace_back(name);
    return static_cast<std::uint32_t>(env_names_.size() - 1);
}

inline std::uint64_t TestHost::price(const rvm_gas_schedule& schedule, const void* self, rvm_view input) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t units = 0;
    if (schedule.unit_bytes != 0) units = input.size / schedule.unit_bytes + (input.size % schedule.unit_bytes != 0);
    if (schedule.per_unit != 0 && units > (most - schedule.base) / schedule.per_unit) return most;
    const std::uint64_t cost = schedule.base + units * schedule.per_unit;
    if (!RVM_HAS(&schedule, rvm_gas_schedule, custom)) return cost;
    const std::uint64_t extra = schedule.custom(self, input);
    return extra > most - cost ? most : cost + extra;
}

// ---- Loading -------------------------------------------------------------------------------------------------------

inline void TestHost::load(const rvm_entry& entry, const char* config_json) {
    const auto refuse = [](const std::string& why) { throw std::runtime_error("the plugin is refused: " + why); };
    if (entry.magic != RVM_ENTRY_MAGIC) refuse("the entry's magic");
    if (entry.struct_size < sizeof(rvm_entry)) refuse("the entry's struct_size");
    if (entry.abi_major != RVM_ABI_MAJOR || entry.abi_minor_needed > RVM_ABI_MINOR) refuse("the ABI version");
    if (entry.word_size != sizeof(rvm_word) || entry.pointer_size != sizeof(void*)) refuse("word or pointer size");
    if (entry.descriptor == nullptr || entry.create == nullptr) refuse("no descriptor or no create()");

    rvm_error error{};
    error.struct_size = sizeof error;
    const auto check = [&](const char* step, rvm_status status) {
        if (status != RVM_OK) {
            throw std::runtime_error(std::string(step) + " failed with " + std::to_string(status) + ": " +
                                     error.message);
        }
    };
    rvm_plugin* table = nullptr;
    check("create", entry.create(&host_, &table, &error));
    if (table == nullptr || table->contributions == nullptr || table->destroy == nullptr) {
        refuse("create() gave no table with contributions and destroy");
    }
    plugins_.push_back({table, entry.descriptor}); // from here on the destructor destroys it
    if (table->configure != nullptr) check("configure", table->configure(table->self, config_json, &error));

    const rvm_contribution* list = table->contributions(table->self);
    for (std::size_t i = 0; list != nullptr && list[i].kind != nullptr; ++i) {
        if (i == detail::max_items) refuse("contributions() has no end");
        items_.push_back(list[i]);
    }
    if (table->contributions(table->self) != list) violation("contributions() gave another list the second time");
    if (table->link != nullptr) check("link", table->link(table->self, &error));
    if (table->start != nullptr) check("start", table->start(table->self, &error));
}

inline bool TestHost::required(const char* kind, const char* id) const {
    const std::string wanted = *id == '\0' ? std::string(kind) : std::string(kind) + ":" + id;
    for (const Plugin& plugin : plugins_) {
        const char* const* entries = plugin.descriptor->requires_;
        for (; entries != nullptr && *entries != nullptr; ++entries) {
            if (wanted == (**entries == '?' ? *entries + 1 : *entries)) return true;
        }
    }
    return false;
}

inline const rvm_crypto* TestHost::find_crypto(const char* id) const {
    for (const rvm_contribution& item : items_) {
        if (std::string_view(item.kind) != RVM_KIND_CRYPTO) continue;
        const auto* found = static_cast<const rvm_crypto*>(item.item);
        if (std::string_view(found->id) == id) return found;
    }
    return nullptr;
}

// ---- Single items --------------------------------------------------------------------------------------------------

inline TestHost::Frame TestHost::make_frame(const rvm_message& message, std::uint32_t flags) {
    Frame frame{};
    frame.struct_size = sizeof(rvm_frame);
    frame.flags = flags;
    frame.depth = message.depth;
    frame.gas = message.gas + message.stipend;
    frame.msg = &message;
    frame.env = env_.data();
    frame.self = state_.handle(from_c(message.recipient));
    frame.code = state_.handle(from_c(message.code_address));
    frame.host = this;
    return frame;
}

inline OpcodeRun TestHost::run_opcode(std::string_view id, std::initializer_list<rvm_word> args,
                                      OpcodeOptions options) {
    const auto& opcode = find<rvm_opcode>(RVM_KIND_OPCODE, id);
    if (args.size() != opcode.pops) {
        throw std::runtime_error(std::string(id) + " takes " + std::to_string(opcode.pops) + " operands");
    }
    const std::size_t window_words = std::max(opcode.pops, opcode.pushes);
    Guarded window(window_words * sizeof(rvm_word),
                   {reinterpret_cast<const std::uint8_t*>(args.begin()), args.size() * sizeof(rvm_word)});
    Guarded memory(options.memory.size(), options.memory);

    rvm_message message{};
    message.struct_size = sizeof message;
    message.gas = options.gas;
    message.recipient = message.code_address = to_c(address(1));
    Frame frame = make_frame(message, options.flags);
    frame.memory = memory.span();
    guard_.gas = 0;
    const bool guarded = (opcode.flags & RVM_F_PURE) != 0 && (opcode.flags & RVM_F_MEMORY) == 0;

    OpcodeRun run{};
    run.status = rvm_charge(&frame, opcode.gas);
    if (run.status == RVM_OK && (options.flags & RVM_FRAME_STATIC) != 0 && (opcode.flags & RVM_F_WRITES_STATE) != 0) {
        run.status = RVM_TRAP_STATIC;
    }
    if (run.status == RVM_OK) {
        const std::int64_t before = frame.gas;
        // The window is 8-byte aligned: the margin is a multiple of 8 and vectors are aligned for any scalar.
        auto* words = reinterpret_cast<rvm_word*>(window.data());
        run.status = opcode.run(opcode.self, guarded ? &guard_ : &frame, words, options.immediate);
        if (frame.gas > before) violation(std::string(id) + " raised the gas");
        if (frame.gas < before && (opcode.flags & RVM_F_CHARGES) == 0) {
            violation(std::string(id) + " charged gas without RVM_F_CHARGES");
        }
    }
    check_status(id, run.status);
    if (!window.intact()) violation(std::string(id) + " wrote outside its operand window");
    if (!memory.intact()) violation(std::string(id) + " wrote outside the memory");
    run.words.resize(opcode.pushes);
    if (opcode.pushes != 0) std::memcpy(run.words.data(), window.data(), opcode.pushes * sizeof(rvm_word));
    run.memory = memory.content();
    run.gas_used = options.gas - std::max<std::int64_t>(frame.gas, 0);
    return run;
}

inline BytesRun TestHost::run_syscall(std::string_view id, std::span<const std::uint8_t> input, std::size_t capacity,
                                      std::int64_t gas) {
    const auto& item = find<rvm_syscall>(RVM_KIND_SYSCALL, id);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.gas = gas;
    message.recipient = message.code_address = to_c(address(1));
    Frame frame = make_frame(message, 0);
    const std::uint64_t cost = item.gas == nullptr ? 0 : price(*item.gas, item.self, detail::view(input));
    BytesRun run{rvm_charge(&frame, cost), {}, 0};
    if (run.status == RVM_OK) {
        Guarded output(std::min<std::size_t>(capacity, item.max_output));
        std::uint64_t size = 0;
        const bool pure = (item.flags & RVM_F_PURE) != 0;
        run.status = item.run(item.self, pure ? &guard_ : &frame, detail::view(input), output.span(), &size);
        if (!output.intact()) violation(std::string(id) + " wrote outside its output");
        if (run.status == RVM_OK) {
            if (size > output.size()) violation(std::string(id) + " says it wrote more than there was room for");
            run.output = output.content();
            run.output.resize(std::min<std::size_t>(size, output.size()));
        }
    }
    check_status(id, run.status);
    run.gas_used = gas - std::max<std::int64_t>(frame.gas, 0);
    return run;
}

inline BytesRun TestHost::run_crypto(std::string_view id, std::span<const std::uint8_t> input, std::size_t capacity) {
    const auto& item = find<rvm_crypto>(RVM_KIND_CRYPTO, id);
    BytesRun run{RVM_OK, {}, 0};
    if (item.shape == RVM_CRYPTO_HASH) {
        Guarded output(item.digest_size);
        item.hash(item.self, detail::view(input), output.data());
        if (!output.intact()) violation(std::string(id) + " wrote outside its digest");
        run.output = output.content();
        return run;
    }
    Guarded output(capacity);
    std::uint64_t size = 0;
    run.status = item.run(item.self, detail::view(input), output.span(), &size);
    if (!output.intact()) violation(std::string(id) + " wrote outside its output");
    check_status(id, run.status);
    if (run.status == RVM_E_BUFFER_TOO_SMALL && size <= capacity) {
        violation(std::string(id) + " says too small but needs no more than there was");
    }
    if (run.status == RVM_OK) {
        run.output = output.content();
        run.output.resize(std::min<std::size_t>(size, capacity));
    }
    return run;
}

inline BytesRun TestHost::run_program(std::string_view id, std::span<const std::uint8_t> input, std::int64_t gas) {
    const auto& item = find<rvm_program>(RVM_KIND_PROGRAM, id);
    BytesRun run{RVM_OK, {}, 0};
    std::size_t capacity = 0; // begins too small, so that every program shows how it asks for more
    for (int attempt = 0; attempt < 2; ++attempt) {
        Guarded output(capacity);
        rvm_span span = output.span();
        std::int64_t left = gas;
        run.status = item.run(item.self, detail::view(input), &left, &span);
        if (!output.intact()) violation(std::string(id) + " wrote outside its output");
        if (left > gas || left < 0) violation(std::string(id) + " left more gas than it got, or less than none");
        if (run.status == RVM_E_BUFFER_TOO_SMALL) {
            if (left != gas) violation(std::string(id) + " charged gas although the output was too small");
            capacity = std::min<std::uint64_t>(span.size, output_limit);
            continue;
        }
        run.gas_used = gas - left;
        if (run.status == RVM_OK) {
            run.output = output.content();
            run.output.resize(std::min<std::size_t>(span.size, capacity));
        }
        break;
    }
    check_status(id, run.status);
    return run;
}

inline std::size_t TestHost::failing_known_answers(std::string_view id) {
    const auto& item = find<rvm_crypto>(RVM_KIND_CRYPTO, id);
    std::size_t failing = 0;
    for (std::uint64_t i = 0; i < item.kat_count; ++i) {
        const rvm_kat& kat = item.kats[i];
        const BytesRun run = run_crypto(id, {kat.input.data, kat.input.size});
        if (run.status == kat.status && (kat.status != RVM_OK || run.output == detail::copy(kat.expected))) continue;
        ++failing;
        violation(std::string(id) + ": known answer " + std::to_string(i) + " differs");
    }
    return failing;
}

// ---- Frames --------------------------------------------------------------------------------------------------------

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

// ---- The tables plugins see ----------------------------------------------------------------------------------------

inline void TestHost::fill_tables() {
    guard_.struct_size = sizeof(rvm_frame);
    guard_.flags = RVM_FRAME_GUARD;
    guard_.host = this;
    // An account of its own, so that a PURE item that calls the host is reported and not a crash.
    Address nowhere;
    nowhere.fill(0xff);
    guard_.self = guard_.code = state_.handle(nowhere);

    host_.struct_size = sizeof host_;
    host_.abi_major = RVM_ABI_MAJOR;
    host_.abi_minor = RVM_ABI_MINOR;
    host_.name = "rvm test host";
    host_.version = "0";
    host_.ctx = reinterpret_cast<rvm_host_ctx*>(this);
    host_.log = [](rvm_host_ctx* ctx, std::uint32_t, const char* line) { of(ctx).log_lines_.emplace_back(line); };
    host_.env_key = [](rvm_host_ctx* ctx, const char* name) { return of(ctx).env_key(name); };
    host_.get_interface = [](rvm_host_ctx* ctx, const char* id) -> const void* {
        TestHost& host = of(ctx);
        const std::string_view wanted(id);
        if (wanted == RVM_HOST_VM) return &host.vm_;
        if (wanted == RVM_HOST_STATE) return &host.state_table_;
        if (wanted == RVM_HOST_ITEMS) return &host.items_table_;
        if (wanted == RVM_HOST_TRACE) return &host.trace_table_;
        return nullptr;
    };
    host_.resolve_hash = [](rvm_host_ctx* ctx, const char* id, rvm_hash_ref* out) -> rvm_status {
        const rvm_crypto* item = of(ctx).required(RVM_KIND_CRYPTO, id) ? of(ctx).find_crypto(id) : nullptr;
        if (item == nullptr || item->hash == nullptr) return RVM_E_NOT_FOUND;
        *out = {item->hash, item->self, item->digest_size};
        return RVM_OK;
    };
    host_.resolve_crypto = [](rvm_host_ctx* ctx, const char* id, rvm_crypto_ref* out) -> rvm_status {
        const rvm_crypto* item = of(ctx).required(RVM_KIND_CRYPTO, id) ? of(ctx).find_crypto(id) : nullptr;
        if (item == nullptr || item->run == nullptr) return RVM_E_NOT_FOUND;
        *out = {item->run, item->self};
        return RVM_OK;
    };
    host_.resolve_interface = [](rvm_host_ctx* ctx, const char* id, const void** table) -> rvm_status {
        if (!of(ctx).required(RVM_KIND_INTERFACE, id) && !of(ctx).required(id, "")) return RVM_E_NOT_FOUND;
        for (const rvm_contribution& item : of(ctx).items_) {
            if (std::string_view(item.kind) != RVM_KIND_INTERFACE) continue;
            const auto* found = static_cast<const rvm_interface*>(item.item);
            if (std::string_view(found->id) != id) continue;
            *table = found->table;
            return RVM_OK;
        }
        return RVM_E_NOT_FOUND;
    };

    vm_.struct_size = sizeof vm_;
    vm_.call = [](rvm_frame* frame, const rvm_message* message, rvm_result* result) {
        TestHost& host = of(frame);
        if ((frame->flags & RVM_FRAME_GUARD) != 0) return rvm_status{RVM_E_INVALID_ARGUMENT};
        return host.call(*static_cast<Frame*>(frame), *message, *result);
    };
    vm_.output = [](rvm_frame* frame, std::uint64_t size, rvm_span* out) -> rvm_status {
        if (size > output_limit) return RVM_TRAP_LIMIT;
        std::unique_ptr<Guarded>& output = of(frame).outputs_[frame->depth];
        const Bytes before = output == nullptr ? Bytes() : output->content();
        if (output == nullptr || output->size() < size) output = std::make_unique<Guarded>(size, before);
        *out = {output->data(), size};
        return RVM_OK;
    };
    vm_.reserve = [](rvm_frame* frame, std::int64_t bytes) -> rvm_status {
        TestHost& host = of(frame);
        if (bytes > 0 && bytes > memory_budget - host.reserved_) return RVM_TRAP_MEMORY;
        host.reserved_ = std::max<std::int64_t>(host.reserved_ + std::max(bytes, -memory_budget), 0);
        return RVM_OK;
    };
    vm_.price = [](const rvm_gas_schedule* schedule, const void* self, rvm_view input) -> std::uint64_t {
        return price(*schedule, self, input);
    };
    vm_.cancelled = [](rvm_frame* frame) -> std::uint32_t { return of(frame).cancelled_ ? 1 : 0; };

    state_table_.struct_size = sizeof state_table_;
    state_table_.account = [](rvm_frame* frame, const rvm_address* at, std::uint32_t want, rvm_account** out,
                              std::uint32_t* access) -> rvm_status {
        TestHost& host = of(frame);
        AccountData& account = host.state_[from_c(*at)];
        if (access != nullptr) *access = account.warm ? 0 : RVM_ACCESS_COLD;
        if ((want & RVM_WANT_WARM) != 0) account.warm = true;
        *out = host.state_.handle(from_c(*at));
        return RVM_OK;
    };
    state_table_.code = [](rvm_frame* frame, rvm_account* account, rvm_view* out) -> rvm_status {
        *out = detail::view(of(frame).state_.of(account).code);
        return RVM_OK;
    };
    state_table_.note_read = [](rvm_frame*, rvm_account*, std::uint32_t) -> rvm_status { return RVM_OK; };
    state_table_.sload = [](rvm_frame* frame, const rvm_u256* key, std::uint32_t want, rvm_u256* out,
                            std::uint32_t* access) -> rvm_status {
        Slot& slot = of(frame).state_.of(frame->self).slots[from_c(*key)];
        if (access != nullptr) *access = slot.warm ? 0 : RVM_ACCESS_COLD;
        if ((want & RVM_WANT_PEEK) == 0) slot.warm = true;
        *out = to_c(slot.current);
        return RVM_OK;
    };
    state_table_.sstore = [](rvm_frame* frame, const rvm_u256* key, const rvm_u256* value, std::uint32_t want,
                             rvm_slot_write* out) -> rvm_status {
        TestHost& host = of(frame);
        if ((frame->flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        Slot& slot = host.state_.of(frame->self).slots[from_c(*key)];
        *out = State::describe_write(slot, from_c(*value));
        if ((want & RVM_WANT_PEEK) == 0) slot = {from_c(*value), slot.original, true};
        return RVM_OK;
    };
    state_table_.tload = [](rvm_frame* frame, const rvm_u256* key, rvm_u256* out) -> rvm_status {
        *out = to_c(of(frame).state_.of(frame->self).transient[from_c(*key)]);
        return RVM_OK;
    };
    state_table_.tstore = [](rvm_frame* frame, const rvm_u256* key, const rvm_u256* value) -> rvm_status {
        if ((frame->flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        of(frame).state_.of(frame->self).transient[from_c(*key)] = from_c(*value);
        return RVM_OK;
    };
    state_table_.log = [](rvm_frame* frame, const rvm_bytes32* topics, std::uint32_t count,
                          rvm_view data) -> rvm_status {
        if ((frame->flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        if (count > 4) return RVM_E_INVALID_ARGUMENT;
        Log log{from_c(frame->self->address), {}, detail::copy(data)};
        for (std::uint32_t i = 0; i < count; ++i) {
            std::memcpy(log.topics.emplace_back().data(), topics[i].bytes, sizeof topics[i].bytes);
        }
        of(frame).state_.logs().push_back(std::move(log));
        return RVM_OK;
    };
    state_table_.touch = [](rvm_frame* frame, rvm_account*, std::uint32_t) -> rvm_status {
        of(frame);
        return RVM_OK;
    };
    state_table_.destroy = [](rvm_frame* frame, rvm_account* heir, std::uint32_t mode,
                              std::uint32_t* first_time) -> rvm_status {
        if ((frame->flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        TestHost& host = of(frame);
        AccountData& self = host.state_.of(frame->self);
        const bool marks = mode == RVM_DESTROY_ALWAYS || self.created;
        if (first_time != nullptr) *first_time = marks && !self.destroyed ? 1 : 0;
        if (heir != frame->self) {
            AccountData& other = host.state_.of(heir);
            other.balance = plus(other.balance, self.balance);
            other.exists = true;
        }
        if (heir != frame->self || marks || self.destroyed) self.balance = {};
        self.destroyed = self.destroyed || marks;
        host.state_.refresh();
        return RVM_OK;
    };
    state_table_.block_hash = [](rvm_frame* frame, std::uint64_t, rvm_bytes32* out) -> rvm_status {
        of(frame);
        *out = {};
        return RVM_OK;
    };

    items_table_.struct_size = sizeof items_table_;
    items_table_.opcode = [](rvm_host_ctx* ctx, const char* id, rvm_opcode_ref* out) -> rvm_status {
        for (const rvm_contribution& item : of(ctx).items_) {
            if (std::string_view(item.kind) != RVM_KIND_OPCODE) continue;
            const auto* found = static_cast<const rvm_opcode*>(item.item);
            if (std::string_view(found->id) != id) continue;
            *out = {found, &of(ctx).guard_};
            return RVM_OK;
        }
        return RVM_E_NOT_FOUND;
    };
    items_table_.syscall = [](rvm_host_ctx* ctx, const char* id, rvm_syscall_ref* out) -> rvm_status {
        for (const rvm_contribution& item : of(ctx).items_) {
            if (std::string_view(item.kind) != RVM_KIND_SYSCALL) continue;
            const auto* found = static_cast<const rvm_syscall*>(item.item);
            if (std::string_view(found->id) != id) continue;
            *out = {found, &of(ctx).guard_};
            return RVM_OK;
        }
        return RVM_E_NOT_FOUND;
    };
    items_table_.crypto = [](rvm_host_ctx* ctx, const char* id, const rvm_crypto** out) -> rvm_status {
        *out = of(ctx).find_crypto(id);
        return *out == nullptr ? RVM_E_NOT_FOUND : RVM_OK;
    };

    trace_table_.struct_size = sizeof trace_table_;
    trace_table_.op = [](rvm_frame* frame, const rvm_op_event* event) {
        of(frame).log_lines_.push_back("op " + detail::text(event->name));
    };
    trace_table_.fault = [](rvm_frame* frame, const rvm_op_event* event, rvm_status status) {
        of(frame).log_lines_.push_back("fault " + detail::text(event->name) + " " + std::to_string(status));
    };
}

} // namespace rvm::sdk::test

#endif // RVM_TEST_HOST_IMPL_HPP
