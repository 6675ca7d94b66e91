// A key-value store of the embedding program: std::map behind rvm's storage interface.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <rvm/plugin.h>

namespace handler {

/// (keyspace, key) -> value, ascending as rvm asks for it. Outlives the runtimes that use it.
class MapStore {
  public:
    using Pairs = std::map<std::pair<std::uint32_t, std::string>, std::string>;

    /// The engine named `id`; the object and the text live as long as the store is used.
    explicit MapStore(const char* id);
    [[nodiscard]] const rvm_storage& engine() const noexcept { return engine_; }
    [[nodiscard]] std::size_t size() const;

    /// What is there now; later commits do not change it.
    [[nodiscard]] std::shared_ptr<const Pairs> snapshot() const;
    void commit(const rvm_store_write* writes, std::uint64_t count);

  private:
    mutable std::mutex lock_;
    std::shared_ptr<const Pairs> pairs_ = std::make_shared<Pairs>();
    rvm_storage engine_{};
};

} // namespace handler
