#include "base/hex.hpp"

namespace rvm::ledger {

std::optional<Address> address_from_hex(std::string_view text) {
    Address out;
    if (!hex::decode_into(text, out.bytes)) return std::nullopt;
    return out;
}

std::optional<Hash> hash_from_hex(std::string_view text) {
    Hash out;
    if (!hex::decode_into(text, out.bytes)) return std::nullopt;
    return out;
}

} // namespace rvm::ledger
