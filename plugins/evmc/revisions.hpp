// The rule sets of the format evmc: one for each revision that EVMC numbers.
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
    RuleSet{"evmc/frontier", Revision::frontier, 0},
    RuleSet{"evmc/homestead", Revision::homestead, 0},
    RuleSet{"evmc/eip150", Revision::tangerine_whistle, 0},
    RuleSet{"evmc/eip158", Revision::spurious_dragon, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/byzantium", Revision::byzantium, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/petersburg", Revision::petersburg, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/istanbul", Revision::istanbul, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/berlin", Revision::berlin, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/london", Revision::london, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/paris", Revision::paris, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/shanghai", Revision::shanghai, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/cancun", Revision::cancun, RVM_RULE_CREATED_NONCE_ONE},
    RuleSet{"evmc/prague", Revision::prague, RVM_RULE_CREATED_NONCE_ONE | RVM_RULE_DELEGATION},
    RuleSet{"evmc/osaka", Revision::osaka, RVM_RULE_CREATED_NONCE_ONE | RVM_RULE_DELEGATION},
};

} // namespace rvm::evmc
