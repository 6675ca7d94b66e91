// Rule overlays: a deployment changes costs and limits of rule sets, for research on chains of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schedule.hpp"

namespace rvm::evm {

/// One entry of /plugins/N/config/overlay (config.schema.json).
struct Overlay {
    std::string rules;                ///< "evm/osaka"
    std::vector<std::string> changes; ///< "NAME=NUMBER"
};

/// The overlays of a configuration that satisfies the schema. Throws sdk::Failure for text that does not; std::bad_alloc.
[[nodiscard]] std::vector<Overlay> parse_overlays(std::string_view json);

/// Applies overlays in their order. A change names an opcode of the rule set (its static gas), a price or limit of
/// Schedule, or one of the four numbers that storage is priced by (sstore_noop, sstore_set, sstore_reset,
/// sstore_clear; net metering only). JUMP and JUMPI keep a price: a loop must end. Throws sdk::Failure, naming the
/// entry, for a name that is unknown under these rules and a number that is out of range.
void apply_overlays(const std::vector<Overlay>& overlays, Schedules& schedules);

} // namespace rvm::evm
