#include "replay/replayer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "plugin/registry.hpp"
#include "replay/comparison.hpp"
#include "replay/event_text.hpp"

namespace rvm::replay {

namespace {

using record::Call;
using record::same;
using Kind = Call::Kind;

const char* kind_text(Kind kind) {
    static constexpr const char* texts[] = {"begin",   "warm",     "account", "set_nonce", "add_balance", "credit",
                                            "sub_balance", "set_code", "set_slot", "touch", "mark", "rollback",
                                            "execute", "end", "abort", "commit", "discard"};
    static_assert(std::size(texts) == static_cast<std::size_t>(Call::last_kind) + 1);
    return texts[static_cast<std::size_t>(kind)];
}

/// Whose code an instruction is: an opcode or a syscall of a plugin, or the format's own.
std::string plugin_of(Runtime& runtime, const Place& place) {
    plugin::Registry& registry = runtime.registry();
    Report ignored;
    if (const auto found = registry.opcode_by_mnemonic(place.name, ignored); place.format == "native" && found)
        return found.owner->id();
    for (const char* kind : {RVM_KIND_SYSCALL, RVM_KIND_FORMAT})
        if (const plugin::PluginSlot* slot = registry.provider(kind, kind == std::string_view(RVM_KIND_FORMAT) ? place.format : place.name))
            return slot->id();
    return {};
}

/// Where an instruction comes from, as its format says.
std::string source_of(Runtime& runtime, const Place& place, rvm_view code) {
    Report ignored;
    const auto format = runtime.registry().find<rvm_format>(place.format, ignored);
    char text[256] = "";
    if (!format || format.item->source_of == nullptr ||
        format.item->source_of(format.item->self, code, place.pc, text, sizeof text) == 0)
        return {};
    return text;
}

/// One world of the recording, made again.
class Rerun {
  public:
    Rerun(Runtime& runtime, const record::World& world, bool with_steps, Purpose purpose, Outcome& outcome)
        : runtime_(runtime), table_(runtime.worlds()), record_(world), with_steps_(with_steps), purpose_(purpose),
          outcome_(outcome) {
        rvm_error error{sizeof(rvm_error), 0, ""};
        check(table_.open(runtime.context(), RVM_WORLD_EPHEMERAL | RVM_WORLD_CANCELLABLE, &world_, &error), "open a world", error);
    }
    ~Rerun() {
        if (world_ != nullptr) table_.close(world_);
    }
    Rerun(const Rerun&) = delete;
    Rerun& operator=(const Rerun&) = delete;

    void run() {
        lay_base();
        for (const Call& call : record_.calls) {
            make(call);
            if (outcome_.divergence) return;
        }
    }

  private:
    void check(rvm_status status, const char* what, const rvm_error& error) const {
        if (status == RVM_OK) return;
        Report report;
        report.error(ErrorCode::host_failed, {}, {},
                     fmt::format("cannot {}: {}", what, error.message[0] != '\0' ? std::string(error.message) : status_text(status)));
        throw Failure(std::move(report));
    }

    rvm_account* account(const rvm_address& address) {
        rvm_account* out = nullptr;
        const rvm_error error{sizeof(rvm_error), 0, ""};
        check(table_.account(world_, &address, 0, &out), "read an account", error);
        return out;
    }

    /// The state the recorded world found.
    void lay_base() {
        if (record_.base.empty()) return;
        rvm_error error{sizeof(rvm_error), 0, ""};
        check(table_.tx_begin(world_, nullptr, &error), "lay out the state", error);
        for (const record::BaseAccount& base : record_.base) {
            rvm_account* handle = account(base.address);
            check(table_.touch(world_, handle), "lay out an account", error); // one that exists may be empty
            if (!host::is_zero(base.balance)) check(table_.add_balance(world_, handle, &base.balance), "lay out an account", error);
            if (base.nonce != 0) check(table_.set_nonce(world_, handle, base.nonce), "lay out an account", error);
            if (base.code)
                check(table_.set_code(world_, handle, {base.code->bytes.data(), base.code->bytes.size()}, nullptr,
                                      base.code->format.c_str(), &error), "lay out a code", error);
            for (const auto& [key, value] : base.slots)
                if (!host::is_zero(value)) check(table_.set_slot(world_, handle, &key, &value), "lay out a slot", error);
        }
        check(table_.tx_end(world_, 0, nullptr, &error), "lay out the state", error);
        check(table_.commit(world_, nullptr, 0, &error), "lay out the state", error);
    }

