// Values that are drawn for properties and invariants, and smaller ones to explain a failure with.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "testing/suite.hpp"

namespace rvm::host::testing {

/// What was drawn for one piece; which member counts depends on the piece's kind.
struct Drawn {
    rvm_u256 number{};
    Bytes bytes;
    std::size_t account = 0; ///< index of a named account
    [[nodiscard]] bool operator==(const Drawn& other) const noexcept;
};
/// One for each piece of a call; those of pieces that are not drawn are unused.
using Arguments = std::vector<Drawn>;

/// A call with what was drawn for it: what `argument` pieces elsewhere mean.
struct Drawing {
    const Call* call = nullptr; ///< nullptr: nothing was drawn
    Arguments values;
};

/// Draws from a seed: the same values on every machine. A quarter of the numbers lie at the ends of their range or at
/// powers of two, where programs break.
class Generator {
  public:
    /// `accounts`: how many named accounts there are.
    Generator(std::uint64_t seed, std::size_t accounts) : bits_(seed), accounts_(accounts) {}

    [[nodiscard]] Arguments draw(const Call& call);
    [[nodiscard]] std::size_t below(std::size_t bound); ///< 0 when `bound` is 0

  private:
    [[nodiscard]] rvm_u256 number(const rvm_u256& least, const rvm_u256& most);

    std::mt19937_64 bits_; // specified to the bit by the standard, unlike its distributions
    std::size_t accounts_;
};

/// Simpler values to try in place of `value`, the simplest first; none of them equals it.
[[nodiscard]] std::vector<Drawn> simpler(const Piece& piece, const Drawn& value);

/// "3, 0x00ff, alice": the drawn arguments as a message shows them.
[[nodiscard]] std::string shown(const Call& call, const Arguments& arguments, const std::vector<std::string>& accounts);

} // namespace rvm::host::testing
