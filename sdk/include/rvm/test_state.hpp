// <rvm/test_state.hpp> -- the world of rvm/test_host.hpp: accounts, slots and logs in maps, snapshots as copies. Clear
// rather than fast; nothing of it is shared with the real host, so a plugin is not tested against its own mistakes.
#ifndef RVM_TEST_STATE_HPP
#define RVM_TEST_STATE_HPP

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::sdk::test {

using Bytes = std::vector<std::uint8_t>;
using Address = std::array<std::uint8_t, 20>;
using Word = std::array<std::uint64_t, 4>; ///< as rvm_u256: the least significant limb first

[[nodiscard]] inline Address from_c(const rvm_address& address) {
    Address result;
    std::memcpy(result.data(), address.bytes, result.size());
    return result;
}
[[nodiscard]] inline rvm_address to_c(const Address& address) {
    rvm_address result;
    std::memcpy(result.bytes, address.data(), address.size());
    return result;
}
[[nodiscard]] inline Word from_c(const rvm_u256& word) {
    return {word.limbs[0], word.limbs[1], word.limbs[2], word.limbs[3]};
}
[[nodiscard]] inline rvm_u256 to_c(const Word& word) { return {{word[0], word[1], word[2], word[3]}}; }

/// An address whose last byte is `last`, the rest zero: enough to tell test accounts apart.
[[nodiscard]] inline Address address(std::uint8_t last) {
    Address result{};
    result.back() = last;
    return result;
}

/// value >= amount
[[nodiscard]] inline bool covers(const Word& value, const Word& amount) {
    for (std::size_t i = 4; i-- > 0;) {
        if (value[i] != amount[i]) return value[i] > amount[i];
    }
    return true;
}
[[nodiscard]] inline Word plus(Word value, const Word& amount) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint64_t partial = value[i] + amount[i];
        const std::uint64_t sum = partial + carry;
        carry = (partial < value[i] || sum < partial) ? 1 : 0;
        value[i] = sum;
    }
    return value;
}
[[nodiscard]] inline Word minus(Word value, const Word& amount) {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint64_t partial = value[i] - amount[i];
        const std::uint64_t difference = partial - borrow;
        borrow = (value[i] < amount[i] || partial < borrow) ? 1 : 0;
        value[i] = difference;
    }
    return value;
}

struct Slot {
    Word current{};
    Word original{}; ///< at the start of the test: its one transaction
    bool warm = false;
};

/// What a snapshot saves of an account.
struct AccountData {
    Word balance{};
    std::uint64_t nonce = 0;
    Bytes code;
    std::string format; ///< of the code
    std::map<Word, Slot> slots;
    std::map<Word, Word> transient;
    bool exists = false;
    bool warm = false;
    bool created = false;
    bool destroyed = false;
};

struct Log {
    Address address{};
    std::vector<std::array<std::uint8_t, 32>> topics;
    Bytes data;
};

/// Accounts with stable handles, logs, snapshots.
class State {
  public:
    /// The account at `address`, not existing until something is set. The reference stays valid.
    AccountData& operator[](const Address& address) { return entry(address).data; }

    /// The handle a plugin gets; refresh() has made it current.
    [[nodiscard]] rvm_account* handle(const Address& address) { return &refresh(entry(address)).handle; }
    [[nodiscard]] AccountData& of(const rvm_account* handle) { return (*this)[from_c(handle->address)]; }
    /// Makes every handle show its account's data; the host does so before control returns to a plugin.
    void refresh() {
        for (auto& [address, account] : accounts_) {
            refresh(*account);
        }
    }

    [[nodiscard]] std::vector<Log>& logs() { return logs_; }

    /// What a write of `value` would do.
    [[nodiscard]] static rvm_slot_write describe_write(const Slot& slot, const Word& value) {
        return {change_of(slot.original, slot.current, value), slot.warm ? 0 : RVM_ACCESS_COLD, to_c(slot.original),
                to_c(slot.current)};
    }

    struct Snapshot {
        std::map<Address, AccountData> accounts;
        std::size_t log_count;
    };
    [[nodiscard]] Snapshot snapshot() const {
        Snapshot result{{}, logs_.size()};
        for (const auto& [address, account] : accounts_) {
            result.accounts[address] = account->data;
        }
        return result;
    }
    void restore(const Snapshot& snapshot) {
        for (auto& [address, account] : accounts_) {
            const auto found = snapshot.accounts.find(address);
            account->data = found == snapshot.accounts.end() ? AccountData{} : found->second;
            refresh(*account);
        }
        logs_.resize(snapshot.log_count);
    }

    [[nodiscard]] static std::uint32_t change_of(const Word& original, const Word& current, const Word& value) {
        constexpr Word zero{};
        if (current == value) return RVM_SLOT_ASSIGNED;
        if (original == current) {
            if (original == zero) return RVM_SLOT_ADDED;
            return value == zero ? RVM_SLOT_DELETED : RVM_SLOT_MODIFIED;
        }
        if (original == zero) return value == zero ? RVM_SLOT_ADDED_DELETED : RVM_SLOT_ASSIGNED;
        if (current == zero) return value == original ? RVM_SLOT_DELETED_RESTORED : RVM_SLOT_DELETED_ADDED;
        if (value == zero) return RVM_SLOT_MODIFIED_DELETED;
        return value == original ? RVM_SLOT_MODIFIED_RESTORED : RVM_SLOT_ASSIGNED;
    }

  private:
    struct Entry {
        AccountData data;
        rvm_account handle{};
        rvm_bytes32 code_hash{};
    };

    Entry& entry(const Address& address) {
        std::unique_ptr<Entry>& slot = accounts_[address];
        if (slot == nullptr) {
            slot = std::make_unique<Entry>();
            slot->handle.address = to_c(address);
        }
        return *slot;
    }

    Entry& refresh(Entry& account) {
        const AccountData& data = account.data;
        account.handle.balance = to_c(data.balance);
        account.handle.nonce = data.nonce;
        account.handle.code_size = data.code.size();
        // Not a real hash: size and first bytes are enough to tell test programs apart.
        std::memset(&account.code_hash, 0, sizeof account.code_hash);
        account.code_hash.bytes[31] = static_cast<std::uint8_t>(data.code.size());
        if (!data.code.empty()) {
            std::memcpy(account.code_hash.bytes, data.code.data(), data.code.size() < 31 ? data.code.size() : 31);
        }
        account.handle.code_hash = data.code.empty() ? nullptr : &account.code_hash;
        account.handle.flags = 0;
        if (data.exists || data.nonce != 0 || data.balance != Word{} || !data.code.empty()) {
            account.handle.flags |= RVM_ACCOUNT_EXISTS;
        }
        if (data.created) account.handle.flags |= RVM_ACCOUNT_NEW_IN_TX;
        if (data.destroyed) account.handle.flags |= RVM_ACCOUNT_DESTROYED;
        for (const auto& [key, slot] : data.slots) {
            if (slot.original != Word{}) account.handle.flags |= RVM_ACCOUNT_HAS_STORAGE;
        }
        return account;
    }

    std::map<Address, std::unique_ptr<Entry>> accounts_;
    std::vector<Log> logs_;
};

} // namespace rvm::sdk::test

#endif // RVM_TEST_STATE_HPP
