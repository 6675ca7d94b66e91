// The revisions of Ethereum's execution layer and the rule sets named after them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rvm::forks {

/// In order: a later one compares greater.
enum class Revision : std::uint8_t {
#define REVISION(name) name,
#include "forks/revisions.def"
#undef REVISION
};

/// Rule sets of the format `evm` by revision, as rvm_format.rules wants them: ended by NULL, the last is the default.
inline constexpr std::array evm_rule_sets = {
#define REVISION(name) "evm/" #name,
#include "forks/revisions.def"
#undef REVISION
    static_cast<const char*>(nullptr)};

inline constexpr std::size_t revision_count = evm_rule_sets.size() - 1;
inline constexpr Revision newest_revision{revision_count - 1};

/// "evm/cancun"
[[nodiscard]] constexpr const char* evm_rules(Revision revision) noexcept {
    return evm_rule_sets[static_cast<std::size_t>(revision)];
}

} // namespace rvm::forks
