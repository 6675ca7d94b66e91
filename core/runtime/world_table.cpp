// The host interface rvm.host.world/1: worlds for commands, ledgers, services and embedders.
#include <cstring>
#include <new>

#include "runtime/code.hpp"
#include "runtime/execution.hpp"
#include "runtime/guarded.hpp"
#include "runtime/world_info.hpp"
#include "state/memory_store.hpp"

struct rvm_changes {
    rvm::state::ChangeSet set;
};

struct rvm_world {
    explicit rvm_world(rvm::Runtime::Impl& owner) : runtime(owner) {}
    ~rvm_world() {
        execution.reset();
        state.reset();
        if (own_store != nullptr) rvm_memory_storage.close(own_store);
    }
    rvm_world(const rvm_world&) = delete;
    rvm_world& operator=(const rvm_world&) = delete;

    rvm::Runtime::Impl& runtime;
    rvm_store* own_store = nullptr; ///< RVM_WORLD_EPHEMERAL
    std::unique_ptr<rvm::state::WorldState> state;
    std::unique_ptr<rvm::runtime::Execution> execution;
    std::string trace; ///< what the tracer of the last transaction collected
};

namespace rvm::runtime {
namespace {

state::Account& entry(rvm_account* account) { return state::entry(account); }

rvm_status world_open(rvm_host_ctx* context, std::uint32_t flags, rvm_world** out, rvm_error* error) noexcept {
    *out = nullptr;
    const rvm_status status = guarded([&] {
        constexpr std::uint32_t known = RVM_WORLD_RECORD_READS | RVM_WORLD_EPHEMERAL | RVM_WORLD_CANCELLABLE;
        if ((flags & ~known) != 0) return fail(error, RVM_E_INVALID_ARGUMENT, "unknown world flags");
        Runtime::Impl& runtime = Runtime::Impl::from(context);
        auto world = std::make_unique<rvm_world>(runtime);
        const rvm_storage* engine = runtime.storage;
        rvm_store* store = nullptr;
        if ((flags & RVM_WORLD_EPHEMERAL) == 0) {
            Report report;
            if (!runtime.need_store(RuntimeOptions::Store::make, report))
                return fail(error, RVM_E_CONFIG, report.findings().front().message);
            store = runtime.store;
        } else {
            engine = &rvm_memory_storage;
            if (const rvm_status opened = engine->open(engine->self, "{}", &world->own_store, error); opened != RVM_OK)
                return opened;
            store = world->own_store;
        }
        const rvm_status opened = state::WorldState::open(*engine, *store, *runtime.codes,
                                                          flags & RVM_WORLD_RECORD_READS, &world->state, error);
        if (opened != RVM_OK) return opened;
        if ((flags & RVM_WORLD_EPHEMERAL) == 0) world->state->keep_history(runtime.manifest.storage.history);
        world->execution = std::make_unique<Execution>(runtime, *world->state, flags);
        *out = world.release();
        return RVM_OK;
    });
    if (status == RVM_E_NO_MEMORY) return fail(error, status, "out of memory");
    return status;
}

void world_close(rvm_world* world) noexcept { delete world; }

rvm_status world_tx_begin(rvm_world* world, const rvm_tx_env* env, rvm_error* error) noexcept {
    return guarded([&] {
        if (world->state->in_tx()) return fail(error, RVM_E_INVALID_ARGUMENT, "a transaction is open already");
        if (const rvm_status status = world->execution->begin_tx(env, error); status != RVM_OK) return status;
        const rvm_status status = world->state->begin_tx();
        if (status != RVM_OK) return fail(error, status, "the world cannot begin a transaction");
        world->trace.clear();
        return RVM_OK;
    });
}

void finish_trace(rvm_world* world) {
    world->trace = world->execution->tracing().text();
    world->execution->end_tx();
}

rvm_status world_tx_end(rvm_world* world, std::uint32_t flags, rvm_changes** out, rvm_error* error) noexcept {
    if (out != nullptr) *out = nullptr;
    return guarded([&] {
        auto changes = std::make_unique<rvm_changes>();
        const rvm_status status = world->state->end_tx(flags, out == nullptr ? nullptr : &changes->set);
        if (status != RVM_OK) return fail(error, status, "the transaction cannot be ended");
        finish_trace(world);
        if (out != nullptr) *out = changes.release();
        return RVM_OK;
    });
}

void world_tx_abort(rvm_world* world) noexcept {
    world->state->abort_tx();
    static_cast<void>(guarded([&] {
        finish_trace(world);
        return RVM_OK;
    }));
}

rvm_status world_warm(rvm_world* world, const rvm_address* address, const rvm_u256* keys,
                      std::uint64_t count) noexcept {
    return guarded([&] { return world->state->warm(*address, {keys, static_cast<std::size_t>(count)}); });
}

rvm_status world_account(rvm_world* world, const rvm_address* address, std::uint32_t want, rvm_account** out) noexcept {
    return guarded([&] {
        state::Account* account = nullptr;
        const rvm_status status = world->state->in_tx() ? world->execution->account(*address, want, account, nullptr)
                                                        : world->state->account(*address, want, &account, nullptr);
        *out = account == nullptr ? nullptr : &account->visible;
        return status;
    });
}

rvm_status world_code(rvm_world* world, rvm_account* account, rvm_view* out, const char** format) noexcept {
    return guarded([&] {
        const state::CodeObject* code = nullptr;
        const rvm_status status = world->state->code(entry(account), &code);
        *out = code == nullptr ? rvm_view{} : code->bytes();
        if (format != nullptr) *format = code == nullptr ? nullptr : code->format().id.c_str();
        return status;
    });
}

rvm_status world_slot(rvm_world* world, rvm_account* account, const rvm_u256* key, rvm_u256* out) noexcept {
    return guarded([&] { return world->state->slot(entry(account), *key, out); });
}

rvm_status world_set_nonce(rvm_world* world, rvm_account* account, std::uint64_t nonce) noexcept {
    return guarded([&] { return world->state->set_nonce(entry(account), nonce); });
}

rvm_status world_add_balance(rvm_world* world, rvm_account* account, const rvm_u256* amount) noexcept {
    return guarded([&] { return world->state->add_balance(entry(account), *amount); });
}

rvm_status world_credit(rvm_world* world, const rvm_address* address, const rvm_u256* amount) noexcept {
    return guarded([&] { return world->state->credit(*address, *amount); });
}

rvm_status world_sub_balance(rvm_world* world, rvm_account* account, const rvm_u256* amount) noexcept {
    return guarded([&] { return world->state->sub_balance(entry(account), *amount); });
}

rvm_status world_set_code(rvm_world* world, rvm_account* account, rvm_view code, const rvm_bytes32* hash,
                          const char* format, rvm_error* error) noexcept {
    return guarded([&] {
        if (code.size == 0) { // removes the code: no format is needed, any valid id will do
            static constexpr rvm_bytes32 none{};
            return world->state->set_code(entry(account), *world->state->codes().intern("none"), none, code);
        }
        const std::string id = format != nullptr ? format : world->runtime.manifest.pre_state_format;
        if (id.empty())
            return fail(error, RVM_E_CONFIG, "code without a format id, and the manifest names no pre_state_format");
        const rvm_status status = set_code(*world->state, entry(account), code, hash, id.c_str());
        return status == RVM_E_CONFIG ? fail(error, status, why_no_format(world->runtime, id)) : status;
    });
}

rvm_status world_set_slot(rvm_world* world, rvm_account* account, const rvm_u256* key, const rvm_u256* value) noexcept {
    return guarded([&] { return world->state->set_slot(entry(account), *key, *value); });
}

rvm_status world_touch(rvm_world* world, rvm_account* account) noexcept {
    return guarded([&] { return world->state->touch(entry(account), 0); });
}

rvm_status world_mark(rvm_world* world, std::uint64_t* out) noexcept {
    if (!world->state->in_tx()) return RVM_E_INVALID_ARGUMENT;
    *out = world->state->snapshot();
    return RVM_OK;
}

rvm_status world_rollback(rvm_world* world, std::uint64_t mark) noexcept { return world->state->revert(mark); }

rvm_status world_execute(rvm_world* world, const rvm_message* message, rvm_result* result, rvm_error* error) noexcept {
    return guarded([&] {
        if (!world->state->in_tx()) return fail(error, RVM_E_INVALID_ARGUMENT, "no transaction is open");
        return world->execution->run(*message, *result, error);
    });
}

const rvm_log* world_logs(rvm_world* world, std::uint64_t* count) noexcept {
    const auto logs = world->state->logs();
    *count = logs.size();
    return logs.data();
}

const rvm_read* world_reads(rvm_world* world, std::uint64_t* count) noexcept {
    *count = 0;
    const rvm_read* first = nullptr;
    static_cast<void>(guarded([&] {
        const auto reads = world->state->reads();
        *count = reads.size();
        first = reads.data();
        return RVM_OK;
    }));
    return first;
}

rvm_status world_touched(rvm_world* world, const rvm_address** out, std::uint64_t* count) noexcept {
    *out = nullptr;
    *count = 0;
    return guarded([&] {
        const auto touched = world->state->touched();
        *out = touched.data();
        *count = touched.size();
        return RVM_OK;
    });
}

rvm_status world_destroyed(rvm_world* world, const rvm_address** out, std::uint64_t* count) noexcept {
    const auto destroyed = world->state->destroyed();
    *out = destroyed.data();
    *count = destroyed.size();
    return RVM_OK;
}

rvm_status world_each_account(rvm_world* world, rvm_account_fn visit, void* ctx) noexcept {
    return guarded([&] { return world->state->each_account(visit, ctx); });
}

rvm_status world_each_slot(rvm_world* world, rvm_account* account, rvm_slot_fn visit, void* ctx) noexcept {
    return guarded([&] { return world->state->each_slot(entry(account), visit, ctx); });
}

rvm_status world_commit(rvm_world* world, const rvm_store_write* extra, std::uint64_t count,
                        rvm_error* error) noexcept {
    return guarded([&] {
        const std::lock_guard lock(world->runtime.commits);
        return world->state->commit({extra, static_cast<std::size_t>(count)}, error);
    });
}

void world_discard(rvm_world* world) noexcept { world->state->discard(); }

const rvm_account_change* world_changes(const rvm_changes* changes, std::uint64_t* count) noexcept {
    *count = changes->set.accounts().size();
    return changes->set.accounts().data();
}

rvm_status world_merge(const rvm_changes* earlier, const rvm_changes* later, rvm_changes** out) noexcept {
    return guarded([&] {
        *out = new rvm_changes{state::ChangeSet::merge(earlier->set, later->set)};
        return RVM_OK;
    });
}

void world_digest(const rvm_changes* changes, rvm_bytes32* out) noexcept { changes->set.digest(out); }

void world_release_changes(rvm_changes* changes) noexcept { delete changes; }

rvm_status world_trace_text(rvm_world* world, rvm_view* out) noexcept {
    return guarded([&] {
        if (world->state->in_tx()) world->trace = world->execution->tracing().text();
        *out = {reinterpret_cast<const std::uint8_t*>(world->trace.data()), world->trace.size()};
        return RVM_OK;
    });
}

rvm_status world_get(rvm_world* world, std::uint32_t keyspace, rvm_view key, rvm_view* value) noexcept {
    return guarded([&] { return world->state->get(keyspace, key, value); });
}

void world_cancel(rvm_world* world) noexcept { world->execution->cancel(); }

} // namespace

const rvm_host_world& world_table() noexcept {
    static constexpr rvm_host_world table = [] {
        rvm_host_world t{};
        t.struct_size = sizeof(rvm_host_world);
        t.open = world_open;
        t.close = world_close;
        t.tx_begin = world_tx_begin;
        t.tx_end = world_tx_end;
        t.tx_abort = world_tx_abort;
        t.warm = world_warm;
        t.account = world_account;
        t.code = world_code;
        t.slot = world_slot;
        t.set_nonce = world_set_nonce;
        t.add_balance = world_add_balance;
        t.credit = world_credit;
        t.sub_balance = world_sub_balance;
        t.set_code = world_set_code;
        t.set_slot = world_set_slot;
        t.touch = world_touch;
        t.mark = world_mark;
        t.rollback = world_rollback;
        t.execute = world_execute;
        t.logs = world_logs;
        t.reads = world_reads;
        t.each_account = world_each_account;
        t.each_slot = world_each_slot;
        t.commit = world_commit;
        t.discard = world_discard;
        t.changes = world_changes;
        t.merge = world_merge;
        t.digest = world_digest;
        t.release_changes = world_release_changes;
        t.trace_text = world_trace_text;
        t.get = world_get;
        t.cancel = world_cancel;
        t.touched = world_touched;
        t.destroyed = world_destroyed;
        return t;
    }();
    return table;
}

std::uint64_t world_height(const rvm_world* world) noexcept { return world->state->height(); }
LastRun last_run(rvm_world* world) { return world->execution->last_run(); }

} // namespace rvm::runtime
