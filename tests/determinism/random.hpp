// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
#pragma once

#include <cstdint>

namespace rvm::determinism {

class Random {
  public:
    explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t next() noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// 0 to n - 1.
    std::uint64_t below(std::uint64_t n) noexcept { return next() % n; }
    bool chance(std::uint64_t one_in) noexcept { return below(one_in) == 0; }

  private:
    std::uint64_t state_;
};

} // namespace rvm::determinism
