// The word lists of BIP-39: ten of its own, and the Russian and Turkish ones of Trezor's reference implementation.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace rvm::wallet {

/// 2048 words, in the order of the list and in NFKD. Immutable; lives as long as the process.
class WordList {
  public:
    /// `words`: UTF-8, one a line.
    WordList(std::string_view name, std::string_view words);

    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] std::string_view word(std::uint16_t index) const { return words_[index]; }
    /// Position of a word in NFKD.
    [[nodiscard]] std::optional<std::uint16_t> find(std::string_view word) const;
    /// What stands between words: an ideographic space in Japanese.
    [[nodiscard]] std::string_view separator() const noexcept;

    /// Every list, English first.
    [[nodiscard]] static std::span<const WordList> all();
    /// nullptr: there is no such list.
    [[nodiscard]] static const WordList* named(std::string_view name);

  private:
    std::string_view name_;
    std::vector<std::string> words_;
    std::vector<std::uint16_t> sorted_; ///< indexes in the order of the words' bytes
};

} // namespace rvm::wallet
