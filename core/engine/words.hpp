// The words of code while it is made and for as long as it lives.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <utility>

#include "engine/context.hpp"

namespace rvm::engine {

/// A growing array of plain words: grows without being copied where the C library can, and takes an instruction's two
/// words at once. Throws std::bad_alloc.
class Words {
  public:
    Words() = default;
    Words(Words&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Words& operator=(Words&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    Words(const Words&) = delete;
    Words& operator=(const Words&) = delete;
    ~Words() { std::free(data_); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] Word* data() noexcept { return data_; }
    [[nodiscard]] const Word* data() const noexcept { return data_; }
    [[nodiscard]] const Word* begin() const noexcept { return data_; }
    [[nodiscard]] const Word* end() const noexcept { return data_ + size_; }
    Word& operator[](std::size_t at) noexcept { return data_[at]; }
    const Word& operator[](std::size_t at) const noexcept { return data_[at]; }

    void push_back(Word word) {
        if (size_ == capacity_) [[unlikely]]
            grow(size_ + 1);
        data_[size_++] = word;
    }
    void push_back(Word first, Word second) {
        if (capacity_ - size_ < 2) [[unlikely]]
            grow(size_ + 2);
        data_[size_] = first;
        data_[size_ + 1] = second;
        size_ += 2;
    }
    /// New words are zero.
    void resize(std::size_t size) {
        if (size > capacity_) grow(size);
        for (; size_ < size; ++size_)
            data_[size_] = 0;
        size_ = size;
    }
    void reserve(std::size_t capacity) {
        if (capacity > capacity_) move(capacity);
    }
    /// By a copy: the C library keeps the larger place for the next program, and would ask the system for fresh pages
    /// each time if it were made smaller.
    void shrink_to_fit() {
        if (size_ == 0 || size_ == capacity_) return;
        Words exact;
        exact.move(size_);
        exact.size_ = size_;
        std::memcpy(exact.data_, data_, size_ * sizeof(Word));
        *this = std::move(exact);
    }

  private:
    static_assert(std::is_trivially_copyable_v<Word>);

    void grow(std::size_t least) { move(least > 2 * capacity_ ? least : 2 * capacity_); }
    void move(std::size_t capacity); // throws, which run.cpp, that reads words, is compiled without

    Word* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace rvm::engine
