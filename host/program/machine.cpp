#include "program/machine.hpp"

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/values.hpp"
#include "manifest/manifest.hpp"
#include "plugin/registry.hpp"
#include "program/state_file.hpp"

namespace rvm::host {

namespace {

constexpr std::size_t abi_word_bytes = 8; // --arg: 64-bit words of the native VM, little-endian as its memory

/// The tracer a --trace word names: an id, or the last part of one ("calltree" for "trace.calltree").
std::string tracer_id(Runtime& runtime, const std::string& word) {
    if (word.empty()) return {};
    std::string known;
    for (const plugin::Provided& tracer : runtime.registry().provided(RVM_KIND_TRACER)) {
        if (tracer.id == word ||
            (tracer.id.ends_with(word) && tracer.id.size() > word.size() &&
             std::string_view{"./"}.find(tracer.id[tracer.id.size() - word.size() - 1]) != std::string_view::npos))
            return tracer.id;
        known += (known.empty() ? "" : ", ") + tracer.id;
    }
    throw failure(ErrorCode::dependency_missing, {}, "--trace",
                  fmt::format("no plugin provides the tracer \"{}\"", word),
                  known.empty() ? "add the plugin `trace` to the manifest" : fmt::format("present: {}", known));
}

} // namespace

void MessageOptions::declare(Options& options, bool with_input) {
    if (with_input) {
        options.text("--input", "HEX|@FILE", input_text,
                     "message data as hex digits; @FILE: the file's bytes; @-: stdin");
        options.texts("--arg", "N", words,
                      "appends a 64-bit word (8 bytes, little-endian; negative: two's complement); repeatable");
    }
    options.number("--gas", "N", gas, fmt::format("gas budget; default {}", default_gas), 0, INT64_MAX);
    options.text("--sender", "ADDRESS", sender_text,
                 fmt::format("who sends the message; default {}", address_text(default_sender)));
    options.text("--value", "WEI", value_text, "value sent with the message; default 0");
    options.texts("--env", "NAME=N", env_texts, "an environment word such as block.number=7; repeatable");
    options.optional_text("--trace", "calltree|jsonl", "calltree", trace, "writes a trace to the error stream");
}

void MessageOptions::resolve(Session& session) {
    if (!sender_text.empty()) {
        const auto address = parse_address(sender_text);
        if (!address)
            throw UsageError(fmt::format("--sender: expected 0x and 40 hex digits, found \"{}\"", sender_text));
        sender = *address;
    }
    const auto amount = parse_u256(value_text);
    if (!amount)
        throw UsageError(fmt::format("--value: expected a number of at most 256 bits, found \"{}\"", value_text));
    value = *amount;
    for (const std::string& text : env_texts) {
        const std::size_t equals = text.find('=');
        const auto word = equals == std::string::npos ? std::nullopt : parse_u256(text.substr(equals + 1));
        if (!word || equals == 0) throw UsageError(fmt::format("--env: expected NAME=NUMBER, found \"{}\"", text));
        env.emplace_back(text.substr(0, equals), *word);
    }
    if (input_text.starts_with('@')) {
        const std::string file = read_input(session.io, input_text.substr(1));
        const ByteView bytes = as_bytes(file);
        input.assign(bytes.begin(), bytes.end());
    } else if (!input_text.empty()) {
        const auto bytes = from_hex(input_text);
        if (!bytes) throw UsageError("--input: expected an even number of hex digits, or @FILE");
        input = *bytes;
    }
    for (const std::string& text : words) {
        const bool negative = text.starts_with('-');
        const auto number = parse_number(std::string_view{text}.substr(negative ? 1 : 0));
        constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
        if (!number || (negative && *number > lowest))
            throw UsageError(fmt::format("--arg: expected a 64-bit number, found \"{}\"", text));
        const std::uint64_t word = negative ? 0 - *number : *number;
        for (std::size_t i = 0; i < abi_word_bytes; ++i)
            input.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
    }
}

void require_place(Session& session, const std::string& state_file, const std::string& hint) {
    if (!state_file.empty() || session.runtime().manifest().storage.lasts()) return;
    throw UsageError("--state FILE is missing, and the manifest's storage does not last", hint);
}

Machine::Machine(Session& session, std::string state_file, bool must_exist, std::uint32_t world_flags)
    : session_(session), state_file_(std::move(state_file)), cancellable_((world_flags & RVM_WORLD_CANCELLABLE) != 0),
      world_(session.runtime(), World::ephemeral, world_flags) {
    if (!state_file_.empty()) load_state(session_.io, state_file_, must_exist, StateForm::alloc, session_.runtime(), world_);
}

Machine::Machine(Session& session)
    : session_(session), in_store_(true), world_(session.runtime_with_store(), World::deployment) {}

Machine::~Machine() = default;

void Machine::place(const rvm_address& address, ByteView code, const std::string& format) {
    world_.begin({});
    world_.set_code(world_.account(address), view_of(code), format.c_str());
    static_cast<void>(world_.end());
}

void Machine::fund(const rvm_address& address, const rvm_u256& amount) {
    if (is_zero(amount)) return;
    world_.begin({});
    world_.add_balance(world_.account(address), amount);
    static_cast<void>(world_.end());
}

std::optional<std::string> Machine::format_at(const rvm_address& address) {
    rvm_account* account = world_.account(address, RVM_WANT_CODE);
    if (account->code_hash == nullptr) return std::nullopt;
    rvm_view code{};
    const char* format = nullptr;
    if (world_.table().code(world_.get(), account, &code, &format) != RVM_OK || format == nullptr) return std::nullopt;
    return format;
}

rvm_view Machine::code_at(const rvm_address& address) {
    rvm_view code{};
    const char* format = nullptr;
    static_cast<void>(world_.table().code(world_.get(), world_.account(address, RVM_WANT_CODE), &code, &format));
    return code;
}

TxOptions Machine::prepare(rvm_message& message, const MessageOptions& options) {
    Runtime& runtime = session_.runtime();
    message.struct_size = sizeof message;
    message.gas = static_cast<std::int64_t>(std::min<std::uint64_t>(options.gas, runtime.manifest().native_limits.gas));
    message.sender = options.sender;
    message.value = options.value;

    TxOptions tx;
    tx.tracer = tracer_id(runtime, options.trace);
    tx.env.emplace_back("chain.id", u256_of(runtime.manifest().chain.id));
    tx.env.emplace_back("tx.origin", u256_of(ByteView{options.sender.bytes}));
    if (in_store_) tx.env.emplace_back("block.number", u256_of(world_.height() + 1));
    tx.env.insert(tx.env.end(), options.env.begin(), options.env.end()); // later ones win
    return tx;
}

Receipt Machine::execute(rvm_message& message, const MessageOptions& options) {
    const CancelOnInterrupt cancelling(cancellable());
    world_.begin(prepare(message, options));
    cancelling.begun();
    Receipt receipt;
    receipt.gas_limit = static_cast<std::uint64_t>(message.gas);
    receipt.outcome = world_.execute(message);
    if (receipt.outcome.status < 0) {
        world_.abort();
        throw failure(ErrorCode::host_failed, {}, {},
                      fmt::format("{}{}{}", status_name(receipt.outcome.status),
                                  receipt.outcome.error.empty() ? "" : ": ", receipt.outcome.error));
    }
    receipt.changes = world_.end();
    for (const rvm_log& log : world_.logs()) {
        const ByteView data = bytes_of(log.data);
        receipt.logs.push_back({log.address, {log.topics, log.topics + log.topic_count}, {data.begin(), data.end()}});
    }
    receipt.trace = world_.trace_text();
    return receipt;
}

rvm_message Machine::call_message(const rvm_address& address, const MessageOptions& options) {
    rvm_message message{};
    message.kind = RVM_CALL_CALL;
    message.recipient = address;
    message.code_address = address;
    message.input = view_of(options.input);
    return message;
}

Receipt Machine::call(const rvm_address& address, const MessageOptions& options) {
    rvm_message message = call_message(address, options);
    return execute(message, options);
}

Receipt Machine::create(ByteView code, const std::string& format, const MessageOptions& options) {
    rvm_message message{};
    message.kind = RVM_CALL_CREATE;
    message.init_code = view_of(code);
    message.format = format.c_str();
    return execute(message, options);
}

void Machine::save() {
    if (!state_file_.empty()) save_state(state_file_, world_);
    if (in_store_) world_.commit();
}

bool Machine::try_save(bool may_retry) {
    try {
        save();
        return true;
    } catch (const Failure& failed) {
        if (!may_retry || failed.report().findings().front().code != ErrorCode::store_changed) throw;
    }
    world_.discard();
    return false;
}

} // namespace rvm::host
