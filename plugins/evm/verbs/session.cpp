#include "verbs/session.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "u256/u256.hpp"

namespace rvm::evm {
namespace {

using Json = nlohmann::ordered_json;

bool less(const rvm_u256& a, const rvm_u256& b) {
    return u256::U256{a.limbs[0], a.limbs[1], a.limbs[2], a.limbs[3]} <
           u256::U256{b.limbs[0], b.limbs[1], b.limbs[2], b.limbs[3]};
}

rvm_view view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

rvm_u256 number_in(const Json& value, const std::string& where) {
    const auto number = value.is_string() ? number_of(value.get<std::string>())
                        : value.is_number_unsigned()
                            ? std::optional<rvm_u256>(rvm_u256{{value.get<std::uint64_t>(), 0, 0, 0}})
                            : std::nullopt;
    if (!number)
        throw VerbError(verb::Fault::malformed,
                       where + ": expected a number of at most 256 bits, found " + value.dump().substr(0, 80));
    return *number;
}

} // namespace

Session::Session(const sdk::Host& host, const EvmOptions& options, Bytes code)
    : host_(host), worlds_(host.need<rvm_host_world>(RVM_HOST_WORLD)), options_(options), code_(std::move(code)) {
    error_.struct_size = sizeof error_;
    check(worlds_.open(host_.get()->ctx, RVM_WORLD_EPHEMERAL, &world_, &error_), "open a world");
}

Session::~Session() {
    if (world_ == nullptr) return;
    if (open_) worlds_.tx_abort(world_);
    worlds_.close(world_);
}

void Session::check(rvm_status status, const char* what) const {
    if (status == RVM_OK) return;
    throw HostFailure("cannot " + std::string(what) + ": status " + std::to_string(status) +
                      (error_.message[0] != '\0' ? ": " + std::string(error_.message) : ""));
}

rvm_account* Session::account(const rvm_address& address, std::uint32_t want) {
    rvm_account* out = nullptr;
    check(worlds_.account(world_, &address, want, &out), "read an account");
    return out;
}

void Session::begin(bool traced) {
    std::vector<rvm_u256> words;
    const auto set = [&](const std::string& name, const rvm_u256& value) {
        const std::uint32_t key = host_.env_key(name.c_str());
        if (words.size() <= key) words.resize(key + 1);
        words[key] = value;
    };
    set("tx.origin", rvm_u256_from_bytes(options_.sender.bytes, sizeof options_.sender.bytes));
    set("chain.id", {{1, 0, 0, 0}});
    set("block.gas_limit", {{static_cast<std::uint64_t>(options_.gas), 0, 0, 0}});
    for (const auto& [name, value] : options_.block) // given ones win
        set(name, value);
    const char* const rules[] = {options_.rules.c_str(), nullptr};
    rvm_tx_env env{};
    env.struct_size = sizeof env;
    env.words = words.data();
    env.word_count = words.size();
    env.rules = rules;
    if (traced && !options_.tracer.empty()) env.tracer = options_.tracer.c_str();
    check(worlds_.tx_begin(world_, &env, &error_), "begin a transaction");
    open_ = true;
}

/// The code at the receiver, and what the sender lacks of the value.
void Session::install() {
    begin(false);
    rvm_account* sender = account(options_.sender);
    if (less(sender->balance, options_.value))
        check(worlds_.add_balance(world_, sender, &options_.value), "fund the sender");
    if (!options_.create)
        check(worlds_.set_code(world_, account(options_.receiver), view(code_), nullptr, "evm", &error_),
              "set the code");
    open_ = false;
    rvm_changes* changes = nullptr;
    check(worlds_.tx_end(world_, 0, &changes, &error_), "end a transaction");
    worlds_.release_changes(changes);
}

rvm_message Session::message() const {
    rvm_message message{};
    message.struct_size = sizeof message;
    message.gas = options_.gas;
    message.sender = options_.sender;
    message.value = options_.value;
    if (options_.create) {
        message.kind = RVM_CALL_CREATE;
        message.init_code = view(code_);
        message.format = "evm";
    } else {
        message.kind = RVM_CALL_CALL;
        message.recipient = message.code_address = options_.receiver;
        message.input = view(options_.input);
    }
    return message;
}

void Session::load_prestate(const std::string& text, const std::string& origin) {
    Json document = Json::parse(text, nullptr, false);
    if (document.is_object() && document.contains("alloc")) document = Json(document["alloc"]);
    if (!document.is_object())
        throw VerbError(verb::Fault::malformed, origin + ": expected an object of accounts, found something else");
    begin(false);
    for (const auto& [key, entry] : document.items()) {
        const std::string where = origin + ": /" + key;
        const auto address = address_of(key);
        if (!address) throw VerbError(verb::Fault::malformed, where + ": expected an address of 40 hex digits");
        if (!entry.is_object()) throw VerbError(verb::Fault::malformed, where + ": expected an object");
        rvm_account* target = account(*address);
        for (const auto& [field, value] : entry.items()) {
            const std::string at = where + "/" + field;
            if (field == "balance") {
                const rvm_u256 balance = number_in(value, at);
                check(worlds_.add_balance(world_, target, &balance), "set a balance");
            } else if (field == "nonce") {
                const rvm_u256 nonce = number_in(value, at);
                if ((nonce.limbs[1] | nonce.limbs[2] | nonce.limbs[3]) != 0)
                    throw VerbError(verb::Fault::malformed, at + ": expected at most 64 bits");
                check(worlds_.set_nonce(world_, target, nonce.limbs[0]), "set a nonce");
            } else if (field == "code") {
                const auto code = value.is_string() ? bytes_of_hex(value.get<std::string>()) : std::nullopt;
                if (!code) throw VerbError(verb::Fault::malformed, at + ": expected hex digits");
                if (!code->empty())
                    check(worlds_.set_code(world_, target, view(*code), nullptr, "evm", &error_), "set code");
            } else if (field == "storage") {
                if (!value.is_object()) throw VerbError(verb::Fault::malformed, at + ": expected an object");
                for (const auto& [slot, word] : value.items()) {
                    const auto slot_key = number_of(slot);
                    if (!slot_key) throw VerbError(verb::Fault::malformed, at + "/" + slot + ": expected a number as key");
                    const rvm_u256 content = number_in(word, at + "/" + slot);
                    check(worlds_.set_slot(world_, target, &*slot_key, &content), "set a slot");
                }
            } else {
                throw VerbError(verb::Fault::malformed, at + ": expected balance, nonce, code or storage");
            }
        }
    }
    open_ = false;
    rvm_changes* changes = nullptr;
    check(worlds_.tx_end(world_, 0, &changes, &error_), "end a transaction");
    worlds_.release_changes(changes);
}

Execution Session::run() {
    install();
    begin(true);
    const rvm_message asked = message();
    rvm_result result{};
    result.struct_size = sizeof result;
    Execution out;
    out.status = worlds_.execute(world_, &asked, &result, &error_);
    if (out.status < 0) check(out.status, "execute");
    out.gas_used = asked.gas - result.gas_left;
    out.refund = result.refund;
    if (result.output.size != 0) out.output.assign(result.output.data, result.output.data + result.output.size);
    out.created = result.created;
    out.detail = result.detail;
    out.fault_position = result.fault_position;
    std::uint64_t count = 0;
    const rvm_log* logs = worlds_.logs(world_, &count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const rvm_log& log = logs[i];
        LogLine line{log.address, {log.topics, log.topics + log.topic_count}, {}};
        if (log.data.size != 0) line.data.assign(log.data.data, log.data.data + log.data.size);
        out.logs.push_back(std::move(line));
    }
    open_ = false;
    rvm_changes* changes = nullptr;
    check(worlds_.tx_end(world_, RVM_TX_REMOVE_EMPTY_TOUCHED, &changes, &error_), "end a transaction");
    worlds_.release_changes(changes);
    rvm_view trace{};
    if (worlds_.trace_text(world_, &trace) == RVM_OK) out.trace.assign(sdk::text(trace));
    return out;
}

double Session::measure(const rvm_command_io& io) {
    using Clock = std::chrono::steady_clock;
    constexpr int rounds = 7, warmups = 3;
    constexpr auto round_time = std::chrono::milliseconds(100);
    begin(false);
    const rvm_message asked = message();
    rvm_result result{};
    result.struct_size = sizeof result;
    std::uint64_t mark = 0;
    check(worlds_.mark(world_, &mark), "mark the state");
    const auto once = [&] {
        const rvm_status status = worlds_.execute(world_, &asked, &result, &error_);
        if (status < 0) check(status, "execute");
        check(worlds_.rollback(world_, mark), "roll back");
    };
    for (int i = 0; i < warmups; ++i)
        once();
    std::vector<double> times;
    for (int round = 0; round < rounds && io.cancelled(io.ctx) == 0; ++round) {
        io.progress(io.ctx, "rounds", static_cast<std::uint64_t>(round), rounds);
        const auto start = Clock::now();
        std::uint64_t count = 0;
        do {
            once();
            ++count;
        } while (Clock::now() - start < round_time);
        times.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count() /
                        static_cast<double>(count));
    }
    io.progress(io.ctx, "rounds", rounds, rounds);
    worlds_.tx_abort(world_);
    open_ = false;
    if (times.empty()) throw HostFailure("interrupted");
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

std::string Session::dump() {
    struct Context {
        Session& session;
        Json document = Json::object();
    } context{*this};
    const auto each = [](void* ctx, const rvm_address* address, const rvm_account_state* state, rvm_view code,
                         const char*) -> rvm_status {
        return sdk::guard(nullptr, [&] {
            auto& [session, document] = *static_cast<Context*>(ctx);
            Json entry;
            entry["balance"] = hex_of(state->balance);
            if (state->nonce != 0) entry["nonce"] = hex_of(rvm_u256{{state->nonce, 0, 0, 0}});
            if (code.size != 0) entry["code"] = hex_of(code);
            document[hex_of(*address)] = std::move(entry);
        });
    };
    check(worlds_.each_account(world_, each, &context), "list the accounts");
    for (const auto& [key, entry] : context.document.items()) {
        Json storage = Json::object();
        const auto slot = [](void* ctx, const rvm_u256* slot_key, const rvm_u256* value) -> rvm_status {
            return sdk::guard(nullptr, [&] { (*static_cast<Json*>(ctx))[word_of(*slot_key)] = word_of(*value); });
        };
        check(worlds_.each_slot(world_, account(*address_of(key)), slot, &storage), "list the slots");
        if (!storage.empty()) entry["storage"] = std::move(storage);
    }
    return context.document.dump(2) + "\n";
}

} // namespace rvm::evm
