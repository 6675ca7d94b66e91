// The journaled world: accounts, slots, code, transient slots, warmth and logs over a read-only view of a store.
//
// Semantics (architecture.md, section 3):
//   - the original value of a slot is its value at transaction start, zero in an account created in the transaction;
//   - warmth and the touched, created and destroyed marks are journaled and revert; reads do not;
//   - wiping a storage gives it a new generation number; accounts are deleted at the end of the transaction;
//   - logs and transient slots revert by the same mark as everything else.
//
// The runtime's rvm.host.state/1 and rvm.host.world/1 are thin thunks to this class. Handles: `Account&` is the entry
// behind an `rvm_account*`, see entry() and Account::visible. Static frames, gas, depth and refunds are the caller's.
//
// Errors. RVM_OK; RVM_TRAP_* where a function says so, then nothing has changed; RVM_E_INVALID_ARGUMENT for a call that
// breaks a precondition, then nothing has changed either; RVM_E_IO and others from the store: the world is then usable
// only for discard() and destruction. std::bad_alloc may be thrown by everything that can grow a table; the world is
// then usable only for the same two.
//
// Threads: one at a time. Different worlds are independent; they share the CodeTable and the store.
#pragma once

#include "state/account.hpp"
#include "state/account_table.hpp"
#include "state/change_set.hpp"
#include "state/code_table.hpp"
#include "state/journal.hpp"
#include "state/log_book.hpp"
#include "state/observer.hpp"
#include "state/slab.hpp"
#include "state/store_reader.hpp"
#include "state/transient_table.hpp"

#include <rvm/plugin.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace rvm::state {

/// A point in the open transaction to go back to. Marks nest; a mark dies with its transaction or when an earlier one
/// is reverted to.
using Mark = std::uint64_t;

class WorldState {
  public:
    /// Opens a view of the store's last commit. `engine`, `store` and `codes` must outlive the world.
    /// `flags`: RVM_WORLD_RECORD_READS or 0. RVM_E_UNSUPPORTED: the store was written in another record version.
    [[nodiscard]] static rvm_status open(const rvm_storage& engine, rvm_store& store, CodeTable& codes,
                                         std::uint32_t flags, std::unique_ptr<WorldState>* out, rvm_error* error);
    ~WorldState();
    WorldState(const WorldState&) = delete;
    WorldState& operator=(const WorldState&) = delete;

    // ---- transactions -------------------------------------------------------------------------------------------

    /// RVM_E_INVALID_ARGUMENT: one is open. Logs and reads of the last one are gone.
    [[nodiscard]] rvm_status begin_tx();
    /// Removes destroyed accounts and, with RVM_TX_REMOVE_EMPTY_TOUCHED, empty touched ones (EIP-161); then *out (may
    /// be nullptr) is what the transaction changed. RVM_E_INVALID_ARGUMENT: none is open.
    [[nodiscard]] rvm_status end_tx(std::uint32_t flags, ChangeSet* out);
    /// Drops the effects of the open transaction; does nothing when none is open.
    void abort_tx() noexcept;
    [[nodiscard]] bool in_tx() const noexcept { return in_tx_; }
    /// Number of the open or last transaction of this world; 0 before the first.
    [[nodiscard]] std::uint64_t tx_number() const noexcept { return tx_; }

    /// Precondition: a transaction is open. A few instructions.
    [[nodiscard]] Mark snapshot() noexcept {
        ++epoch_;
        return make_mark();
    }
    /// Undoes everything since the mark. RVM_E_INVALID_ARGUMENT: not a mark of the open transaction, or dead.
    [[nodiscard]] rvm_status revert(Mark mark) noexcept;

    /// Logs of the open or last transaction; valid until the next log, revert or begin_tx.
    [[nodiscard]] std::span<const rvm_log> logs() { return logs_.view(); }
    /// What the open or last transaction read, ascending by address, an account's fields before its slots, slots
    /// ascending by key; empty unless opened with RVM_WORLD_RECORD_READS. Valid until the next begin_tx or reads().
    /// Reads by the world itself count (an existing balance that grows, the emptiness of a touched account, the fields
    /// that decide about a collision); values that the transaction wrote itself count once they were read before.
    [[nodiscard]] std::span<const rvm_read> reads();
    /// Accounts that the last ended transaction touched (EIP-161: written, credited, called; not what was reverted, but
    /// for a sticky touch), those removed at its end included, ascending. Empty in and after an open or dropped
    /// transaction. Valid until the next begin_tx, discard or touched().
    [[nodiscard]] std::span<const rvm_address> touched();
    /// Accounts that the last ended transaction destroyed (SELFDESTRUCT, not EIP-161), ascending. As above.
    [[nodiscard]] std::span<const rvm_address> destroyed() const noexcept { return destroyed_; }

