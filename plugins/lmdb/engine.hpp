// The storage engine as the boundary sees it, and which stores of it are open.
#pragma once

#include <mutex>
#include <set>

#include <rvm/plugin.h>

#include "store.hpp"

namespace rvm::lmdb {

/// One object a plugin object; its table names it as `self`. Thread-safe.
class Engine {
  public:
    Engine() noexcept;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    [[nodiscard]] const rvm_storage& table() const noexcept { return table_; }
    /// The deployment's store; nullptr when this engine is not the deployment's.
    [[nodiscard]] Store* store();

  private:
    friend struct Thunks;
    rvm_storage table_;
    std::mutex mutex_;
    std::set<Store*> open_;
};

} // namespace rvm::lmdb
