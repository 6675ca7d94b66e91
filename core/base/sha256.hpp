// SHA-256 (FIPS 180-4) over pieces: change set digests and plugin files. For one piece at hand: rvm::sha256 (bytes.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace rvm {

/// One hash in the making. Copyable; not to be used by two threads at once.
class Sha256 {
  public:
    static constexpr std::size_t digest_size = 32;

    Sha256() noexcept;
    /// `data` may be null when `size` is 0.
    void update(const void* data, std::size_t size) noexcept;
    /// Writes digest_size bytes. Nothing may be added afterwards.
    void finish(std::uint8_t* digest) noexcept;

  private:
    alignas(8) std::byte state_[112]; ///< the library's own type, whose header is not to spread
};

} // namespace rvm