    // ---- accounts -----------------------------------------------------------------------------------------------

    /// Handle of an account, existing or not; `want` is a set of RVM_WANT_*. *access (may be nullptr) gets
    /// RVM_ACCESS_COLD when the account was cold, also when it stays so (no RVM_WANT_WARM). With RVM_WANT_NO_COLD a
    /// cold account is not read: *out is nullptr and *access COLD | SKIPPED, whether or not it happens to be in memory.
    /// Outside a transaction everything is cold and RVM_WANT_WARM does nothing.
    [[nodiscard]] rvm_status account(const rvm_address& address, std::uint32_t want, Account** out,
                                     std::uint32_t* access) {
        Account* const found = accounts_.find(address);
        if (found != nullptr && found->loaded && is_warm(*found) && is_known(*found, want)) [[likely]] {
            *out = found;
            if (access != nullptr) *access = 0;
            return RVM_OK;
        }
        return account_slow(address, found, want, out, access);
    }
    /// Code of an account, loaded when needed; *out is nullptr when there is none. Makes visible.code_size and
    /// visible.delegate valid. Valid as long as the CodeTable.
    [[nodiscard]] rvm_status code(Account& account, const CodeObject** out) {
        if (recording_) note_account(account, RVM_WANT_CODE);
        if (account.format != nullptr && account.code == nullptr) [[unlikely]]
            if (const rvm_status status = load_code(account); status != RVM_OK) return status;
        *out = account.code;
        return RVM_OK;
    }
    /// Records fields of a handle that are about to be read; nothing without RVM_WORLD_RECORD_READS.
    void note_read(Account& account, std::uint32_t want) {
        if (recording_) note_account(account, want);
    }
    /// Declares that a program at a fixed address is there from now on (nullptr: no longer): RVM_ACCOUNT_PROGRAM and
    /// Account::program are set and the address counts as warm. Not journaled: no revert undoes it; does not read the
    /// account.
    [[nodiscard]] rvm_status set_program(const rvm_address& address, const void* program);
    /// Access list (EIP-2930): warms an address and keys of it without reading them. In a transaction.
    [[nodiscard]] rvm_status warm(const rvm_address& address, std::span<const rvm_u256> keys);
    /// Whether the account was accessed in this transaction, or is a program.
    [[nodiscard]] bool is_warm(const Account& account) const noexcept {
        return account.warm_tx == warm_epoch_ || (account.visible.flags & RVM_ACCOUNT_PROGRAM) != 0;
    }

    // Writes: all need an open transaction (else RVM_E_INVALID_ARGUMENT), are journaled, and touch the account
    // (EIP-161).

