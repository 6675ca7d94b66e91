#include "mnemonic/word_list.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/embedded.hpp"
#include "unicode/nfkd.hpp"

RVM_WALLET_EMBED(rvm_wallet_words_english, "words/english.words");
RVM_WALLET_EMBED(rvm_wallet_words_japanese, "words/japanese.words");
RVM_WALLET_EMBED(rvm_wallet_words_korean, "words/korean.words");
RVM_WALLET_EMBED(rvm_wallet_words_spanish, "words/spanish.words");
RVM_WALLET_EMBED(rvm_wallet_words_chinese_simplified, "words/chinese_simplified.words");
RVM_WALLET_EMBED(rvm_wallet_words_chinese_traditional, "words/chinese_traditional.words");
RVM_WALLET_EMBED(rvm_wallet_words_french, "words/french.words");
RVM_WALLET_EMBED(rvm_wallet_words_italian, "words/italian.words");
RVM_WALLET_EMBED(rvm_wallet_words_czech, "words/czech.words");
RVM_WALLET_EMBED(rvm_wallet_words_portuguese, "words/portuguese.words");
RVM_WALLET_EMBED(rvm_wallet_words_russian, "words/russian.words");
RVM_WALLET_EMBED(rvm_wallet_words_turkish, "words/turkish.words");

namespace rvm::wallet {
namespace {

constexpr std::size_t word_count = 2048;

std::vector<WordList> read_all() {
    std::vector<WordList> lists;
#define WALLET_LIST(name)                                                                                              \
    lists.emplace_back(#name, std::string_view(rvm_wallet_words_##name##_begin, rvm_wallet_words_##name##_end))
    WALLET_LIST(english);
    WALLET_LIST(japanese);
    WALLET_LIST(korean);
    WALLET_LIST(spanish);
    WALLET_LIST(chinese_simplified);
    WALLET_LIST(chinese_traditional);
    WALLET_LIST(french);
    WALLET_LIST(italian);
    WALLET_LIST(czech);
    WALLET_LIST(portuguese);
    WALLET_LIST(russian);
    WALLET_LIST(turkish);
#undef WALLET_LIST
    return lists;
}

} // namespace

WordList::WordList(std::string_view name, std::string_view words) : name_(name) {
    words_.reserve(word_count);
    const std::string normal = nfkd_public(words); // of all at once: a line break is no mark and keeps its place
    for (std::string_view text = normal; !text.empty();) {
        const std::size_t end = text.find('\n');
        words_.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (words_.size() != word_count) throw std::logic_error("the word list " + std::string(name) + " is damaged");
    for (std::uint16_t i = 0; i < word_count; ++i) {
        sorted_.push_back(i);
    }
    std::ranges::sort(sorted_, {}, [this](std::uint16_t i) -> const std::string& { return words_[i]; });
}

std::optional<std::uint16_t> WordList::find(std::string_view word) const {
    const auto text = [this](std::uint16_t i) { return std::string_view(words_[i]); };
    const auto found = std::ranges::lower_bound(sorted_, word, {}, text);
    if (found == sorted_.end() || words_[*found] != word) return std::nullopt;
    return *found;
}

std::string_view WordList::separator() const noexcept { return name_ == "japanese" ? "\xe3\x80\x80" : " "; }

std::span<const WordList> WordList::all() {
    static const std::vector<WordList> lists = read_all();
    return lists;
}

const WordList* WordList::named(std::string_view name) {
    for (const WordList& list : all()) {
        if (list.name() == name) return &list;
    }
    return nullptr;
}

} // namespace rvm::wallet
