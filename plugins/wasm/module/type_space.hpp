// Identity of function types across modules: equal types of linked modules get equal numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace rvm::wasm {

using TypeId = std::uint32_t;

/// A recursion group is known by its members written out, references inside the group by position, references outside
/// by TypeId. Modules that are never linked have a space each, so a space lives no longer than its modules.
/// One thread at a time.
class TypeSpace {
  public:
    /// Id of the group's first type; the others follow. `count`: types in the group.
    TypeId intern(const std::string& key, std::uint32_t count) {
        const auto [entry, is_new] = groups_.try_emplace(key, next_);
        if (is_new) next_ += count;
        return entry->second;
    }

  private:
    std::map<std::string, TypeId> groups_;
    TypeId next_ = 0;
};

} // namespace rvm::wasm