    /// Moves wei; self to self only touches. RVM_TRAP_BALANCE: not enough. The receiver's balance wraps modulo 2^256,
    /// as in every Ethereum client; a world whose total stays below 2^256 never sees it.
    [[nodiscard]] rvm_status transfer(Account& from, Account& to, const rvm_u256& amount);
    /// RVM_E_INVALID_ARGUMENT: the sum exceeds 2^256 - 1.
    [[nodiscard]] rvm_status add_balance(Account& account, const rvm_u256& amount);
    /// RVM_TRAP_BALANCE: not enough.
    [[nodiscard]] rvm_status sub_balance(Account& account, const rvm_u256& amount);
    /// A credit that does not read the account: alone in a transaction it becomes a delta of the change set. Zero does
    /// nothing (not even touch). RVM_E_INVALID_ARGUMENT: the credits of the transaction to this account exceed
    /// 2^256 - 1. That those since the last commit, and the balance with them, stay below is for the caller to know.
    [[nodiscard]] rvm_status credit(const rvm_address& address, const rvm_u256& amount);
    [[nodiscard]] rvm_status set_nonce(Account& account, std::uint64_t nonce);
    /// RVM_TRAP_NONCE: it is 2^64 - 1 already (EIP-2681).
    [[nodiscard]] rvm_status bump_nonce(Account& account);
    /// Empty code removes the code. RVM_E_IO: the table knows other code of this format with this hash.
    [[nodiscard]] rvm_status set_code(Account& account, const CodeFormat& format, const rvm_bytes32& hash,
                                      rvm_view code);
    /// EIP-161 touch; the account exists afterwards (as the yellow paper had it), and when it is empty the end of the
    /// transaction removes it again if asked to. RVM_TOUCH_STICKY: the touch survives reverts (the existence does not).
    [[nodiscard]] rvm_status touch(Account& account, std::uint32_t flags);
    /// Whether a creation at this address collides (EIP-684, EIP-7610): it has a nonce, code, or storage.
    [[nodiscard]] bool collides(Account& account);
    /// Makes the account one created in this transaction: exists, RVM_ACCOUNT_NEW_IN_TX, storage wiped, nonce as given
    /// (1 in Ethereum since EIP-161), balance kept. The caller has checked collides().
    [[nodiscard]] rvm_status create_account(Account& account, std::uint64_t nonce);
    /// SELFDESTRUCT. RVM_DESTROY_ALWAYS, or RVM_DESTROY_IF_NEW_IN_TX in an account created in this transaction: the
    /// balance moves to `heir` (is burnt when that is the account itself) and the account is marked to be removed at
    /// the end of the transaction. Else (EIP-6780) only the balance moves. *first_time (may be nullptr): this call set
    /// the mark.
    [[nodiscard]] rvm_status destroy(Account& account, Account& heir, std::uint32_t mode, bool* first_time);

    // ---- slots --------------------------------------------------------------------------------------------------

    /// Warms and reads a slot. `want`: RVM_WANT_NO_COLD (a cold slot is left alone: *access is COLD | SKIPPED, *out
    /// zero), RVM_WANT_PEEK (nothing is warmed or recorded) or 0. In a transaction. `access` may be nullptr.
    [[nodiscard]] rvm_status sload(Account& account, const rvm_u256& key, std::uint32_t want, rvm_u256* out,
                                   std::uint32_t* access) {
        const Slot* const slot = account.slots.find(accounts_.hash(), key);
        if (slot != nullptr && is_ready(account, *slot) && slot->warm_tx == tx_) [[likely]] {
            *out = slot->current;
            if (access != nullptr) *access = 0;
            return RVM_OK;
        }
        return sload_slow(account, key, want, out, access);
    }
    /// Warms and writes a slot; out->change is one of the nine RVM_SLOT_*. `want` as above; a skipped write has done
    /// nothing and says RVM_SLOT_ASSIGNED. Like any write it makes the account exist.
    [[nodiscard]] rvm_status sstore(Account& account, const rvm_u256& key, const rvm_u256& value, std::uint32_t want,
                                    rvm_slot_write* out);
    /// Reads a slot without warming it; also outside a transaction.
    [[nodiscard]] rvm_status slot(Account& account, const rvm_u256& key, rvm_u256* out);
    /// Writes a slot without warming it (pre-states, system changes).
    [[nodiscard]] rvm_status set_slot(Account& account, const rvm_u256& key, const rvm_u256& value);
    /// Transient slots (EIP-1153). In a transaction.
    void tload(const Account& account, const rvm_u256& key, rvm_u256* out) const noexcept;
    [[nodiscard]] rvm_status tstore(Account& account, const rvm_u256& key, const rvm_u256& value);
    /// RVM_E_INVALID_ARGUMENT: more than 4 topics.
    [[nodiscard]] rvm_status log(const Account& account, std::span<const rvm_bytes32> topics, rvm_view data);

    // ---- the whole world ----------------------------------------------------------------------------------------

