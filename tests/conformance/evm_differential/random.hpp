// SplitMix64: the same scenarios on every machine and standard library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace rvm::differential {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// Below `bound`, which is above 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    /// True once in `times`.
    bool one_in(std::uint64_t times) { return below(times) == 0; }
    template <class T>
    const T& pick(std::span<const T> from) {
        return from[static_cast<std::size_t>(below(from.size()))];
    }
    template <class T>
    T pick(std::initializer_list<T> from) {
        return from.begin()[static_cast<std::size_t>(below(from.size()))];
    }

  private:
    std::uint64_t state_;
};

} // namespace rvm::differential
