// The logs of one transaction.
#pragma once

#include <rvm/plugin.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rvm::state {

/// Not thread-safe.
class LogBook {
  public:
    /// Copies everything. At most 4 topics. Throws std::bad_alloc and leaves the book as it was.
    void append(const rvm_address& address, std::span<const rvm_bytes32> topics, rvm_view data);
    /// Drops the last log.
    void pop() noexcept;
    void clear() noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return logs_.size(); }
    /// In order of emission; valid until the next append, pop or clear.
    [[nodiscard]] std::span<const rvm_log> view();

  private:
    std::vector<rvm_log> logs_;       // data.data is set by view(): bytes_ moves while it grows
    std::vector<std::uint8_t> bytes_; // the data of all logs, one after the other
};

} // namespace rvm::state
