// An account as the world keeps it in memory: the entry whose visible prefix is the handle that plugins see.
#pragma once

#include "state/code_table.hpp"
#include "state/slot_table.hpp"

#include <rvm/plugin.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace rvm::state {

/// Everything of an account but its slots: what a change set compares.
struct AccountImage {
    rvm_u256 balance;
    std::uint64_t nonce;
    const CodeFormat* format; ///< nullptr: no code
    rvm_bytes32 code_hash;    ///< zero without code
    std::uint64_t generation; ///< of the storage; another number means that the storage was wiped in between
    std::uint64_t slot_count; ///< non-zero slots
    bool exists;
};

/// Lives in the world's slab: never moves, lives as long as the world. Epoch fields as in Slot.
struct alignas(64) Account {
    rvm_account visible; ///< must stay the first member: its address is the handle

    std::uint64_t warm_tx;  ///< EIP-2929
    const CodeObject* code; ///< nullptr: no code, or not loaded yet
    SlotTable slots;
    std::uint64_t generation;    ///< current storage generation; slots of other generations count as not loaded
    std::uint64_t dirty_tx;      ///< transaction in which `before` was taken
    std::uint64_t touched_tx;    ///< EIP-161; reverts
    std::uint64_t sticky_tx;     ///< EIP-161's ripemd160 exception: a touch that survives reverts
    std::uint64_t dirty_commit;  ///< commit since which the account is on the dirty list
    std::uint64_t read_tx;       ///< transaction for which `read_fields` is valid
    Slot* tx_slots;              ///< slots written in transaction `dirty_tx`
    Slot* dirty_slots;           ///< slots written since commit `dirty_commit`
    const CodeFormat* format;    ///< of the code; nullptr: no code
    const void* program;         ///< the runtime's program at this address, set with RVM_ACCOUNT_PROGRAM
    std::uint32_t active_frames; ///< frames of the running execution that entered this storage owner; the runtime's
    std::uint32_t runs;          ///< executions of its code in this world; the runtime's
    rvm_bytes32 hash;            ///< what visible.code_hash points to when there is code
    std::uint64_t slot_count;    ///< non-zero slots at the start of the transaction

    AccountImage before;       ///< at the start of transaction `dirty_tx`; valid when `loaded`
    AccountImage committed;    ///< as the store has it; valid when `loaded`
    std::uint64_t incarnation; ///< the store's number of the committed storage generation

    rvm_u256 tx_credit;        ///< blind credits of transaction `dirty_tx`, wei
    rvm_u256 pending_credit;   ///< blind credits since the last commit that `visible.balance` lacks; 0 once loaded
    rvm_u256 listed_credit;    ///< blind credits that change sets since the last commit list as deltas
    std::uint32_t read_fields; ///< RVM_WANT_* recorded in transaction `read_tx`
    bool loaded;               ///< the store was asked; everything above is valid
    bool listed_full;          ///< since the last commit: in a change set other than as a delta
    bool listed_delta_first;   ///< since the last commit: was a delta before it was anything else
    bool wiped;                ///< since the last commit: a change set said RVM_CHANGE_WIPED
    bool recoded;              ///< since the last commit: a change set said RVM_CHANGE_CODE
};
static_assert(std::is_standard_layout_v<Account> && offsetof(Account, visible) == 0,
              "a handle is the address of the entry");

/// The entry behind a handle.
[[nodiscard]] inline Account& entry(rvm_account* handle) noexcept { return *reinterpret_cast<Account*>(handle); }
[[nodiscard]] inline const Account& entry(const rvm_account* handle) noexcept {
    return *reinterpret_cast<const Account*>(handle);
}

} // namespace rvm::state
