// Mnemonic phrases (BIP-39).
#pragma once

#include "base/primitives.hpp"
#include "mnemonic/word_list.hpp"

namespace rvm::wallet {

/// Words for 16, 20, 24, 28 or 32 bytes; UTF-8, in the list's own form. Throws Refusal for another size.
[[nodiscard]] Secret phrase_of(Bytes entropy, const WordList& list, const Primitives& primitives);

struct Mnemonic {
    const WordList* list;
    Secret entropy;
};
/// Reads a phrase in any normal form, white space between the words. `list` nullptr: every list is tried. Throws
/// Refusal that names what is wrong and never a word: the number of words, the position of an unknown one, the
/// checksum.
[[nodiscard]] Mnemonic read_phrase(Bytes phrase, const WordList* list, const Primitives& primitives);

/// The 64 bytes that keys are derived from. The phrase is not checked: BIP-39 defines the seed of any text.
[[nodiscard]] Secret seed_of(Bytes phrase, Bytes passphrase, const Primitives& primitives);

} // namespace rvm::wallet
