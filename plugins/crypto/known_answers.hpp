// Known-answer tests of the primitives, as the host runs them when a primitive is first resolved.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::crypto {

struct Answer {
    const char* id;
    std::string_view input;    ///< hex
    std::string_view expected; ///< hex; empty when status is not RVM_OK
    rvm_status status = RVM_OK;
};

// One file each (answers_*.cpp), with the sources of the answers.
std::span<const Answer> hash_answers() noexcept;
std::span<const Answer> signature_answers() noexcept;
std::span<const Answer> arithmetic_answers() noexcept;
std::span<const Answer> curve_answers() noexcept;
std::span<const Answer> keyed_answers() noexcept;
std::span<const Answer> key_answers() noexcept;
std::span<const Answer> bls_answers() noexcept;

/// Owns the bytes of all answers; views point into it until it is destroyed.
class KnownAnswers {
  public:
    KnownAnswers();
    KnownAnswers(const KnownAnswers&) = delete;
    KnownAnswers& operator=(const KnownAnswers&) = delete;

    /// The answers of one primitive, by its id; empty when there are none.
    [[nodiscard]] std::span<const rvm_kat> of(std::string_view id) const noexcept;

  private:
    [[nodiscard]] rvm_view keep(std::string_view hex);

    std::vector<std::uint8_t> bytes_;
    std::vector<const Answer*> answers_; ///< by id
    std::vector<rvm_kat> kats_;          ///< in the same order
};

} // namespace rvm::crypto
