// Unicode normalization form NFKD (Unicode Standard Annex #15), which BIP-39 wants of phrases and passphrases.
//
// The table nfkd.table is made of the Unicode Character Database 14.0.0 (Unicode License v3,
// https://www.unicode.org/license.txt): full compatibility decompositions, then canonical combining classes.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace rvm::wallet {

/// The normal form of UTF-8 of at most 4096 bytes. Throws Refusal, which says where, when the bytes are none. Any
/// thread.
[[nodiscard]] Secret nfkd(Bytes text);

/// The same for the program's own texts, of any length: no secrets, so no guarded memory, which costs 15 us a piece.
[[nodiscard]] std::string nfkd_public(std::string_view text);

} // namespace rvm::wallet
