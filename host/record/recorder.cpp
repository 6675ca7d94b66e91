#include "record/recorder.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string_view>

#include "record/recording_listener.hpp"
#include "runtime/env_keys.hpp"

namespace rvm::record {

namespace {

using Kind = Call::Kind;

struct AddressLess {
    bool operator()(const rvm_address& a, const rvm_address& b) const noexcept {
        return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) < 0;
    }
};
struct WordLess {
    bool operator()(const rvm_u256& a, const rvm_u256& b) const noexcept {
        for (std::size_t i = 4; i-- > 0;)
            if (a.limbs[i] != b.limbs[i]) return a.limbs[i] < b.limbs[i];
        return false;
    }
};

bool is_zero(const rvm_u256& value) { return (value.limbs[0] | value.limbs[1] | value.limbs[2] | value.limbs[3]) == 0; }

/// One world that is being recorded.
struct WorldLog {
    World record;
    rvm_host_ctx* context = nullptr;
    rvm_world* twin = nullptr; ///< at the commit the world found; nullptr for an ephemeral one
    std::map<rvm_address, std::set<rvm_u256, WordLess>, AddressLess> read;
    rvm_tx_env env{};                     ///< the caller's
    std::map<std::uint64_t, std::uint64_t> marks;
    bool in_tx = false, executed = false; ///< executed: in the open transaction
    std::size_t executions = 0;
};

} // namespace

struct Recorder::Impl {
    std::uint64_t most_steps = 0;
    std::atomic<std::uint64_t> steps{0}, kept{0};
    std::mutex mutex;
    std::map<rvm_world*, std::unique_ptr<WorldLog>> open;
    std::vector<World> done; ///< in the order they were closed

    WorldLog& of(rvm_world* world) {
        const std::lock_guard lock(mutex);
        return *open.at(world);
    }
    void finish(WorldLog& log);
    void seal_base(WorldLog& log);
};

