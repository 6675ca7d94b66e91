// Recorded lives of deployed contracts, step by step: the form "rvm-contract-suite/1".
#pragma once

#include "fixtures/json.hpp"
#include "verbs/options.hpp"
#include "verbs/report.hpp"
#include "verbs/services.hpp"

namespace rvm::ledger {

[[nodiscard]] bool is_contract_suite(JsonObject document);

/// Every step (deployment, transaction, call) is one case: success, gas, return data, logs and the state it leaves; the
/// final state with its storage roots is the last. Throws FixtureError.
/// Steps named in `skips` are not run: only calls may be, which change nothing.
void run_contract_suite(const Services& services, const SkipList& skips, const std::string& file, JsonObject document,
                        Tally& tally);

} // namespace rvm::ledger
