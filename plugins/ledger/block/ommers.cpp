#include "block/ommers.hpp"

#include <algorithm>

namespace rvm::ledger {
namespace {

Refusal check_ommer(const Header& ommer, const Hash& hash, const ForkSchedule& schedule,
                    std::span<const Ancestor> ancestors) {
    const auto refused = [](const char* why) { return refuse(BlockFault::ommer, why); };
    for (const Ancestor& ancestor : ancestors) {
        if (same(ancestor.hash, hash)) return refused("is an ancestor of the block");
        const auto included = [&](const Hash& other) { return same(other, hash); };
        if (std::ranges::any_of(ancestor.ommers, included)) return refused("is an ommer of an ancestor already");
    }
    const auto parent = std::ranges::find_if(
        ancestors, [&](const Ancestor& ancestor) { return same(ancestor.hash, ommer.parent_hash); });
    if (parent == ancestors.end()) return refused("has a parent that is no recent ancestor of the block");
    if (parent == ancestors.begin()) return refused("has the same parent as the block");
    if (schedule.dao_fork()) {
        if (Refusal refusal = check_dao_extra_data(ommer, *schedule.dao_fork())) return refusal;
    }
    return check_header(ommer, schedule.at(ommer.number, ommer.timestamp, false), *parent->header, *parent->fork);
}

} // namespace

Refusal check_ommers(const Block& block, const ForkSchedule& schedule, std::span<const Ancestor> ancestors) {
    if (block.ommers.size() > max_ommers)
        return refuse(BlockFault::ommer, std::to_string(block.ommers.size()) + " ommers, at most 2 are allowed");
    std::vector<Hash> hashes;
    for (const Header& ommer : block.ommers) {
        const Hash hash = hash_of(ommer);
        const std::string which = "ommer " + std::to_string(hashes.size()) + " ";
        const auto equal = [&](const Hash& other) { return same(other, hash); };
        if (std::ranges::any_of(hashes, equal)) return refuse(BlockFault::ommer, which + "is there twice");
        if (Refusal refusal = check_ommer(ommer, hash, schedule, ancestors))
            return refuse(refusal->fault, which + refusal->text);
        hashes.push_back(hash);
    }
    return std::nullopt;
}

} // namespace rvm::ledger
