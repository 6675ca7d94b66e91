// The undo log of one transaction: old values with pointers to the entries they belong to.
#pragma once

#include "state/account.hpp"
#include "state/limbs.hpp"
#include "state/log_book.hpp"
#include "state/slot.hpp"
#include "state/transient_table.hpp"

#include <rvm/plugin.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rvm::state {

/// What a record restores; `old` is what its comment says.
enum class Undo : std::uint64_t {
    balance,         ///< old balance
    nonce,           ///< limbs[0]: old nonce
    flags,           ///< limbs[0]: old RVM_ACCOUNT_* flags
    code_hash,       ///< old hash as bytes; written before code_object
    code_object,     ///< limbs[0..1]: old CodeObject* and CodeFormat*, limbs[2]: old visible.code_size
    generation,      ///< limbs[0]: old storage generation
    account_warm,    ///< the account was cold
    touched,         ///< the account was not touched
    credit,          ///< amount of a blind credit to a loaded account (its balance has a record of its own)
    pending_credit,  ///< amount of a blind credit to an account that was not loaded then
    slot_value,      ///< old current value
    slot_warm,       ///< the slot was cold
    slot_original,   ///< old original value; written before slot_generation
    slot_generation, ///< limbs[0]: old generation, limbs[1]: old touched_tx
    transient,       ///< old value
    log,             ///< a log was appended
};

/// Not thread-safe.
class Journal {
  public:
    void push(Undo kind, void* target, const rvm_u256& old = zero_u256) { records_.push_back({kind, target, old}); }

    /// Number of records; the mark of a snapshot.
    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }
    /// Undoes records, latest first, until `size` are left.
    void revert(std::size_t size, LogBook& logs) noexcept;
    void clear() noexcept { records_.clear(); }

  private:
    struct Record {
        Undo kind;
        void* target; // Account*, Slot* or TransientSlot*
        rvm_u256 old;
    };
    static_assert(sizeof(Record) == 48);

    std::vector<Record> records_;
};

} // namespace rvm::state