    void diverge(Kind stage, std::string what, std::string recorded, std::string replayed) {
        if (outcome_.divergence) return;
        Divergence& divergence = outcome_.divergence.emplace();
        divergence.execution = outcome_.executions == 0 ? 0 : outcome_.executions - 1;
        divergence.stage = kind_text(stage);
        divergence.what = std::move(what);
        divergence.recorded = std::move(recorded);
        divergence.replayed = std::move(replayed);
    }

    void make(const Call& call) {
        rvm_error error{sizeof(rvm_error), 0, ""};
        rvm_status status = RVM_OK;
        switch (call.kind) {
        case Kind::begin:
            status = begin(call, error);
            break;
        case Kind::warm:
            status = table_.warm(world_, &call.address, call.keys.data(), call.keys.size());
            break;
        case Kind::account: {
            rvm_account* unused = nullptr;
            status = table_.account(world_, &call.address, static_cast<std::uint32_t>(call.number), &unused);
            break;
        }
        case Kind::set_nonce:
            status = table_.set_nonce(world_, account(call.address), call.number);
            break;
        case Kind::add_balance:
            status = table_.add_balance(world_, account(call.address), &call.value);
            break;
        case Kind::credit:
            status = table_.credit(world_, &call.address, &call.value);
            break;
        case Kind::sub_balance:
            status = table_.sub_balance(world_, account(call.address), &call.value);
            break;
        case Kind::set_code:
            status = table_.set_code(world_, account(call.address), {call.bytes.data(), call.bytes.size()},
                                     call.hash ? &*call.hash : nullptr, call.text.empty() ? nullptr : call.text.c_str(), &error);
            break;
        case Kind::set_slot:
            status = table_.set_slot(world_, account(call.address), &call.key, &call.value);
            break;
        case Kind::touch:
            status = table_.touch(world_, account(call.address));
            break;
        case Kind::mark: {
            std::uint64_t mark = 0;
            status = table_.mark(world_, &mark);
            marks_.push_back(mark);
            break;
        }
        case Kind::rollback:
            status = table_.rollback(world_, marks_.at(static_cast<std::size_t>(call.number)));
            break;
        case Kind::execute:
            return execute(call);
        case Kind::end:
            return end(call);
        case Kind::abort:
            table_.tx_abort(world_);
            break;
        case Kind::commit:
            status = table_.commit(world_, nullptr, 0, &error);
            break;
        case Kind::discard:
            table_.discard(world_);
            break;
        }
        if (purpose_ == Purpose::repeat ? status < 0 && call.status >= 0 : status != call.status)
            diverge(call.kind, "answer of the world", status_text(call.status),
                    status_text(status) + (error.message[0] != '\0' ? ": " + std::string(error.message) : ""));
    }

    rvm_status begin(const Call& call, rvm_error& error) {
        std::vector<rvm_u256> words;
        for (const auto& [name, value] : call.words) {
            const std::uint32_t key = Runtime::env_key(name.c_str());
            if (key == UINT32_MAX) return RVM_E_INVALID_ARGUMENT;
            if (words.size() <= key) words.resize(key + 1);
            words[key] = value;
        }
        std::vector<const char*> rules;
        for (const std::string& name : call.rules)
            rules.push_back(name.c_str());
        rules.push_back(nullptr);
        rvm_tx_env env{};
        env.struct_size = sizeof env;
        env.words = words.data();
        env.word_count = words.size();
        env.rules = rules.data();
        record::divert_block_hash(env, no_env_);
        marks_.clear();
        effects_.clear();
        executed_ = false;
        return table_.tx_begin(world_, &env, &error);
    }

    void execute(const Call& call) {
        ++outcome_.executions;
        executed_ = true;
        Comparison comparison(call.events, purpose_ == Purpose::compare ? Comparison::Mode::compare : Comparison::Mode::answer,
                              with_steps_, effects_, outcome_.executions - 1, [this] { table_.cancel(world_); });
        const rvm_message message = call.message.view();
        rvm_result result{};
        result.struct_size = sizeof result;
        rvm_error error{sizeof(rvm_error), 0, ""};
        const rvm_status status = [&] {
            const record::Hearing hearing(comparison);
            return table_.execute(world_, &message, &result, &error);
        }();
        comparison.rethrow();
        outcome_.steps += comparison.steps();
        if (purpose_ == Purpose::repeat) {
            if (status < 0 && call.status >= 0) compare_answer(call, status, result, error);
            return;
        }
        if (!comparison.divergence()) compare_answer(call, status, result, error);
        if (!outcome_.divergence) {
            comparison.finish();
            if (comparison.divergence()) outcome_.divergence = comparison.divergence();
        }
        if (!outcome_.divergence) return;
        outcome_.divergence->execution = outcome_.executions - 1;
        if (!outcome_.divergence->place) outcome_.divergence->place = comparison.last_place();
        if (outcome_.divergence->place) complete(*outcome_.divergence->place, call);
    }

