// ECDSA signatures as DER (RFC 3279, section 2.2.3; the strict form of BIP-66) to the 64 bytes that verify takes.
#include <array>

#include "output.hpp"
#include "parts.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

constexpr std::size_t number_bytes = 32;
constexpr std::uint8_t tag_sequence = 0x30;
constexpr std::uint8_t tag_integer = 0x02;
constexpr std::uint8_t sign_bit = 0x80;

/// A positive integer of at most 256 bits without needless zeros, right-aligned in `out`.
bool integer(Parts& parts, std::uint8_t* out) noexcept {
    if (parts.number(1) != tag_integer) return false;
    const std::uint64_t size = parts.number(1); // two numbers of 256 bits need the short form only
    Bytes digits = parts.take(static_cast<std::size_t>(size));
    if (!parts.whole() || digits.empty() || (digits[0] & sign_bit) != 0) return false;
    if (digits[0] == 0 && digits.size() > 1) {
        digits = digits.subspan(1);
        if ((digits[0] & sign_bit) == 0) return false;
    }
    if (digits.size() > number_bytes) return false;
    std::memcpy(out + (number_bytes - digits.size()), digits.data(), digits.size());
    return true;
}

} // namespace

rvm_status ecdsa_from_der(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Parts parts(input);
    std::array<std::uint8_t, 2 * number_bytes> signature{};
    if (parts.number(1) != tag_sequence || parts.number(1) + 2 != input.size || !integer(parts, signature.data()) ||
        !integer(parts, signature.data() + number_bytes) || !parts.at_end()) {
        return RVM_TRAP_CRYPTO;
    }
    return answer(signature, output, size);
}

} // namespace rvm::crypto
