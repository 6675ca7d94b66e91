// What a transaction, or a run of transactions, changed: sorted, self-contained, mergeable, with a digest.
#pragma once

#include <rvm/plugin.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace rvm::state {

/// A flag of rvm_account_change beside RVM_CHANGE_*, in merged sets only: the account exists neither before nor after
/// (created and removed again). It keeps merge() associative; such an account counts as unchanged.
inline constexpr std::uint32_t change_absent = 1u << 31;

/// Immutable once built. The C structs it shows point into it, and stay valid while it lives, moved or not.
class ChangeSet {
  public:
    /// Accounts ascending by address, slots ascending by key as a number. A set of one transaction lists nothing that
    /// is unchanged; a merged one may list accounts whose later changes undid the earlier ones.
    [[nodiscard]] std::span<const rvm_account_change> accounts() const noexcept { return accounts_; }
    [[nodiscard]] bool empty() const noexcept { return accounts_.empty(); }

    /// SHA-256 over the encoding that README.md of this folder documents. Accounts that are listed but unchanged do
    /// not count.
    void digest(rvm_bytes32* out) const;
    /// Appends the bytes that the digest is made of.
    void encode(std::vector<std::uint8_t>* out) const;
    /// Reads what encode() wrote; false for anything else.
    [[nodiscard]] static bool decode(rvm_view bytes, ChangeSet* out);

    /// `later` applied after `earlier`. Associative: merge(merge(a, b), c) equals merge(a, merge(b, c)).
    [[nodiscard]] static ChangeSet merge(const ChangeSet& earlier, const ChangeSet& later);

  private:
    friend class ChangeSetBuilder;
    std::vector<rvm_account_change> accounts_;
    std::vector<rvm_slot_change> slots_;
    std::vector<std::uint8_t> bytes_; // code and format ids
};

/// Collects accounts in any order. Not thread-safe.
class ChangeSetBuilder {
  public:
    /// Begins an account; `change.slots`, `slot_count`, `code` and `format` are ignored.
    void account(const rvm_account_change& change);
    /// A slot of the account begun last, in any order.
    void slot(const rvm_slot_change& change);
    /// The new code of the account begun last. An empty format is "none".
    void code(rvm_view code, std::string_view format);
    /// Sorts everything; the builder is empty afterwards.
    [[nodiscard]] ChangeSet build();

  private:
    struct Extent { // of one account, as offsets: the vectors grow
        std::size_t first_slot;
        std::size_t code, code_size;
        std::size_t format; // no_format: none
    };
    static constexpr std::size_t no_format = SIZE_MAX;

    std::vector<rvm_account_change> accounts_;
    std::vector<Extent> extents_;
    std::vector<rvm_slot_change> slots_;
    std::vector<std::uint8_t> bytes_;
};

/// Whether the entry says that anything is different afterwards.
[[nodiscard]] bool changes_anything(const rvm_account_change& change) noexcept;
/// Whether the account exists before and after the change. A delta exists before as far as anybody knows.
[[nodiscard]] bool exists_before(const rvm_account_change& change) noexcept;
[[nodiscard]] bool exists_after(const rvm_account_change& change) noexcept;

} // namespace rvm::state
