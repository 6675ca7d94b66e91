// A persistent ordered map of byte strings: copies share nodes, a write copies the path to its node.
#pragma once

#include <rvm/plugin.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace rvm::state {

/// A treap (Seidel, Aragon 1996): a search tree by key that is a heap by a random priority, so its expected depth is
/// logarithmic whatever the order of writes. Copying is one reference count. Copies may be used by different threads at
/// once; one copy by one thread.
class MemoryTree {
  public:
    struct Node;
    using Link = std::shared_ptr<const Node>;

    /// Valid while this copy, or another that shares the node, lives.
    [[nodiscard]] bool find(rvm_view key, rvm_view* value) const noexcept;
    /// Inserts or replaces. Throws std::bad_alloc and leaves the map as it was.
    void put(rvm_view key, rvm_view value);
    /// Does nothing when the key is not there. Throws std::bad_alloc and leaves the map as it was.
    void erase(rvm_view key);

    /// Ascending by unsigned bytes, a prefix before what it begins. The tree's copy must outlive it.
    class Cursor {
      public:
        /// At the first key that is not less than `from`.
        Cursor(const MemoryTree& tree, rvm_view from);
        /// False at the end.
        [[nodiscard]] bool next(rvm_view* key, rvm_view* value);

      private:
        std::vector<const Node*> path_; // nodes still to be visited, the next one last
    };

  private:
    Link root_;
};

} // namespace rvm::state