    /// Whose instruction it is, and where that comes from; `call` is the one that the place is in, or a later one.
    void complete(Place& place, const Call& call) const {
        place.plugin = plugin_of(runtime_, place);
        if (place.code) place.source = source_of(runtime_, place, code_at(*place.code, call));
    }

    /// Names the step behind what was found at the end of a transaction, where it is known.
    void locate(const Call& call, std::optional<Place> place) {
        if (!place || !outcome_.divergence || outcome_.divergence->place) return;
        complete(*place, call);
        outcome_.divergence->execution = place->execution;
        outcome_.divergence->place = std::move(place);
    }

    /// The code that an account had before a call, as far as the recording says: the world may be of no more use.
    [[nodiscard]] rvm_view code_at(const rvm_address& address, const Call& before) const {
        rvm_view code{};
        for (const record::BaseAccount& base : record_.base)
            if (base.code && same(base.address, address)) code = {base.code->bytes.data(), base.code->bytes.size()};
        for (const Call& call : record_.calls) {
            if (&call == &before) break;
            if (call.kind == Kind::set_code && same(call.address, address)) code = {call.bytes.data(), call.bytes.size()};
        }
        return code;
    }

    void compare_answer(const Call& call, rvm_status status, const rvm_result& result, const rvm_error& error) {
        const record::Answer& theirs = call.answer;
        if (status != theirs.status)
            return diverge(Kind::execute, "status", status_text(theirs.status),
                           status_text(status) + (status < 0 && error.message[0] != '\0' ? ": " + std::string(error.message) : ""));
        const auto number = [&](const char* what, auto recorded, auto replayed) {
            if (recorded != replayed) diverge(Kind::execute, what, fmt::format("{}", recorded), fmt::format("{}", replayed));
        };
        number("gas left", theirs.gas_left, result.gas_left);
        number("refund", theirs.refund, result.refund);
        const ByteView output = host::bytes_of(result.output);
        if (!std::ranges::equal(theirs.output, output)) {
            const Difference found = bytes_difference("output", theirs.output, output);
            diverge(Kind::execute, found.what, found.recorded, found.replayed);
        }
        if (!same(theirs.created, result.created))
            diverge(Kind::execute, "created account", host::address_text(theirs.created), host::address_text(result.created));
        number("fault", theirs.detail, result.detail);
        number("position of the fault", theirs.fault_position, result.fault_position);
    }

    void end(const Call& call) {
        rvm_changes* changes = nullptr;
        rvm_error error{sizeof(rvm_error), 0, ""};
        const rvm_status status = table_.tx_end(world_, static_cast<std::uint32_t>(call.number), &changes, &error);
        const Changes owned(table_, changes);
        if (purpose_ == Purpose::repeat) return;
        if (status != call.status) diverge(Kind::end, "answer of the world", status_text(call.status), status_text(status));
        if (status != RVM_OK) return;
        if (!std::exchange(executed_, false)) return; // what was laid out is an input: it shows where a program reads it
        const rvm_bytes32 digest = owned.digest();
        compare_logs(call);
        compare_changes(call, owned);
        if (!same(digest, call.digest))
            diverge(Kind::end, "digest of the changes", host::bytes_text(call.digest.bytes), host::bytes_text(digest.bytes));
    }

    void compare_logs(const Call& call) {
        std::uint64_t count = 0;
        const rvm_log* logs = table_.logs(world_, &count);
        for (std::size_t i = 0; i < std::max<std::size_t>(call.logs.size(), static_cast<std::size_t>(count)); ++i) {
            const auto text = [](const record::Log& log) {
                return log_text(log.address, log.topics.data(), log.topics.size(), {log.data.data(), log.data.size()});
            };
            const std::string recorded = i < call.logs.size() ? text(call.logs[i]) : "none";
            const std::string replayed = i < count ? log_text(logs[i].address, logs[i].topics, logs[i].topic_count, logs[i].data) : "none";
            if (recorded == replayed) continue;
            diverge(Kind::end, fmt::format("log {}", i), recorded, replayed);
            return locate(call, effects_.find_log(replayed));
        }
    }

