#include "record/recorder.hpp"

#include <algorithm>
#include <utility>

#include "record/listener.hpp"
#include "record/world_log.hpp"
#include "state/limbs.hpp"

namespace rvm::record {

/// What the world found in the store of what its transactions read.
void Recorder::Impl::seal_base(WorldLog& log) {
    for (const auto& [address, slots] : log.read) {
        rvm_account* account = nullptr;
        if (real_worlds().account(log.twin, &address, RVM_WANT_CODE, &account) != RVM_OK) throw std::bad_alloc();
        if ((account->flags & RVM_ACCOUNT_EXISTS) == 0) continue;
        BaseAccount& base = log.record.base.emplace_back();
        base.address = address;
        base.balance = account->balance;
        base.nonce = account->nonce;
        rvm_view code{};
        const char* format = nullptr;
        if (account->code_hash != nullptr && real_worlds().code(log.twin, account, &code, &format) == RVM_OK && format != nullptr)
            base.code = {format, code.size == 0 ? Bytes{} : Bytes(code.data, code.data + code.size)};
        bool any = false;
        for (const rvm_u256& key : slots) {
            rvm_u256 value{};
            if (real_worlds().slot(log.twin, account, &key, &value) != RVM_OK) throw std::bad_alloc();
            base.slots.emplace_back(key, value);
            any = any || !state::is_zero(value);
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
        static_cast<void>(real_worlds().each_slot(log.twin, account, first, &base.slots));
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
    if (log.twin != nullptr) real_worlds().close(std::exchange(log.twin, nullptr));
}

Recorder::Recorder(std::uint64_t steps) : impl_(std::make_unique<Impl>()) {
    impl_->most_steps = steps;
    set_active(impl_.get());
}

Recorder::~Recorder() { set_active(nullptr); }

void Recorder::attach(RuntimeOptions& options) const {
    listen(options, impl_->most_steps != 0);
    tap_worlds(options);
}

Recording Recorder::take() {
    for (auto& [world, log] : impl_->open) {
        if (log->in_tx) log->record.calls.emplace_back().kind = Call::Kind::abort;
        impl_->finish(*log);
    }
    if (impl_->broken) {
        Report report;
        report.error(ErrorCode::host_failed, {}, {}, "the recording is not whole: no memory, or the store could not be read again");
        throw Failure(std::move(report));
    }
    Recording recording;
    recording.steps = impl_->steps;
    recording.kept_steps = impl_->kept;
    recording.worlds = std::move(impl_->done);
    return recording;
}

} // namespace rvm::record