    /// Everything of ended transactions since the last commit: equals their change sets merged, in order.
    [[nodiscard]] rvm_status changes_since_commit(ChangeSet* out);
    /// Existing accounts ascending by address, as they are now (also in an open transaction). What the callback gets
    /// dies when it returns; it must not call into the world.
    [[nodiscard]] rvm_status each_account(rvm_account_fn visit, void* ctx);
    /// Non-zero slots of an account, ascending by key as a number. As above.
    [[nodiscard]] rvm_status each_slot(const Account& account, rvm_slot_fn visit, void* ctx);
    /// Writes all ended transactions and the caller's own pairs as one atomic batch.
    /// RVM_E_RETRY: another world has committed to the store since this one's view was opened; nothing was written and
    /// discard() brings this world up to date. RVM_E_INVALID_ARGUMENT: a transaction is open, or a pair's keyspace is
    /// not a caller's. Views got from get() die.
    [[nodiscard]] rvm_status commit(std::span<const rvm_store_write> extra, rvm_error* error);
    /// Forgets everything since the last commit, the open transaction included, and reads the store anew if it has
    /// changed. After a host failure this makes the world usable again, unless the store fails still (see failure()).
    void discard() noexcept;
    /// How many commits the store had when this world last looked.
    [[nodiscard]] std::uint64_t height() const noexcept { return reader_.commits(); }
    /// How many change sets of commits the store keeps from now on, the newest included; 0 until somebody says so.
    void keep_history(std::uint64_t commits) noexcept { history_ = commits; }
    /// A value of a caller's keyspace; valid until the next commit or discard. RVM_E_NOT_FOUND is an answer.
    [[nodiscard]] rvm_status get(std::uint32_t keyspace, rvm_view key, rvm_view* value) const;
    /// RVM_OK, or the host failure that makes the world unusable.
    [[nodiscard]] rvm_status failure() const noexcept { return failure_; }

    /// State events go to `observer` (nullptr: to nobody), which must outlive its use.
    void observe(StateObserver* observer) noexcept { observer_ = observer; }
    [[nodiscard]] CodeTable& codes() noexcept { return codes_; }

  private:
    WorldState(CodeTable& codes, std::uint32_t flags) noexcept
        : codes_(codes), recording_((flags & RVM_WORLD_RECORD_READS) != 0) {}

    static constexpr std::uint64_t no_tx = UINT64_MAX;   // carried by no account
    static constexpr std::uint64_t first_generation = 1; // of accounts as the store has them; 0 is "not loaded"

    static constexpr std::uint32_t wants_code = RVM_WANT_CODE_SIZE | RVM_WANT_CODE;
    static constexpr std::uint32_t wants_fields =
        wants_code | RVM_WANT_BALANCE | RVM_WANT_NONCE | RVM_WANT_CODE_HASH | RVM_WANT_EXISTS;

    /// Whether everything in `want` is valid in a loaded account and need not be recorded.
    [[nodiscard]] bool is_known(const Account& account, std::uint32_t want) const noexcept {
        if ((want & wants_fields) == 0) return true;
        return !recording_ && ((want & wants_code) == 0 || account.code != nullptr || account.format == nullptr);
    }

    [[nodiscard]] Mark make_mark() const noexcept { return (tx_ << mark_bits) | journal_.size(); }
    static constexpr unsigned mark_bits = 40; // of a mark hold the journal's size: 2^40 records are 48 TiB

    /// Whether `current` and `original` of the slot are valid in this transaction.
    [[nodiscard]] bool is_ready(const Account& account, const Slot& slot) const noexcept {
        return slot.touched_tx == tx_ && slot.generation == account.generation;
    }

    // world_accounts.cpp
    [[nodiscard]] rvm_status account_slow(const rvm_address& address, Account* found, std::uint32_t want, Account** out,
                                          std::uint32_t* access);
    [[nodiscard]] rvm_status load_code(Account& account);
    [[nodiscard]] Account& make_account(const rvm_address& address);
    [[nodiscard]] rvm_status load(Account& account);
    [[nodiscard]] rvm_status read_image(const rvm_address& address, AccountImage* image, std::uint64_t* incarnation);
    void note_account(Account& account, std::uint32_t want);
    static void show(Account& account, const AccountImage& image) noexcept;
    [[nodiscard]] static AccountImage image_of(const Account& account) noexcept;

