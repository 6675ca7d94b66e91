// A growing byte buffer that is reused: contents survive growth, capacity is kept (trim() bounds it), new bytes are not
// cleared.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace rvm::runtime {

class Buffer {
  public:
    [[nodiscard]] std::uint8_t* data() const noexcept { return data_.get(); }
    [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }

    /// Room for `size` bytes; false when the system has no memory.
    [[nodiscard]] bool ensure(std::uint64_t size) noexcept {
        if (size <= capacity_) return true;
        const std::uint64_t wanted = size < 2 * capacity_ ? 2 * capacity_ : (size < kSmallest ? kSmallest : size);
        void* grown = std::realloc(data_.get(), wanted);
        if (grown == nullptr) return false;
        static_cast<void>(data_.release()); // realloc took it over
        data_.reset(static_cast<std::uint8_t*>(grown));
        capacity_ = wanted;
        return true;
    }

    /// Gives an unusually large buffer back; its contents are dead.
    void trim() noexcept {
        if (capacity_ <= kKept) return;
        data_.reset();
        capacity_ = 0;
    }

  private:
    /// What a buffer may keep for its next use. Outputs of one call chain may reach a gigabyte, one at each depth.
    static constexpr std::uint64_t kKept = 32 * 1024;
    static constexpr std::uint64_t kSmallest = 256; // most outputs are a word or two
    struct Free {
        void operator()(std::uint8_t* bytes) const noexcept { std::free(bytes); }
    };
    std::unique_ptr<std::uint8_t[], Free> data_;
    std::uint64_t capacity_ = 0;
};

} // namespace rvm::runtime
