// Unicode normalization form NFKD (Unicode Standard Annex #15), which BIP-39 wants of phrases and passphrases.
//
// The table nfkd.table is made of the Unicode Character Database 14.0.0 (Unicode License v3,
// https://www.unicode.org/license.txt): full compatibility decompositions, then canonical combining classes.
#pragma once

#include "base/secret.hpp"

namespace rvm::wallet {

/// The normal form of UTF-8 of at most 4096 bytes. Throws Refusal, which says where, when the bytes are none. Any
/// thread.
[[nodiscard]] Secret nfkd(Bytes text);

} // namespace rvm::wallet
