// rvm.host.world/1 with a recorder in between: every function does what the host's does, and writes down what came of it.
#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "record/recording_listener.hpp"
#include "record/tapped.hpp"
#include "record/world_log.hpp"
#include "runtime/env_keys.hpp"
#include "runtime/world_info.hpp"
#include "state/limbs.hpp"

namespace rvm::record {

namespace {

using Kind = Call::Kind;

Recorder::Impl* active = nullptr;
Tapped<rvm_host_world> host_worlds;
const void* (*next_interface)(rvm_host_ctx*, const char*) = nullptr;
void (*next_tap)(const char*, rvm_host&) = nullptr;

/// Runs `function`, which writes down what happened; without memory for that the run has failed.
template <class Function>
rvm_status noted(rvm_status status, Function&& function) noexcept {
    try {
        function();
        return status;
    } catch (...) {
        active->broken = true;
        return RVM_E_NO_MEMORY;
    }
}

Call& add(WorldLog& log, Kind kind, rvm_status status) {
    Call& call = log.record.calls.emplace_back();
    call.kind = kind;
    call.status = status;
    return call;
}

Call& add(WorldLog& log, Kind kind, rvm_status status, const rvm_account* account) {
    Call& call = add(log, kind, status);
    call.address = account->address;
    return call;
}

/// A second world at the commit that `world` found. Where another process commits in between, `world` looks again, which it
/// may: it has done nothing yet.
rvm_world* twin_of(rvm_host_ctx* context, rvm_world* world, rvm_error* error) {
    constexpr int most_attempts = 100; // each failure means that somebody else got on
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        rvm_world* twin = nullptr;
        if (host_worlds->open(context, 0, &twin, error) != RVM_OK) break;
        if (runtime::world_height(twin) == runtime::world_height(world)) return twin;
        host_worlds->close(twin);
        host_worlds->discard(world);
    }
    throw std::runtime_error("the store cannot be read a second time");
}

rvm_status open_world(rvm_host_ctx* context, std::uint32_t flags, rvm_world** out, rvm_error* error) {
    const bool ephemeral = (flags & RVM_WORLD_EPHEMERAL) != 0;
    const rvm_status status = host_worlds->open(context, ephemeral ? flags : flags | RVM_WORLD_RECORD_READS, out, error);
    if (status != RVM_OK || active == nullptr) return status;
    const rvm_status result = noted(status, [&] {
        auto log = std::make_unique<WorldLog>();
        log->record.ephemeral = ephemeral;
        log->context = context;
        if (!ephemeral) log->twin = twin_of(context, *out, error);
        const std::lock_guard lock(active->mutex);
        active->open[*out] = std::move(log);
    });
    if (result != RVM_OK) host_worlds->close(std::exchange(*out, nullptr));
    return result;
}

void close_world(rvm_world* world) {
    if (active != nullptr) {
        static_cast<void>(noted(RVM_OK, [&] {
            active->finish(active->of(world));
            const std::lock_guard lock(active->mutex);
            active->open.erase(world);
        }));
    }
    host_worlds->close(world);
}

/// Which accounts and slots the open or last transaction read.
void take_reads(WorldLog& log, rvm_world* world) {
    if (log.record.ephemeral) return;
    std::uint64_t count = 0;
    const rvm_read* reads = host_worlds->reads(world, &count);
    for (std::uint64_t i = 0; i < count; ++i) {
        auto& slots = log.read[reads[i].address];
        if ((reads[i].fields & RVM_READ_SLOT) != 0) slots.insert(reads[i].key);
    }
}

rvm_status tx_begin(rvm_world* world, const rvm_tx_env* env, rvm_error* error) {
    if (active == nullptr) return host_worlds->tx_begin(world, env, error);
    WorldLog& log = active->of(world);
    if (log.in_tx) return host_worlds->tx_begin(world, env, error); // refused: nothing happens, and the open one keeps its environment
    rvm_tx_env diverted{};
    diverted.struct_size = sizeof diverted;
    log.env = diverted;
    if (env != nullptr) std::memcpy(&diverted, env, std::min<std::size_t>(env->struct_size, sizeof diverted));
    diverted.struct_size = sizeof diverted;
    log.env.block_hash = diverted.block_hash;
    log.env.ctx = diverted.ctx;
    divert_block_hash(diverted, log.env);
    const rvm_status status = host_worlds->tx_begin(world, &diverted, error);
    return noted(status, [&] {
        Call& call = add(log, Kind::begin, status);
        const std::uint64_t words = diverted.words == nullptr || diverted.word_count > RVM_ENV_LIMIT ? 0 : diverted.word_count;
        for (std::uint64_t i = 0; i < words; ++i) // an array that was refused is not looked into
            if (!state::is_zero(diverted.words[i]))
                call.words.emplace_back(runtime::env_name(static_cast<std::uint32_t>(i)), diverted.words[i]);
        std::ranges::sort(call.words, {}, [](const auto& word) { return word.first; });
        for (const char* const* name = diverted.rules; name != nullptr && *name != nullptr; ++name)
            call.rules.emplace_back(*name);
        if (status != RVM_OK) return;
        log.in_tx = true;
        log.executed = false;
        log.marks.clear();
    });
}

void put_changes(Call& call, const rvm_changes* changes) {
    std::uint64_t count = 0;
    const rvm_account_change* accounts = host_worlds->changes(changes, &count);
    for (std::uint64_t i = 0; i < count; ++i) {
        AccountChange& change = call.changes.emplace_back();
        change.address = accounts[i].address;
        change.flags = accounts[i].flags;
        change.before = accounts[i].before;
        change.after = accounts[i].after;
        for (std::uint64_t s = 0; s < accounts[i].slot_count; ++s)
            change.slots.push_back({accounts[i].slots[s].key, accounts[i].slots[s].before, accounts[i].slots[s].after});
    }
}

rvm_status tx_end(rvm_world* world, std::uint32_t flags, rvm_changes** out, rvm_error* error) {
    if (active == nullptr) return host_worlds->tx_end(world, flags, out, error);
    WorldLog& log = active->of(world);
    if (!log.in_tx) return host_worlds->tx_end(world, flags, out, error); // refused: nothing happens
    rvm_changes* changes = nullptr;
    const rvm_status status = host_worlds->tx_end(world, flags, &changes, error);
    const rvm_status result = noted(status, [&] {
        Call& call = add(log, Kind::end, status);
        call.number = flags;
        if (status != RVM_OK) return;
        log.in_tx = false;
        take_reads(log, world);
        if (!log.executed) return;
        host_worlds->digest(changes, &call.digest);
        put_changes(call, changes);
        std::uint64_t count = 0;
        const rvm_log* logs = host_worlds->logs(world, &count);
        for (std::uint64_t i = 0; i < count; ++i)
            call.logs.push_back({logs[i].address,
                                 {logs[i].topics, logs[i].topics + logs[i].topic_count},
                                 logs[i].data.size == 0 ? Bytes{} : Bytes(logs[i].data.data, logs[i].data.data + logs[i].data.size)});
    });
    if (out != nullptr)
        *out = changes;
    else if (changes != nullptr)
        host_worlds->release_changes(changes);
    return result;
}

void tx_abort(rvm_world* world) {
    if (active != nullptr) {
        static_cast<void>(noted(RVM_OK, [&] {
            WorldLog& log = active->of(world);
            take_reads(log, world);
            if (log.in_tx) add(log, Kind::abort, RVM_OK);
            log.in_tx = false;
        }));
    }
    host_worlds->tx_abort(world);
}

rvm_status warm(rvm_world* world, const rvm_address* address, const rvm_u256* keys, std::uint64_t count) {
    const rvm_status status = host_worlds->warm(world, address, keys, count);
    if (active == nullptr) return status;
    return noted(status, [&] {
        Call& call = add(active->of(world), Kind::warm, status);
        call.address = *address;
        call.keys.assign(keys, keys + count);
    });
}

rvm_status account(rvm_world* world, const rvm_address* address, std::uint32_t want, rvm_account** out) {
    const rvm_status status = host_worlds->account(world, address, want, out);
    if (active == nullptr || (want & RVM_WANT_WARM) == 0) return status;
    return noted(status, [&] {
        WorldLog& log = active->of(world);
        if (!log.in_tx) return;
        Call& call = add(log, Kind::account, status);
        call.address = *address;
        call.number = want;
    });
}

rvm_status set_nonce(rvm_world* world, rvm_account* account, std::uint64_t nonce) {
    const rvm_status status = host_worlds->set_nonce(world, account, nonce);
    if (active == nullptr) return status;
    return noted(status, [&] { add(active->of(world), Kind::set_nonce, status, account).number = nonce; });
}

rvm_status add_balance(rvm_world* world, rvm_account* account, const rvm_u256* amount) {
    const rvm_status status = host_worlds->add_balance(world, account, amount);
    if (active == nullptr) return status;
    return noted(status, [&] { add(active->of(world), Kind::add_balance, status, account).value = *amount; });
}

rvm_status credit(rvm_world* world, const rvm_address* address, const rvm_u256* amount) {
    const rvm_status status = host_worlds->credit(world, address, amount);
    if (active == nullptr) return status;
    return noted(status, [&] {
        Call& call = add(active->of(world), Kind::credit, status);
        call.address = *address;
        call.value = *amount;
    });
}

rvm_status sub_balance(rvm_world* world, rvm_account* account, const rvm_u256* amount) {
    const rvm_status status = host_worlds->sub_balance(world, account, amount);
    if (active == nullptr) return status;
    return noted(status, [&] { add(active->of(world), Kind::sub_balance, status, account).value = *amount; });
}

rvm_status set_code(rvm_world* world, rvm_account* account, rvm_view code, const rvm_bytes32* hash, const char* format,
                    rvm_error* error) {
    const rvm_status status = host_worlds->set_code(world, account, code, hash, format, error);
    if (active == nullptr) return status;
    return noted(status, [&] {
        Call& call = add(active->of(world), Kind::set_code, status, account);
        if (code.size != 0) call.bytes.assign(code.data, code.data + code.size);
        if (format != nullptr) call.text = format;
        if (hash != nullptr) call.hash = *hash;
    });
}

rvm_status set_slot(rvm_world* world, rvm_account* account, const rvm_u256* key, const rvm_u256* value) {
    const rvm_status status = host_worlds->set_slot(world, account, key, value);
    if (active == nullptr) return status;
    return noted(status, [&] {
        Call& call = add(active->of(world), Kind::set_slot, status, account);
        call.key = *key;
        call.value = *value;
    });
}

rvm_status touch(rvm_world* world, rvm_account* account) {
    const rvm_status status = host_worlds->touch(world, account);
    if (active == nullptr) return status;
    return noted(status, [&] { add(active->of(world), Kind::touch, status, account); });
}

rvm_status mark(rvm_world* world, std::uint64_t* out) {
    const rvm_status status = host_worlds->mark(world, out);
    if (active == nullptr || status != RVM_OK) return status;
    return noted(status, [&] {
        WorldLog& log = active->of(world);
        const std::uint64_t number = log.marks.size();
        add(log, Kind::mark, status).number = number;
        log.marks[*out] = number; // a mark that was reverted to may come again: the newest counts
    });
}

rvm_status rollback(rvm_world* world, std::uint64_t mark) {
    const rvm_status status = host_worlds->rollback(world, mark);
    if (active == nullptr) return status;
    return noted(status, [&] {
        WorldLog& log = active->of(world);
        const auto known = log.marks.find(mark);
        if (known != log.marks.end()) add(log, Kind::rollback, status).number = known->second;
    });
}

rvm_status execute(rvm_world* world, const rvm_message* message, rvm_result* result, rvm_error* error) {
    if (active == nullptr) return host_worlds->execute(world, message, result, error);
    try {
        WorldLog& log = active->of(world);
        if (!log.in_tx) return host_worlds->execute(world, message, result, error); // refused: nothing happens
        const std::uint64_t kept = active->kept.load(std::memory_order_relaxed);
        RecordingListener listener(active->most_steps - std::min(kept, active->most_steps), Hearing::current());
        Call call;
        call.kind = Kind::execute;
        call.message = Message(*message);
        const rvm_status status = [&] {
            const Hearing hearing(listener);
            return host_worlds->execute(world, message, result, error);
        }();
        listener.rethrow();
        call.status = status;
        call.answer = Answer(*result);
        call.answer.status = status;
        active->steps += listener.writer().steps();
        active->kept += listener.writer().kept();
        call.events = listener.writer().take();
        log.record.calls.push_back(std::move(call));
        log.executed = true;
        ++log.executions;
        return status;
    } catch (...) {
        active->broken = true; // it may have had effects, and is not written down
        return RVM_E_NO_MEMORY;
    }
}

rvm_status commit(rvm_world* world, const rvm_store_write* extra, std::uint64_t count, rvm_error* error) {
    const rvm_status status = host_worlds->commit(world, extra, count, error);
    if (active == nullptr || status != RVM_OK) return status;
    return noted(status, [&] { add(active->of(world), Kind::commit, status); });
}

void discard(rvm_world* world) {
    host_worlds->discard(world);
    if (active == nullptr) return;
    static_cast<void>(noted(RVM_OK, [&] {
        WorldLog& log = active->of(world);
        log.in_tx = false;
        if (log.record.ephemeral) {
            add(log, Kind::discard, RVM_OK);
            return;
        }
        active->finish(log); // it may see another commit from now on
        log.twin = twin_of(log.context, world, nullptr);
    }));
}

const void* tapped_interface(rvm_host_ctx* context, const char* id) {
    const void* table = next_interface(context, id);
    if (table == nullptr || std::string_view(id) != RVM_HOST_WORLD) return table;
    return host_worlds.over(table, [](rvm_host_world& ours) {
        ours.open = open_world;
        ours.close = close_world;
        ours.tx_begin = tx_begin;
        ours.tx_end = tx_end;
        ours.tx_abort = tx_abort;
        ours.warm = warm;
        ours.account = account;
        ours.set_nonce = set_nonce;
        ours.add_balance = add_balance;
        ours.credit = credit;
        ours.sub_balance = sub_balance;
        ours.set_code = set_code;
        ours.set_slot = set_slot;
        ours.touch = touch;
        ours.mark = mark;
        ours.rollback = rollback;
        ours.execute = execute;
        ours.commit = commit;
        ours.discard = discard;
    });
}

void tap(const char* plugin, rvm_host& host) {
    next_tap(plugin, host);
    next_interface = host.get_interface;
    host.get_interface = tapped_interface;
}

} // namespace

void set_active(Recorder::Impl* recorder) noexcept { active = recorder; }

const rvm_host_world& real_worlds() noexcept { return *host_worlds; }

void tap_worlds(RuntimeOptions& options) {
    next_tap = options.tap_host;
    options.tap_host = tap;
}

} // namespace rvm::record
