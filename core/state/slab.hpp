// Storage with stable addresses: objects never move and live until the slab dies.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

namespace rvm::state {

/// Hands out value-initialised objects from chunks that double in size. Not thread-safe.
template <class T>
class Slab {
    static_assert(std::is_trivially_destructible_v<T>, "chunks are dropped as a whole");

  public:
    /// A fresh object. Throws std::bad_alloc.
    [[nodiscard]] T* allocate() {
        if (used_ == capacity_) grow();
        ++size_;
        return &chunks_.back()[used_++];
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Calls `visit(T&)` for every object, in the order of allocation.
    template <class Visit>
    void each(Visit&& visit) const {
        std::size_t left = size_;
        std::size_t capacity = first_chunk;
        for (const auto& chunk : chunks_) {
            const std::size_t count = left < capacity ? left : capacity;
            for (std::size_t i = 0; i < count; ++i)
                visit(chunk[i]);
            left -= count;
            capacity = next_capacity(capacity);
        }
    }

  private:
    static constexpr std::size_t first_chunk = 8;      // a world of a handful of accounts stays small
    static constexpr std::size_t largest_chunk = 1024; // bounds what a single growth step zeroes

    static constexpr std::size_t next_capacity(std::size_t capacity) noexcept {
        return capacity < largest_chunk ? capacity * 2 : capacity;
    }

    void grow() {
        const std::size_t capacity = chunks_.empty() ? first_chunk : next_capacity(capacity_);
        chunks_.reserve(chunks_.size() + 1);
        chunks_.push_back(std::make_unique<T[]>(capacity));
        capacity_ = capacity;
        used_ = 0;
    }

    std::vector<std::unique_ptr<T[]>> chunks_;
    std::size_t capacity_ = 0; // of the last chunk
    std::size_t used_ = 0;     // in the last chunk
    std::size_t size_ = 0;
};

} // namespace rvm::state
