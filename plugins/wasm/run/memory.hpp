// Linear memory: bytes that grow in place and are given back clean.
#pragma once

#include <cstdint>

#include "module/limits.hpp"
#include "module/module.hpp"

namespace rvm::wasm {

/// What an execution may use, whatever its modules declare. Part of the rules.
struct MemoryLimits {
    std::uint64_t pages = 1024;               ///< of one memory
    std::uint64_t table_elements = 1'000'000; ///< of one table
};

/// Addresses stay the same while it grows: the largest size is reserved, pages are taken when they are touched. Nothing
/// is reserved before the first page. Ranges of the usual size wait for the next memory of their thread.
class LinearMemory {
  public:
    /// Throws std::bad_alloc when the address range cannot be had. `type.minimum` must not exceed the limits.
    LinearMemory(const MemoryType& type, const MemoryLimits& limits);
    ~LinearMemory();
    LinearMemory(const LinearMemory&) = delete;
    LinearMemory& operator=(const LinearMemory&) = delete;

    /// Of a memory of no pages too: some address.
    [[nodiscard]] std::uint8_t* data() const noexcept {
        clean_ = false;
        return base_;
    }
    [[nodiscard]] std::uint64_t size() const noexcept { return pages_ * limits::page_bytes; }
    [[nodiscard]] std::uint64_t pages() const noexcept { return pages_; }
    /// As declared, the minimum being the size now: what an importer is compared with.
    [[nodiscard]] MemoryType type() const noexcept;
    /// Whether the result stays within maximum and limits.
    [[nodiscard]] bool can_grow(std::uint64_t pages) const noexcept { return pages <= most_pages_ - pages_; }
    /// Only by what can_grow() allows. The new pages are zero. False when the address range cannot be had.
    [[nodiscard]] bool grow(std::uint64_t pages) noexcept {
        if (pages != 0 && range_ == nullptr && !reserve()) return false;
        pages_ += pages;
        return true;
    }
    /// As it was at first: its first size, all zero. Finds out which pages were touched, and clears only these.
    void reset() noexcept;
    /// Whether [address, address + size) is inside.
    [[nodiscard]] bool holds(std::uint64_t address, std::uint64_t bytes) const noexcept {
        return bytes <= size() && address <= size() - bytes;
    }

  private:
    [[nodiscard]] bool reserve() noexcept;
    [[nodiscard]] std::uint64_t range_bytes() const noexcept;
    void clear(std::uint64_t bytes) noexcept;

    MemoryType type_;
    std::uint64_t most_pages_ = 0;
    std::uint64_t pages_ = 0;
    std::uint8_t* range_ = nullptr; ///< null: none yet
    std::uint8_t* base_ = nullptr;
    mutable bool clean_ = true; ///< nobody could write since it was zero
};

} // namespace rvm::wasm