namespace {

Recorder::Impl* active = nullptr;
const rvm_host_world* real = nullptr; // the host's table is static
rvm_host_world tapped;
const void* (*next_interface)(rvm_host_ctx*, const char*) = nullptr;
void (*next_tap)(const char*, rvm_host&) = nullptr;

/// Runs `function`, which writes down what happened; without memory for that the run has failed.
template <class Function>
rvm_status noted(rvm_status status, Function&& function) noexcept {
    try {
        function();
        return status;
    } catch (...) {
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

rvm_status open_world(rvm_host_ctx* context, std::uint32_t flags, rvm_world** out, rvm_error* error) {
    const bool ephemeral = (flags & RVM_WORLD_EPHEMERAL) != 0;
    const rvm_status status = real->open(context, ephemeral ? flags : flags | RVM_WORLD_RECORD_READS, out, error);
    if (status != RVM_OK || active == nullptr) return status;
    return noted(status, [&] {
        auto log = std::make_unique<WorldLog>();
        log->record.ephemeral = ephemeral;
        log->context = context;
        if (!ephemeral && real->open(context, 0, &log->twin, error) != RVM_OK) throw std::bad_alloc();
        const std::lock_guard lock(active->mutex);
        active->open[*out] = std::move(log);
    });
}

void close_world(rvm_world* world) {
    if (active != nullptr) {
        static_cast<void>(noted(RVM_OK, [&] {
            active->finish(active->of(world));
            const std::lock_guard lock(active->mutex);
            active->open.erase(world);
        }));
    }
    real->close(world);
}

/// Which accounts and slots the open or last transaction read.
void take_reads(WorldLog& log, rvm_world* world) {
    if (log.record.ephemeral) return;
    std::uint64_t count = 0;
    const rvm_read* reads = real->reads(world, &count);
    for (std::uint64_t i = 0; i < count; ++i) {
        auto& slots = log.read[reads[i].address];
        if ((reads[i].fields & RVM_READ_SLOT) != 0) slots.insert(reads[i].key);
    }
}

rvm_status tx_begin(rvm_world* world, const rvm_tx_env* env, rvm_error* error) {
    if (active == nullptr) return real->tx_begin(world, env, error);
    WorldLog& log = active->of(world);
    rvm_tx_env diverted{};
    diverted.struct_size = sizeof diverted;
    log.env = diverted;
    if (env != nullptr) std::memcpy(&diverted, env, std::min<std::size_t>(env->struct_size, sizeof diverted));
    diverted.struct_size = sizeof diverted;
    log.env.block_hash = diverted.block_hash;
    log.env.ctx = diverted.ctx;
    divert_block_hash(diverted, log.env);
    const rvm_status status = real->tx_begin(world, &diverted, error);
    return noted(status, [&] {
        Call& call = add(log, Kind::begin, status);
        for (std::uint64_t i = 0; i < diverted.word_count; ++i)
            if (!is_zero(diverted.words[i]))
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
    const rvm_account_change* accounts = real->changes(changes, &count);
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
    if (active == nullptr) return real->tx_end(world, flags, out, error);
    WorldLog& log = active->of(world);
    rvm_changes* changes = nullptr;
    const rvm_status status = real->tx_end(world, flags, &changes, error);
    const rvm_status result = noted(status, [&] {
        Call& call = add(log, Kind::end, status);
        call.number = flags;
        if (status != RVM_OK) return;
        log.in_tx = false;
        take_reads(log, world);
        if (!log.executed) return;
        real->digest(changes, &call.digest);
        put_changes(call, changes);
        std::uint64_t count = 0;
        const rvm_log* logs = real->logs(world, &count);
        for (std::uint64_t i = 0; i < count; ++i)
            call.logs.push_back({logs[i].address,
                                 {logs[i].topics, logs[i].topics + logs[i].topic_count},
                                 logs[i].data.size == 0 ? Bytes{} : Bytes(logs[i].data.data, logs[i].data.data + logs[i].data.size)});
    });
    if (out != nullptr)
        *out = changes;
    else if (changes != nullptr)
        real->release_changes(changes);
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
    real->tx_abort(world);
}

rvm_status warm(rvm_world* world, const rvm_address* address, const rvm_u256* keys, std::uint64_t count) {
    const rvm_status status = real->warm(world, address, keys, count);
    if (active == nullptr) return status;
    return noted(status, [&] {
        Call& call = add(active->of(world), Kind::warm, status);
        call.address = *address;
        call.keys.assign(keys, keys + count);
    });
}

rvm_status account(rvm_world* world, const rvm_address* address, std::uint32_t want, rvm_account** out) {
    const rvm_status status = real->account(world, address, want, out);
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
    const rvm_status status = real->set_nonce(world, account, nonce);
    if (active == nullptr) return status;
    return noted(status, [&] { add(active->of(world), Kind::set_nonce, status, account).number = nonce; });
}

rvm_status add_balance(rvm_world* world, rvm_account* account, const rvm_u256* amount) {
    const rvm_status status = real->add_balance(world, account, amount);
    if (active == nullptr) return status;
    return noted(status, [&] { add(active->of(world), Kind::add_balance, status, account).value = *amount; });
}

rvm_status credit(rvm_world* world, const rvm_address* address, const rvm_u256* amount) {
    const rvm_status status = real->credit(world, address, amount);
    if (active == nullptr) return status;
    return noted(status, [&] {
        Call& call = add(active->of(world), Kind::credit, status);
        call.address = *address;
        call.value = *amount;
    });
}

rvm_status sub_balance(rvm_world* world, rvm_account* account, const rvm_u256* amount) {
    const rvm_status status = real->sub_balance(world, account, amount);
    if (active == nullptr) return status;
    return noted(status, [&] { add(active->of(world), Kind::sub_balance, status, account).value = *amount; });
}

rvm_status set_code(rvm_world* world, rvm_account* account, rvm_view code, const rvm_bytes32* hash, const char* format,
                    rvm_error* error) {
    const rvm_status status = real->set_code(world, account, code, hash, format, error);
    if (active == nullptr) return status;
    return noted(status, [&] {
        Call& call = add(active->of(world), Kind::set_code, status, account);
        if (code.size != 0) call.bytes.assign(code.data, code.data + code.size);
        if (format != nullptr) call.text = format;
        if (hash != nullptr) call.hash = *hash;
    });
}

rvm_status set_slot(rvm_world* world, rvm_account* account, const rvm_u256* key, const rvm_u256* value) {
    const rvm_status status = real->set_slot(world, account, key, value);
    if (active == nullptr) return status;
    return noted(status, [&] {
        Call& call = add(active->of(world), Kind::set_slot, status, account);
        call.key = *key;
        call.value = *value;
    });
}

rvm_status touch(rvm_world* world, rvm_account* account) {
    const rvm_status status = real->touch(world, account);
    if (active == nullptr) return status;
    return noted(status, [&] { add(active->of(world), Kind::touch, status, account); });
}

rvm_status mark(rvm_world* world, std::uint64_t* out) {
    const rvm_status status = real->mark(world, out);
    if (active == nullptr || status != RVM_OK) return status;
    return noted(status, [&] {
        WorldLog& log = active->of(world);
        const std::uint64_t number = log.marks.size();
        add(log, Kind::mark, status).number = number;
        log.marks[*out] = number; // a mark that was reverted to may come again: the newest counts
    });
}

rvm_status rollback(rvm_world* world, std::uint64_t mark) {
    const rvm_status status = real->rollback(world, mark);
    if (active == nullptr) return status;
    return noted(status, [&] {
        WorldLog& log = active->of(world);
        const auto known = log.marks.find(mark);
        if (known != log.marks.end()) add(log, Kind::rollback, status).number = known->second;
    });
}

rvm_status execute(rvm_world* world, const rvm_message* message, rvm_result* result, rvm_error* error) {
    if (active == nullptr) return real->execute(world, message, result, error);
    try {
        WorldLog& log = active->of(world);
        if (!log.in_tx) return real->execute(world, message, result, error); // refused: nothing happens
        const std::uint64_t kept = active->kept.load(std::memory_order_relaxed);
        RecordingListener listener(active->most_steps - std::min(kept, active->most_steps), Hearing::current());
        Call call;
        call.kind = Kind::execute;
        call.message = Message(*message);
        const rvm_status status = [&] {
            const Hearing hearing(listener);
            return real->execute(world, message, result, error);
        }();
        try {
            listener.rethrow();
        } catch (const Failure& failed) {
            if (error != nullptr) {
                const std::string_view text = failed.what();
                const std::size_t size = std::min(text.size(), sizeof error->message - 1);
                std::memcpy(error->message, text.data(), size);
                error->message[size] = '\0';
            }
            return RVM_E_UNSUPPORTED;
        }
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
        return RVM_E_NO_MEMORY;
    }
}

rvm_status commit(rvm_world* world, const rvm_store_write* extra, std::uint64_t count, rvm_error* error) {
    const rvm_status status = real->commit(world, extra, count, error);
    if (active == nullptr || status != RVM_OK) return status;
    return noted(status, [&] { add(active->of(world), Kind::commit, status); });
}

void discard(rvm_world* world) {
    real->discard(world);
    if (active == nullptr) return;
    static_cast<void>(noted(RVM_OK, [&] {
        WorldLog& log = active->of(world);
        log.in_tx = false;
        if (log.record.ephemeral) {
            add(log, Kind::discard, RVM_OK);
            return;
        }
        active->finish(log); // it may see another commit from now on
        if (real->open(log.context, 0, &log.twin, nullptr) != RVM_OK) throw std::bad_alloc();
    }));
}

const void* tapped_interface(rvm_host_ctx* context, const char* id) {
    const void* table = next_interface(context, id);
    if (table == nullptr || std::string_view(id) != RVM_HOST_WORLD) return table;
    real = static_cast<const rvm_host_world*>(table);
    tapped = *real;
    tapped.open = open_world;
    tapped.close = close_world;
    tapped.tx_begin = tx_begin;
    tapped.tx_end = tx_end;
    tapped.tx_abort = tx_abort;
    tapped.warm = warm;
    tapped.account = account;
    tapped.set_nonce = set_nonce;
    tapped.add_balance = add_balance;
    tapped.credit = credit;
    tapped.sub_balance = sub_balance;
    tapped.set_code = set_code;
    tapped.set_slot = set_slot;
    tapped.touch = touch;
    tapped.mark = mark;
    tapped.rollback = rollback;
    tapped.execute = execute;
    tapped.commit = commit;
    tapped.discard = discard;
    return &tapped;
}

void tap(const char* plugin, rvm_host& host) {
    next_tap(plugin, host);
    next_interface = host.get_interface;
    host.get_interface = tapped_interface;
}

} // namespace

/// What the world found in the store of what its transactions read.
void Recorder::Impl::seal_base(WorldLog& log) {
    for (const auto& [address, slots] : log.read) {
        rvm_account* account = nullptr;
        if (real->account(log.twin, &address, RVM_WANT_CODE, &account) != RVM_OK) throw std::bad_alloc();
        if ((account->flags & RVM_ACCOUNT_EXISTS) == 0) continue;
        BaseAccount& base = log.record.base.emplace_back();
        base.address = address;
        base.balance = account->balance;
        base.nonce = account->nonce;
        rvm_view code{};
        const char* format = nullptr;
        if (account->code_hash != nullptr && real->code(log.twin, account, &code, &format) == RVM_OK && format != nullptr)
            base.code = {format, code.size == 0 ? Bytes{} : Bytes(code.data, code.data + code.size)};
        bool any = false;
        for (const rvm_u256& key : slots) {
            rvm_u256 value{};
            if (real->slot(log.twin, account, &key, &value) != RVM_OK) throw std::bad_alloc();
            base.slots.emplace_back(key, value);
            any = any || !is_zero(value);
        }
        if (any || (account->flags & RVM_ACCOUNT_HAS_STORAGE) == 0) continue;
        // That it has a storage at all decides whether an account can be created there.
        const rvm_slot_fn first = [](void* slots_of, const rvm_u256* key, const rvm_u256* value) -> rvm_status {
            try {
                static_cast<std::vector<std::pair<rvm_u256, rvm_u256>>*>(slots_of)->emplace_back(*key, *value);
            } catch (...) {
                return RVM_E_NO_MEMORY;
            }
            return RVM_E_CANCELLED;
        };
        static_cast<void>(real->each_slot(log.twin, account, first, &base.slots));
        std::ranges::sort(base.slots, WordLess{}, [](const auto& slot) { return slot.first; });
    }
}

void Recorder::Impl::finish(WorldLog& log) {
    if (log.executions != 0) {
        if (log.twin != nullptr) seal_base(log);
        const std::lock_guard lock(mutex);
        done.push_back(std::move(log.record));
    }
    World empty;
    empty.ephemeral = log.twin == nullptr;
    log.record = std::move(empty);
    log.read.clear();
    log.executions = 0;
    if (log.twin != nullptr) real->close(std::exchange(log.twin, nullptr));
}

Recorder::Recorder(std::uint64_t steps) : impl_(std::make_unique<Impl>()) {
    impl_->most_steps = steps;
    active = impl_.get();
}

Recorder::~Recorder() { active = nullptr; }

void Recorder::attach(RuntimeOptions& options) const {
    listen(options, impl_->most_steps != 0);
    next_tap = options.tap_host;
    options.tap_host = tap;
}

Recording Recorder::take() {
    for (auto& [world, log] : impl_->open) {
        if (log->in_tx) add(*log, Kind::abort, RVM_OK);
        impl_->finish(*log);
    }
    Recording recording;
    recording.steps = impl_->steps;
    recording.kept_steps = impl_->kept;
    recording.worlds = std::move(impl_->done);
    return recording;
}

} // namespace rvm::record
