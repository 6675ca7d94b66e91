// Base58Check: bytes with a checksum in letters and digits that are hard to confuse, as extended keys are written.
#pragma once

#include <string>

#include "base/primitives.hpp"

namespace rvm::wallet {

/// Version and payload as text, in locked memory: it may be an extended private key.
[[nodiscard]] Secret encode_base58check(Bytes payload, const Primitives& primitives);
/// The payload. Throws Refusal for a character that is none of the alphabet, and for a wrong checksum.
[[nodiscard]] Secret decode_base58check(std::string_view text, const Primitives& primitives);

} // namespace rvm::wallet
