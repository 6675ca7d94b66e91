// The rule sets of the format: one for each revision that EVMC numbers. RVM_EVMC_FORMAT is its id, set by the build.
#pragma once

#include <array>
#include <cstdint>

#include <rvm/plugin.h>

#include "evmc_abi.h"

namespace rvm::evmc {

struct RuleSet {
    const char* name;
    Revision revision;
    std::uint32_t flags; ///< RVM_RULE_*
};

/// In order of time; the last is the default. EVMC has no Constantinople: its EIP-1283 was never live on the main
/// network.
inline constexpr std::array rule_sets{
    RuleSet{RVM_EVMC_FORMAT "/frontier", Revision::frontier, 0},
    RuleSet{RVM_EVMC_FORMAT "/homestead", Revision::homestead, 0},
    RuleSet{RVM_EVMC_FORMAT "/eip150", Revision::tangerine_whistle, 0},
    RuleSet{RVM_EVMC_FORMAT "/eip158", Revision::spurious_dragon, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/byzantium", Revision::byzantium, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/petersburg", Revision::petersburg, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/istanbul", Revision::istanbul, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/berlin", Revision::berlin, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/london", Revision::london, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/paris", Revision::paris, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/shanghai", Revision::shanghai, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/cancun", Revision::cancun, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{RVM_EVMC_FORMAT "/prague", Revision::prague, RVM_RULE_CREATED_NONCE_ONE | RVM_RULE_DELEGATION},
    RuleSet{RVM_EVMC_FORMAT "/osaka", Revision::osaka, RVM_RULE_CREATED_NONCE_ONE | RVM_RULE_DELEGATION},
};

} // namespace rvm::evmc
