// Block hashes by number, on one branch: what BLOCKHASH asks for.
#pragma once

#include <vector>

#include "block/header.hpp"

namespace rvm::ledger {

/// Walks back from a block as far as it was asked to. `Find` gives the header of a hash: const Header*, nullptr when it
/// is not known.
template <class Find>
class BranchHashes {
  public:
    BranchHashes(const Header& header, Find find)
        : next_(header.parent_hash), next_number_(header.number), find_(find) {}

    /// For rvm_tx_env.
    static std::uint32_t lookup(void* self, std::uint64_t number, rvm_bytes32* out) {
        return static_cast<BranchHashes*>(self)->get(number, *out) ? 1 : 0;
    }

    /// The blocks that were looked at: the parent, its parent, ...
    [[nodiscard]] const std::vector<Hash>& walked() const noexcept { return hashes_; }

  private:
    bool get(std::uint64_t number, Hash& out) {
        while (next_number_ > number) {
            const Header* header = find_(next_);
            if (header == nullptr) return false;
            hashes_.push_back(next_);
            next_ = header->parent_hash;
            next_number_ = header->number;
        }
        const std::uint64_t newest = next_number_ + hashes_.size() - 1;
        if (hashes_.empty() || number > newest) return false;
        out = hashes_[static_cast<std::size_t>(newest - number)];
        return true;
    }

    std::vector<Hash> hashes_;
    Hash next_;                 ///< of the block before those
    std::uint64_t next_number_; ///< number of the oldest of those; of the block itself while there are none
    Find find_;
};

} // namespace rvm::ledger