    /// Names the first account or slot that differs; that nothing was left out is what the digest says.
    void compare_changes(const Call& call, const Changes& changes) {
        const auto accounts = changes.accounts();
        for (std::size_t i = 0; i < std::max(accounts.size(), call.changes.size()); ++i) {
            if (i >= accounts.size() || i >= call.changes.size() || !same(accounts[i]->address, call.changes[i].address))
                return diverge(Kind::end, "changed account", i < call.changes.size() ? host::address_text(call.changes[i].address) : "none",
                               i < accounts.size() ? host::address_text(accounts[i]->address) : "none");
            const record::AccountChange& recorded = call.changes[i];
            const rvm_account_change& replayed = *accounts[i];
            const std::string of = " of " + host::address_text(recorded.address);
            const auto word = [&](const std::string& what, const rvm_u256& a, const rvm_u256& b) {
                if (!same(a, b)) diverge(Kind::end, what + of, host::hex_text(a), host::hex_text(b));
            };
            const auto made = [&](std::uint32_t kind, const std::string& what, const rvm_u256& a, const rvm_u256& b, const rvm_u256& key = {}) {
                if (same(a, b) || outcome_.divergence) return;
                word(what, a, b);
                locate(call, effects_.find(kind, replayed.address, key, b));
            };
            const auto code = [&](const char* what, const rvm_bytes32& a, const rvm_bytes32& b) {
                if (!same(a, b)) diverge(Kind::end, what + of, host::bytes_text(a.bytes), host::bytes_text(b.bytes));
            };
            word("balance before", recorded.before.balance, replayed.before.balance);
            word("nonce before", host::u256_of(recorded.before.nonce), host::u256_of(replayed.before.nonce));
            code("code before", recorded.before.code_hash, replayed.before.code_hash);
            made(RVM_STATE_BALANCE, "balance", recorded.after.balance, replayed.after.balance);
            made(RVM_STATE_NONCE, "nonce", host::u256_of(recorded.after.nonce), host::u256_of(replayed.after.nonce));
            code("code", recorded.after.code_hash, replayed.after.code_hash);
            for (std::size_t s = 0; s < std::max<std::size_t>(recorded.slots.size(), static_cast<std::size_t>(replayed.slot_count)); ++s) {
                const bool both = s < recorded.slots.size() && s < replayed.slot_count;
                if (!both || !same(recorded.slots[s].key, replayed.slots[s].key)) {
                    diverge(Kind::end, "changed slot" + of, s < recorded.slots.size() ? host::hex_text(recorded.slots[s].key) : "none",
                            s < replayed.slot_count ? host::hex_text(replayed.slots[s].key) : "none");
                    if (s < replayed.slot_count)
                        locate(call, effects_.find(RVM_STATE_SLOT, replayed.address, replayed.slots[s].key, replayed.slots[s].after));
                    return;
                }
                const std::string slot = "slot " + host::hex_text(recorded.slots[s].key);
                word(slot + " before", recorded.slots[s].before, replayed.slots[s].before);
                made(RVM_STATE_SLOT, slot, recorded.slots[s].after, replayed.slots[s].after, replayed.slots[s].key);
            }
            if (recorded.flags != replayed.flags)
                diverge(Kind::end, "flags of the change" + of, fmt::format("{:#x}", recorded.flags), fmt::format("{:#x}", replayed.flags));
            if (outcome_.divergence) return;
        }
    }

    Runtime& runtime_;
    const rvm_host_world& table_;
    const record::World& record_;
    bool with_steps_;
    Purpose purpose_;
    Outcome& outcome_;
    rvm_world* world_ = nullptr;
    rvm_tx_env no_env_{}; ///< whose block hashes would be asked for
    std::vector<std::uint64_t> marks_;
    Effects effects_; ///< of the open transaction
    bool executed_ = false; ///< in the open transaction
};

} // namespace

Outcome replay(Runtime& runtime, const record::Recording& recording, Purpose purpose) {
    Outcome outcome;
    const bool with_steps = record::tells_instructions(recording);
    for (const record::World& world : recording.worlds) {
        ++outcome.worlds;
        Rerun(runtime, world, with_steps, purpose, outcome).run();
        if (outcome.divergence) return outcome;
    }
    const bool counted = with_steps || recording.steps != 0; // else nothing listened to instructions when it was made
    if (purpose == Purpose::compare && counted && outcome.steps != recording.steps) {
        Divergence& divergence = outcome.divergence.emplace();
        divergence.execution = outcome.executions == 0 ? 0 : outcome.executions - 1;
        divergence.stage = "end";
        divergence.what = "number of steps";
        divergence.recorded = fmt::format("{}", recording.steps);
        divergence.replayed = fmt::format("{}", outcome.steps);
    }
    return outcome;
}

} // namespace rvm::replay