    // world_writes.cpp
    /// RVM_OK when a transaction is open and the world has not failed.
    [[nodiscard]] rvm_status writable() const noexcept { return in_tx_ && failure_ == RVM_OK ? RVM_OK : refusal(); }
    [[nodiscard]] rvm_status refusal() const noexcept;
    void begin_change(Account& account) {
        if (account.dirty_tx != tx_) begin_change_slow(account);
    }
    void begin_change_slow(Account& account);
    void begin_write(Account& account);
    void mark_touched(Account& account) {
        if (account.touched_tx == tx_) return;
        journal_.push(Undo::touched, &account);
        account.touched_tx = tx_;
    }
    void set_flags(Account& account, std::uint32_t flags);
    void make_exist(Account& account);
    void set_balance(Account& account, const rvm_u256& balance);
    void report(std::uint32_t kind, const Account& account, const rvm_u256& key, const rvm_u256& before,
                const rvm_u256& after) const noexcept {
        if (observer_ != nullptr) [[unlikely]]
            observe_change(kind, account, key, before, after);
    }
    void observe_change(std::uint32_t kind, const Account& account, const rvm_u256& key, const rvm_u256& before,
                        const rvm_u256& after) const noexcept;

    // world_slots.cpp
    [[nodiscard]] rvm_status sload_slow(Account& account, const rvm_u256& key, std::uint32_t want, rvm_u256* out,
                                        std::uint32_t* access);
    struct SlotPeek {
        rvm_u256 original, current;
        bool cold;
    };
    [[nodiscard]] rvm_status peek_slot(const Account& account, const rvm_u256& key, SlotPeek* out);
    [[nodiscard]] Slot& make_slot(Account& account, const rvm_u256& key);
    [[nodiscard]] rvm_status load_slot(const Account& account, Slot& slot);
    [[nodiscard]] rvm_status ready_slot(Account& account, Slot& slot);
    void write_slot(Account& account, Slot& slot, const rvm_u256& value);
    void warm_slot(Slot& slot);

    // world_tx.cpp, world_store.cpp
    void settle_removals(std::uint32_t flags);
    void remove(Account& account);
    void list_tx_change(Account& account, ChangeSetBuilder& builder);
    void list_commit_change(const Account& account, ChangeSetBuilder& builder) const;
    void settle_tx(Account& account) const noexcept;
    void close_tx() noexcept;
    void forget_ended_tx() noexcept;
    /// By the open or last transaction; of a loaded account. A credit touches without a mark.
    [[nodiscard]] bool is_touched(const Account& account) const noexcept {
        return account.touched_tx == tx_ || account.sticky_tx == tx_;
    }
    static void settle_commit(Account& account) noexcept;
    static void forget(Account& account) noexcept;
    [[nodiscard]] rvm_status refresh();
    rvm_status fail(rvm_status status) noexcept {
        failure_ = status;
        return status;
    }

    CodeTable& codes_;
    AccountTable accounts_;
    bool in_tx_ = false;
    bool recording_;
    rvm_status failure_ = RVM_OK;
    std::uint64_t tx_ = 0;             // number of the open or last transaction
    std::uint64_t warm_epoch_ = no_tx; // tx_ in a transaction, no_tx between two
    std::uint64_t epoch_ = 1;          // raised by every snapshot and revert: what was saved in it is in the journal
    std::uint64_t commit_ = 1;         // raised by every commit and discard
    std::uint64_t generation_ = first_generation; // last storage generation given out; never used twice in a world
    StateObserver* observer_ = nullptr;
    Journal journal_;
    TransientTable transient_;
    LogBook logs_;
    Slab<Account> account_slab_;
    Slab<Slot> slot_slab_;
    std::vector<Account*> tx_accounts_;    // with dirty_tx == tx_
    std::vector<Account*> ended_accounts_; // the same of the transaction that ended last
    std::vector<rvm_address> touched_;     // filled by touched()
    std::vector<rvm_address> destroyed_;   // by the transaction that ended last
    std::vector<Account*> dirty_accounts_; // with dirty_commit == commit_
    std::vector<Account*> read_accounts_;  // with read_tx == tx_
    struct SlotRead {
        const Account* account;
        const Slot* slot;
    };
    std::vector<SlotRead> read_slots_;
    std::vector<rvm_read> reads_;
    StoreReader reader_;
    std::uint64_t history_ = 0;
};

} // namespace rvm::state
