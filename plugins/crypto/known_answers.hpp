// Known-answer tests of the primitives, as the host runs them when a primitive is first resolved.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::crypto {

/// Owns the bytes of all answers; views point into it until it is destroyed.
class KnownAnswers {
  public:
    KnownAnswers();
    KnownAnswers(const KnownAnswers&) = delete;
    KnownAnswers& operator=(const KnownAnswers&) = delete;

    /// The answers of one primitive, by its id; empty when there are none.
    [[nodiscard]] std::span<const rvm_kat> of(std::string_view id) const noexcept;

  private:
    std::vector<std::vector<std::uint8_t>> bytes_;
    std::map<std::string, std::vector<rvm_kat>, std::less<>> answers_;
};

} // namespace rvm::crypto
