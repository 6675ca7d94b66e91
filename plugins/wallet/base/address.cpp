#include "base/address.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "hex/hex.hpp"
#include "keccak/keccak.hpp"

namespace rvm::wallet {

rvm_address address_of_key(Bytes x_and_y) noexcept {
    const keccak::Digest hash = keccak::keccak256(x_and_y);
    rvm_address out;
    std::copy_n(hash.end() - sizeof out.bytes, sizeof out.bytes, out.bytes);
    return out;
}

std::string checksummed(const rvm_address& address) {
    std::string text = hex::encode(address.bytes);
    const keccak::Digest hash = keccak::keccak256(bytes_of(std::string_view(text).substr(2)));
    for (std::size_t i = 2; i < text.size(); ++i) {
        const unsigned nibble = hash[(i - 2) / 2] >> (i % 2 == 0 ? 4u : 0u) & 15u;
        if (nibble >= 8 && text[i] >= 'a') text[i] = static_cast<char>(text[i] - 'a' + 'A');
    }
    return text;
}

rvm_address read_address(std::string_view text, const std::string& what) {
    rvm_address out;
    if (!hex::decode_into(text, out.bytes)) {
        throw Refusal(what + ": expected an address of 40 hex digits, found \"" + std::string(text.substr(0, 80)) +
                      "\"");
    }
    if (text.size() > 2 * sizeof out.bytes) text.remove_prefix(2);
    const bool any_small = std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'f'; });
    const bool any_large = std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'F'; });
    if (any_small && any_large && std::string_view(checksummed(out)).substr(2) != text) {
        throw Refusal(what + ": the checksum of the address is wrong (EIP-55): expected " + checksummed(out));
    }
    return out;
}

} // namespace rvm::wallet
