// The work of t8n: a block's transactions over an alloc.
#pragma once

#include <functional>

#include "t8n/options.hpp"
#include "t8n/output.hpp"
#include "verbs/services.hpp"
#include "witness/witness.hpp"

namespace rvm::ledger {

/// The state before: one of the two.
struct T8nState {
    const Alloc* alloc = nullptr;
    const Witness* witness = nullptr;
};

struct T8nOutcome {
    Alloc alloc; ///< over a witness: the accounts that it names
    T8nResult result;
    Buffer body;     ///< RLP of the list of included transactions
    Witness witness; ///< when the options ask for one
};

/// Gets what the tracer collected of one transaction, with its index in the input and its hash.
using T8nTrace = std::function<void(std::size_t index, const Hash& hash, std::string_view text)>;

/// Applies what can be applied, in order; what cannot is listed as rejected. Throws FixtureError when the inputs do not
/// fit the fork or a witness is not enough, sdk::Failure for host failures.
[[nodiscard]] T8nOutcome run_t8n(const Services& services, const T8nOptions& options, const T8nState& pre,
                                 const T8nEnvironment& env, std::vector<T8nTransaction>& txs, const T8nTrace& trace);

} // namespace rvm::ledger
