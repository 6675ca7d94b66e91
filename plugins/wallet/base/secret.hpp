// Bytes nobody else may see: locked in memory, between guard pages, wiped when they go (libsodium's guarded heap).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace rvm::wallet {

using Bytes = std::span<const std::uint8_t>;

[[nodiscard]] inline Bytes bytes_of(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Owns them; moved, never copied but by copy_of(). Each costs a few pages and system calls: few and long-lived.
class Secret {
  public:
    Secret() noexcept = default;
    /// Zeros. Throws std::bad_alloc.
    explicit Secret(std::size_t size);
    [[nodiscard]] static Secret copy_of(Bytes bytes);
    /// One after the other.
    [[nodiscard]] static Secret join(std::initializer_list<Bytes> parts);

    [[nodiscard]] std::uint8_t* data() noexcept { return data_.get(); }
    [[nodiscard]] const std::uint8_t* data() const noexcept { return data_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    operator Bytes() const noexcept { return {data_.get(), size_}; } // NOLINT: a view of itself
    [[nodiscard]] std::span<std::uint8_t> writable() noexcept { return {data_.get(), size_}; }
    [[nodiscard]] Bytes part(std::size_t offset, std::size_t size) const { return Bytes(*this).subspan(offset, size); }
    [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_.get()), size_}; }
    /// Keeps the first `size` bytes, which must not be more than there are.
    void truncate(std::size_t size) noexcept;

  private:
    struct Free {
        void operator()(std::uint8_t* data) const noexcept;
    };
    std::unique_ptr<std::uint8_t, Free> data_;
    std::size_t size_ = 0;
};

/// Equal, in a time that tells nothing of where they differ.
[[nodiscard]] bool same_secret(Bytes a, Bytes b) noexcept;

/// Random bytes of the system.
[[nodiscard]] Secret random_secret(std::size_t size);

/// Overwrites what a secret passed through.
void wipe(std::span<std::uint8_t> bytes) noexcept;

} // namespace rvm::wallet
