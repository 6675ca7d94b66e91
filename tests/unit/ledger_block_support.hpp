// What the tests of blocks share: headers that follow each other by the rules.
#pragma once

#include "block/block.hpp"
#include "block/difficulty.hpp"
#include "block/header_rules.hpp"
#include "rules/schedule.hpp"

namespace rvm::ledger::test {

/// Empty when there is none.
inline std::string text_of(const Refusal& refusal) { return refusal ? refusal->text : std::string(); }

inline const Fork& fork(const char* name) { return *find_fork(name); }

/// A header that `child` of the same fork may follow: half full, so that fees stay.
inline Header parent_header(const Fork& fork) {
    Header header;
    header.number = 100;
    header.timestamp = 1'000'000;
    header.gas_limit = 30'000'000;
    header.gas_used = 15'000'000;
    header.difficulty = fork.has(Revision::paris) ? 0 : 2'048'000;
    if (fork.has(Revision::london)) header.base_fee = U256{1'000'000'000};
    if (fork.has(Revision::shanghai)) header.withdrawals_root = Hash{};
    if (fork.has(Revision::cancun)) {
        header.blob_gas_used = 0;
        header.excess_blob_gas = 0;
        header.parent_beacon_root = Hash{};
    }
    if (fork.has(Revision::prague)) header.requests_hash = Hash{};
    return header;
}

/// A header that follows `parent`, ten seconds later, with everything its fork wants.
inline Header child_header(const Header& parent, const Fork& parent_fork, const Fork& fork) {
    Header header = parent_header(fork);
    header.parent_hash = hash_of(parent);
    header.number = parent.number + 1;
    header.timestamp = parent.timestamp + 10;
    header.gas_limit = parent.gas_limit;
    if (fork.has(Revision::london) && !parent_fork.has(Revision::london)) header.gas_limit *= 2;
    if (!fork.has(Revision::paris)) {
        header.difficulty = expected_difficulty(fork, {parent.difficulty, parent.timestamp, parent.has_ommers()},
                                                header.number, header.timestamp);
    }
    if (fork.has(Revision::london)) header.base_fee = expected_base_fee(parent, parent_fork);
    if (fork.has(Revision::cancun)) header.excess_blob_gas = next_excess_blob_gas(parent, fork);
    return header;
}

} // namespace rvm::ledger::test
