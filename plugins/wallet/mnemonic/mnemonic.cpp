#include "mnemonic/mnemonic.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/error.hpp"
#include "unicode/nfkd.hpp"

namespace rvm::wallet {
namespace {

constexpr unsigned word_bits = 11;
constexpr std::size_t most_words = 24;

/// Bit `i` of what the words spell: the entropy, then the first bits of its hash.
bool bit_of(Bytes bytes, std::size_t i) { return (bytes[i / 8] >> (7 - i % 8) & 1u) != 0; }

/// Words of a phrase in NFKD: views into it. Throws when there are too many.
std::vector<std::string_view> split(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n"; // NFKD has made U+3000 one of them
    std::vector<std::string_view> words;
    for (std::size_t at = text.find_first_not_of(blanks); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(blanks, end);
        if (words.size() > most_words) break;
    }
    if (words.size() < 12 || words.size() > most_words || words.size() % 3 != 0) {
        const std::string found = words.size() > most_words ? "more" : std::to_string(words.size());
        throw Refusal("the phrase has the wrong number of words: expected 12, 15, 18, 21 or 24, found " + found);
    }
    return words;
}

/// How many words of the beginning are in the list; all of them, with the right checksum, when `entropy` is set.
struct Attempt {
    std::size_t known = 0;
    std::optional<Secret> entropy;
};
Attempt try_list(const std::vector<std::string_view>& words, const WordList& list, const Primitives& primitives) {
    Attempt out;
    const std::size_t bits = words.size() * word_bits;
    Secret spelled((bits + 7) / 8);
    for (; out.known < words.size(); ++out.known) {
        const auto index = list.find(words[out.known]);
        if (!index) return out;
        for (unsigned i = 0; i < word_bits; ++i) {
            const std::size_t place = out.known * word_bits + i;
            const unsigned bit = static_cast<unsigned>(*index) >> (word_bits - 1 - i) & 1u;
            spelled.data()[place / 8] |= static_cast<std::uint8_t>(bit << (7 - place % 8));
        }
    }
    const std::size_t entropy_bits = bits / 33 * 32;
    Secret entropy = Secret::copy_of(spelled.part(0, entropy_bits / 8));
    const Secret digest = primitives.run(Primitive::sha256, {entropy});
    bool right = true;
    for (std::size_t i = entropy_bits; i < bits; ++i) {
        right = right && bit_of(spelled, i) == bit_of(digest, i - entropy_bits);
    }
    if (right) out.entropy = std::move(entropy);
    return out;
}

} // namespace

Secret phrase_of(Bytes entropy, const WordList& list, const Primitives& primitives) {
    if (entropy.size() < 16 || entropy.size() > 32 || entropy.size() % 4 != 0) {
        throw Refusal("the entropy has the wrong size: expected 16, 20, 24, 28 or 32 bytes, found " +
                      std::to_string(entropy.size()));
    }
    const Secret spelled = Secret::join({entropy, primitives.run(Primitive::sha256, {entropy})});
    const std::size_t count = entropy.size() * 8 * 33 / 32 / word_bits;
    constexpr std::size_t longest_word = 64;
    Secret phrase(count * longest_word);
    std::size_t size = 0;
    const auto append = [&](std::string_view text) {
        std::memcpy(phrase.data() + size, text.data(), text.size());
        size += text.size();
    };
    for (std::size_t i = 0; i < count; ++i) {
        unsigned index = 0;
        for (unsigned j = 0; j < word_bits; ++j) {
            index = index << 1u | (bit_of(spelled, i * word_bits + j) ? 1u : 0u);
        }
        if (i != 0) append(list.separator());
        append(list.word(static_cast<std::uint16_t>(index)));
    }
    phrase.truncate(size);
    return phrase;
}

Mnemonic read_phrase(Bytes phrase, const WordList* list, const Primitives& primitives) {
    const Secret normal = nfkd(phrase);
    const std::vector<std::string_view> words = split(normal.text());
    std::size_t known = 0;
    const auto lists = list == nullptr ? WordList::all() : std::span<const WordList>(list, 1);
    for (const WordList& candidate : lists) {
        Attempt attempt = try_list(words, candidate, primitives);
        if (attempt.entropy) return {&candidate, std::move(*attempt.entropy)};
        known = std::max(known, attempt.known);
    }
    const std::string where = list == nullptr ? "any word list" : "the word list " + std::string(list->name());
    if (known < words.size()) throw Refusal("word " + std::to_string(known + 1) + " of the phrase is not in " + where);
    throw Refusal("the checksum of the phrase is wrong: a word is another, or they stand in another order");
}

Secret seed_of(Bytes phrase, Bytes passphrase, const Primitives& primitives) {
    constexpr std::uint64_t iterations = 2048;
    constexpr std::uint64_t seed_bytes = 64;
    const Secret normal_phrase = nfkd(phrase);
    const Secret salt = Secret::join({bytes_of("mnemonic"), nfkd(passphrase)});
    return primitives.run(Primitive::pbkdf2_sha512,
                          {Number(iterations), Number(seed_bytes), Number(salt.size()), salt, normal_phrase},
                          seed_bytes);
}

} // namespace rvm::wallet
