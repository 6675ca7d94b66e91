// Which instruction made a change that is only compared when its transaction ends.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <rvm/plugin.h>

#include "replay/divergence.hpp"

namespace rvm::replay {

/// The changes of one transaction, by what they are and the value they leave: one that was taken back by a later one, or with its
/// frame, is not what a transaction ends with.
class Effects {
  public:
    /// `step`: what made it; none where instructions are not told.
    void note(const rvm_state_event& change, const std::optional<Place>& step) {
        if (step) made_.insert_or_assign(key_of(change.kind, change.address, change.key, change.after), *step);
    }
    void note_log(const std::string& text, const std::optional<Place>& step) {
        if (step) logs_.insert_or_assign(text, *step);
    }
    /// The last instruction that left `after` there, `key` being that of a slot; none: something else did.
    [[nodiscard]] std::optional<Place> find(std::uint32_t kind, const rvm_address& address, const rvm_u256& key,
                                            const rvm_u256& after) const {
        const auto found = made_.find(key_of(kind, address, key, after));
        return found == made_.end() ? std::nullopt : std::optional(found->second);
    }
    /// The last one that made a log of this text.
    [[nodiscard]] std::optional<Place> find_log(const std::string& text) const {
        const auto found = logs_.find(text);
        return found == logs_.end() ? std::nullopt : std::optional(found->second);
    }
    void clear() {
        made_.clear();
        logs_.clear();
    }

  private:
    static std::string key_of(std::uint32_t kind, const rvm_address& address, const rvm_u256& key, const rvm_u256& after) {
        std::string out(1, static_cast<char>(kind));
        out.append(reinterpret_cast<const char*>(address.bytes), sizeof address.bytes);
        out.append(reinterpret_cast<const char*>(key.limbs), sizeof key.limbs);
        return out.append(reinterpret_cast<const char*>(after.limbs), sizeof after.limbs);
    }

    std::map<std::string, Place> made_, logs_;
};

} // namespace rvm::replay
