// The rule sets, oldest first. A frame's `rules` is an index into this list.
#pragma once

#include "forks/revision.hpp"

namespace rvm::evm {

using Rules = forks::Revision;
inline constexpr std::size_t kRuleSets = forks::revision_count;
inline constexpr Rules kNewest = forks::newest_revision;

/// Names as rvm_format.rules wants them: ended by NULL, the last is the default.
inline constexpr const auto& kRuleNames = forks::evm_rule_sets;

} // namespace rvm::evm
