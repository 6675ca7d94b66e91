// The words behind a verb.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::wallet {

/// Options stand anywhere; "--" ends them; "--name=value" and "--name value" are the same. Each stands once.
class Options {
  public:
    /// `valued` and `flags` are the names a verb knows, without the dashes. Throws UsageError for any other word that
    /// begins with "--", and for "-o", which is "--output".
    Options(const std::vector<std::string>& words, std::initializer_list<std::string_view> valued,
            std::initializer_list<std::string_view> flags);

    [[nodiscard]] const std::string* find(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    /// The value, or UsageError.
    [[nodiscard]] const std::string& need(std::string_view name) const;
    /// A number from `least` to `most`; `otherwise` when the option is not there.
    [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t otherwise, std::uint64_t least,
                                       std::uint64_t most) const;
    [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }
    /// Throws UsageError when one of `names` is there and would be ignored; `why` ends the message.
    void refuse(std::initializer_list<std::string_view> names, const char* why) const;
    /// Exactly these words; `names` are for the message.
    void expect_words(std::initializer_list<const char*> names) const;

  private:
    std::map<std::string, std::string, std::less<>> values_;
    std::vector<std::string> words_;
};

} // namespace rvm::wallet
