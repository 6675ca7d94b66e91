#include "runtime/program_table.hpp"

#include <algorithm>
#include <cstring>

#include "base/bytes.hpp"
#include "plugin/registry.hpp"
#include "runtime/assigned_programs.hpp"

namespace rvm::runtime {
namespace {

bool exists_under(const rvm_program& program, const std::vector<std::string>& rules) {
    if (program.rules == nullptr) return true;
    for (const char* const* name = program.rules; *name != nullptr; ++name)
        if (std::ranges::binary_search(rules, std::string_view{*name})) return true;
    return false;
}

int compare(const rvm_address& a, const rvm_address& b) { return std::memcmp(a.bytes, b.bytes, sizeof a.bytes); }

} // namespace

const ProgramSet* ProgramTable::set_for(std::vector<std::string> rules, Report& report) {
    std::ranges::sort(rules);
    {
        const std::lock_guard lock(mutex_);
        for (const auto& set : sets_)
            if (set->rules == rules) return set.get();
    }
    auto set = std::make_unique<ProgramSet>();
    Report skipped; // a provider that was refused has been reported when the deployment was opened
    const auto found = registry_.all<rvm_program>(skipped);
    std::vector<plugin::Found<rvm_program>> active;
    for (const auto& program : found)
        if (exists_under(*program.item, rules)) active.push_back(program);
    std::ranges::sort(active, [](const auto& a, const auto& b) {
        const int order = compare(a->address, b->address);
        return order != 0 ? order < 0 : std::strcmp(a->id, b->id) < 0;
    });
    for (std::size_t i = 0; i < active.size(); ++i) {
        if (i > 0 && compare(active[i - 1]->address, active[i]->address) == 0) {
            Finding& finding = report.error(ErrorCode::contribution_collision, active[i].owner->file(), "address",
                                            "two programs share an address under the same rules");
            finding.found =
                "0x" + to_hex(active[i]->address.bytes) + " of " + active[i - 1]->id + " and " + active[i]->id;
            finding.plugin = active[i].owner->id();
            return nullptr;
        }
        set->programs.push_back(active[i].item);
    }
    for (const rvm_program& program : assigned_.programs())
        set->programs.push_back(&program);
    std::ranges::sort(set->programs,
                      [](const rvm_program* a, const rvm_program* b) { return compare(a->address, b->address) < 0; });
    set->rules = std::move(rules);
    const std::lock_guard lock(mutex_);
    for (const auto& other : sets_)
        if (other->rules == set->rules) return other.get();
    return sets_.emplace_back(std::move(set)).get();
}

} // namespace rvm::runtime
