// A world as naive as possible, the oracle of the property tests: whole copies for snapshots, ordered maps, no epochs,
// no journal, no laziness. Written from the specification (architecture.md section 3, world_state.hpp), not from the
// code.
#pragma once

#include "base/bytes.hpp"

#include <rvm/plugin.h>

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace rvm::state::model {

using Number = boost::multiprecision::uint256_t; // wraps modulo 2^256

inline rvm_u256 limbs(const Number& value) {
    rvm_u256 out{};
    for (unsigned i = 0; i < 4; ++i)
        out.limbs[i] = static_cast<std::uint64_t>((value >> (64 * i)) & Number(UINT64_MAX));
    return out;
}

inline Number number(const rvm_u256& value) {
    Number out = 0;
    for (unsigned i = 4; i-- > 0;)
        out = (out << 64) | Number(value.limbs[i]);
    return out;
}

struct Address {
    std::array<std::uint8_t, 20> bytes{};
    auto operator<=>(const Address&) const = default;
    [[nodiscard]] rvm_address c() const {
        rvm_address out;
        std::copy(bytes.begin(), bytes.end(), out.bytes);
        return out;
    }
    static Address of(const rvm_address& address) {
        Address out;
        std::copy(std::begin(address.bytes), std::end(address.bytes), out.bytes.begin());
        return out;
    }
};

struct Code {
    std::string format; // empty: none
    std::string hash;   // 32 bytes; zero without code
    std::string bytes;
    bool operator==(const Code&) const = default;
};

inline Code no_code() { return {"", std::string(32, '\0'), ""}; }

struct Account {
    Number balance = 0;
    std::uint64_t nonce = 0;
    Code code = no_code();
    std::map<Number, Number> slots; // non-zero ones
    bool operator==(const Account&) const = default;
    [[nodiscard]] bool empty() const { return balance == 0 && nonce == 0 && code.format.empty(); }
    [[nodiscard]] Number slot(const Number& key) const {
        const auto found = slots.find(key);
        return found == slots.end() ? Number(0) : found->second;
    }
};

inline void PrintTo(const Account& a, std::ostream* out) {
    *out << "balance " << a.balance << " nonce " << a.nonce << " code " << a.code.format << ":" << a.code.bytes;
    for (const auto& [key, value] : a.slots)
        *out << " [" << key << "] " << value;
}

using Accounts = std::map<Address, Account>; // existing ones
using SlotId = std::pair<Address, Number>;

struct Log {
    Address address;
    std::vector<std::string> topics;
    std::string data;
    bool operator==(const Log&) const = default;
};

struct SlotChange {
    Number key, before, after;
    bool operator==(const SlotChange&) const = default;
};

struct Change {
    Address address;
    std::uint32_t flags = 0;
    Number balance_before = 0, balance_after = 0;
    std::uint64_t nonce_before = 0, nonce_after = 0;
    std::string hash_before, hash_after;
    std::vector<SlotChange> slots;
    std::string code, format;
    bool operator==(const Change&) const = default;
};

/// For the messages of failing tests.
inline void PrintTo(const Change& c, std::ostream* out) {
    *out << "account " << int{c.address.bytes[19]} << " flags " << c.flags << " balance " << c.balance_before << "->"
         << c.balance_after << " nonce " << c.nonce_before << "->" << c.nonce_after << " code " << c.hash_before[0]
         << "->" << c.hash_after[0] << " " << c.format << ":" << c.code;
    for (const SlotChange& slot : c.slots)
        *out << " [" << slot.key << "] " << slot.before << "->" << slot.after;
}

/// All that a revert brings back.
struct Reversible {
    Accounts accounts;
    std::set<Address> warm, touched, created, destroyed, wiped;
    std::set<SlotId> warm_slots;
    std::map<SlotId, Number> transient;
    std::map<Address, Number> credits;
    std::vector<Log> logs;
};

class World {
  public:
    Reversible now;
    Accounts start; // of the open transaction
    Accounts committed;
    std::set<Address> sticky;
    std::set<Address> programs;
    std::map<Address, std::uint32_t> read_fields;
    std::set<SlotId> read_slots;
    std::set<Address> ended_touched, ended_destroyed; // by the transaction that ended last
    bool in_tx = false;

    [[nodiscard]] Account account(const Address& a) const {
        const auto found = now.accounts.find(a);
        return found == now.accounts.end() ? Account{} : found->second;
    }
    [[nodiscard]] bool exists(const Address& a) const { return now.accounts.count(a) != 0; }
    [[nodiscard]] bool is_warm(const Address& a) const {
        return in_tx ? now.warm.count(a) != 0 || programs.count(a) != 0 : programs.count(a) != 0;
    }
    [[nodiscard]] bool has_storage(const Address& a) const {
        const Accounts& at = in_tx ? start : now.accounts;
        const auto found = at.find(a);
        return found != at.end() && !found->second.slots.empty();
    }
    [[nodiscard]] std::uint32_t flags(const Address& a) const {
        return (exists(a) ? RVM_ACCOUNT_EXISTS : 0u) | (now.created.count(a) ? RVM_ACCOUNT_NEW_IN_TX : 0u) |
               (has_storage(a) ? RVM_ACCOUNT_HAS_STORAGE : 0u) | (programs.count(a) ? RVM_ACCOUNT_PROGRAM : 0u) |
               (now.destroyed.count(a) ? RVM_ACCOUNT_DESTROYED : 0u);
    }
    [[nodiscard]] Number original(const Address& a, const Number& key) const {
        if (now.wiped.count(a) != 0) return 0;
        const auto found = start.find(a);
        return found == start.end() ? Number(0) : found->second.slot(key);
    }

    void note(const Address& a, std::uint32_t want) {
        want &= RVM_WANT_CODE_SIZE | RVM_WANT_CODE | RVM_WANT_BALANCE | RVM_WANT_NONCE | RVM_WANT_CODE_HASH |
                RVM_WANT_EXISTS;
        if (in_tx && want != 0) read_fields[a] |= want;
    }
    void note_slot(const Address& a, const Number& key) {
        if (in_tx && now.wiped.count(a) == 0) read_slots.insert({a, key});
    }

    void begin_tx() {
        start = now.accounts;
        clear_tx();
        now.logs.clear();
        read_fields.clear();
        read_slots.clear();
        in_tx = true;
    }

    /// Cold flag of an access that warms if `warms`.
    bool access(const Address& a, bool warms) {
        const bool cold = !is_warm(a);
        if (warms && in_tx) now.warm.insert(a);
        return cold;
    }

    void write(const Address& a) {
        now.touched.insert(a);
        note(a, RVM_WANT_EXISTS);
    }
    Account& make(const Address& a) { return now.accounts[a]; }

    bool transfer(const Address& from, const Address& to, const Number& amount) {
        note(from, RVM_WANT_BALANCE);
        note(to, RVM_WANT_BALANCE);
        if (account(from).balance < amount) return false;
        write(from);
        write(to);
        make(to);
        if (amount == 0 || from == to) return true;
        make(from).balance -= amount;
        make(to).balance += amount;
        return true;
    }

    void create(const Address& a, std::uint64_t nonce) {
        write(a);
        Account& account = make(a);
        account.nonce = nonce;
        account.slots.clear();
        now.created.insert(a);
        now.wiped.insert(a);
    }

    bool destroy(const Address& a, const Address& heir, std::uint32_t mode) {
        const bool marks = mode == RVM_DESTROY_ALWAYS || now.created.count(a) != 0;
        transfer(a, heir, account(a).balance);
        if (!marks) return false;
        if (exists(a)) make(a).balance = 0;
        return now.destroyed.insert(a).second;
    }

    /// EVMC's table, entry by entry.
    static std::uint32_t change_of(const Number& o, const Number& c, const Number& v) {
        if (o == c && c == 0 && v != 0) return RVM_SLOT_ADDED;
        if (o == c && c != 0 && v == 0) return RVM_SLOT_DELETED;
        if (o == c && c != 0 && v != 0 && v != c) return RVM_SLOT_MODIFIED;
        if (o != 0 && c == 0 && v != 0 && v != o) return RVM_SLOT_DELETED_ADDED;
        if (o != 0 && c != 0 && c != o && v == 0) return RVM_SLOT_MODIFIED_DELETED;
        if (o != 0 && c == 0 && v == o) return RVM_SLOT_DELETED_RESTORED;
        if (o == 0 && c != 0 && v == 0) return RVM_SLOT_ADDED_DELETED;
        if (o != 0 && c != 0 && c != o && v == o) return RVM_SLOT_MODIFIED_RESTORED;
        return RVM_SLOT_ASSIGNED;
    }

    void set_slot(const Address& a, const Number& key, const Number& value) {
        if (account(a).slot(key) == value) return;
        write(a);
        Account& account = make(a);
        if (value == 0)
            account.slots.erase(key);
        else
            account.slots[key] = value;
    }

    /// Ends the transaction; what it changed.
    std::vector<Change> end_tx(bool remove_empty) {
        ended_destroyed = now.destroyed;
        ended_touched = now.touched;
        ended_touched.insert(sticky.begin(), sticky.end());
        for (const auto& [a, amount] : now.credits)
            if (amount != 0) ended_touched.insert(a);
        std::set<Address> gone = now.destroyed;
        if (remove_empty)
            for (const Address& a : ended_touched)
                if (exists(a) && account(a).empty()) gone.insert(a);
        for (const Address& a : gone) {
            now.accounts.erase(a);
            now.wiped.insert(a);
            now.credits.erase(a);
        }
        std::set<Address> all;
        for (const auto& [a, unused] : start)
            all.insert(a);
        for (const auto& [a, unused] : now.accounts)
            all.insert(a);
        std::vector<Change> changes;
        for (const Address& a : all)
            if (auto change = difference(a)) changes.push_back(*change);
        clear_tx();
        in_tx = false;
        return changes;
    }

    void abort_tx() {
        now.accounts = start;
        clear_tx();
        now.logs.clear();
        in_tx = false;
    }

    void discard() {
        if (in_tx) abort_tx();
        now.accounts = committed;
    }

  private:
    void clear_tx() {
        now.warm.clear();
        now.touched.clear();
        now.created.clear();
        now.destroyed.clear();
        now.wiped.clear();
        now.warm_slots.clear();
        now.transient.clear();
        now.credits.clear();
        sticky.clear();
    }

    [[nodiscard]] std::optional<Change> difference(const Address& a) const {
        const bool before_exists = start.count(a) != 0;
        const bool after_exists = exists(a);
        const Account before = before_exists ? start.at(a) : Account{};
        const Account after = account(a);
        const bool wiped = now.wiped.count(a) != 0 && !before.slots.empty();
        Change change;
        change.address = a;
        std::map<Number, Number> base = before.slots; // what the slots are compared with
        if (now.wiped.count(a) != 0) base.clear();
        std::set<Number> keys;
        for (const auto& [key, unused] : base)
            keys.insert(key);
        for (const auto& [key, unused] : after.slots)
            keys.insert(key);
        for (const Number& key : keys) {
            const Number old = base.count(key) ? base.at(key) : Number(0);
            if (old != after.slot(key)) change.slots.push_back({key, old, after.slot(key)});
        }
        const Number credit = now.credits.count(a) ? now.credits.at(a) : Number(0);
        Account uncredited = after;
        uncredited.balance -= credit;
        const bool same = change.slots.empty() && !wiped && uncredited.balance == before.balance &&
                          uncredited.nonce == before.nonce && uncredited.code == before.code;
        if (same && credit != 0 && after_exists) {
            change.flags = RVM_CHANGE_DELTA;
            change.hash_before = change.hash_after = no_code().hash;
            change.balance_after = credit;
            return change;
        }
        if (same && before_exists == after_exists) return std::nullopt;
        change.flags = (before_exists ? 0u : RVM_CHANGE_CREATED) | (after_exists ? 0u : RVM_CHANGE_REMOVED) |
                       (wiped ? RVM_CHANGE_WIPED : 0u) | (before.code == after.code ? 0u : RVM_CHANGE_CODE);
        change.balance_before = before.balance;
        change.balance_after = after.balance;
        change.nonce_before = before.nonce;
        change.nonce_after = after.nonce;
        change.hash_before = before.code.hash;
        change.hash_after = after.code.hash;
        if (before.code != after.code) {
            change.code = after.code.bytes;
            change.format = after.code.format;
        }
        return change;
    }
};

// ---- change sets ----------------------------------------------------------------------------------------------------

inline std::string text(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }

/// A change as the C structs show it.
inline Change of(const rvm_account_change& c) {
    Change out;
    out.address = Address::of(c.address);
    out.flags = c.flags;
    out.balance_before = number(c.before.balance);
    out.balance_after = number(c.after.balance);
    out.nonce_before = c.before.nonce;
    out.nonce_after = c.after.nonce;
    out.hash_before = text(c.before.code_hash.bytes, 32);
    out.hash_after = text(c.after.code_hash.bytes, 32);
    for (std::uint64_t i = 0; i < c.slot_count; ++i)
        out.slots.push_back({number(c.slots[i].key), number(c.slots[i].before), number(c.slots[i].after)});
    out.code = text(c.code.data, c.code.size);
    out.format = c.format != nullptr ? c.format : "";
    return out;
}

/// The documented encoding of the digest, once more.
inline std::string digest(const std::vector<Change>& changes) {
    constexpr std::uint32_t absent = 1u << 31;
    Bytes out;
    const auto append = [&](const std::string& s) { out.insert(out.end(), s.begin(), s.end()); };
    const auto append_number = [&](const Number& value, unsigned size) {
        for (unsigned i = size; i-- > 0;)
            out.push_back(static_cast<std::uint8_t>((value >> (8 * i)) & 0xff));
    };
    const auto counts = [](const Change& c) {
        if ((c.flags & absent) != 0) return false;
        return c.flags != 0 || !c.slots.empty() || c.balance_before != c.balance_after ||
               c.nonce_before != c.nonce_after || c.hash_before != c.hash_after;
    };
    append("rvm change set 1\n");
    append_number(std::count_if(changes.begin(), changes.end(), counts), 8);
    for (const Change& c : changes) {
        if (!counts(c)) continue;
        append(text(c.address.bytes.data(), 20));
        append_number(c.flags, 8);
        append_number(c.nonce_before, 8);
        append_number(c.balance_before, 32);
        append(c.hash_before);
        append_number(c.nonce_after, 8);
        append_number(c.balance_after, 32);
        append(c.hash_after);
        append_number(c.slots.size(), 8);
        for (const SlotChange& slot : c.slots) {
            append_number(slot.key, 32);
            append_number(slot.before, 32);
            append_number(slot.after, 32);
        }
        if ((c.flags & RVM_CHANGE_CODE) == 0) continue;
        append_number(c.format.size(), 8);
        append(c.format);
        append_number(c.code.size(), 8);
        append(c.code);
    }
    const Bytes hash = sha256(out);
    return text(hash.data(), hash.size());
}

/// Applies a change set to a state, as its documentation reads.
inline void apply(Accounts& accounts, const std::vector<Change>& changes) {
    constexpr std::uint32_t absent = 1u << 31;
    for (const Change& c : changes) {
        if ((c.flags & absent) != 0) continue;
        if ((c.flags & RVM_CHANGE_REMOVED) != 0) {
            accounts.erase(c.address);
            continue;
        }
        Account& account = accounts[c.address];
        if ((c.flags & RVM_CHANGE_DELTA) != 0) {
            account.balance += c.balance_after;
            continue;
        }
        account.balance = c.balance_after;
        account.nonce = c.nonce_after;
        if ((c.flags & RVM_CHANGE_WIPED) != 0) account.slots.clear();
        for (const SlotChange& slot : c.slots) {
            if (slot.after == 0)
                account.slots.erase(slot.key);
            else
                account.slots[slot.key] = slot.after;
        }
        if ((c.flags & RVM_CHANGE_CODE) != 0)
            account.code = c.format.empty() ? no_code() : Code{c.format, c.hash_after, c.code};
    }
}

} // namespace rvm::state::model
