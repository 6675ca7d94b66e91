// HMAC and HKDF.
#include <algorithm>

#include "hmac.hpp"
#include "output.hpp"
#include "parts.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

template <class Hash>
rvm_status hmac(rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Parts parts(input);
    const Bytes key = parts.sized();
    const Bytes message = parts.rest();
    if (!parts.whole()) return RVM_TRAP_CRYPTO;
    typename Hmac<Hash>::Tag tag;
    Hmac<Hash>(key).update(message).finish(tag.data());
    return answer(tag, output, size);
}

template <class Hash>
rvm_status hkdf_primitive(rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    constexpr std::size_t most_blocks = 255; // RFC 5869, section 2.3
    Parts parts(input);
    const std::uint64_t length = parts.number();
    const Bytes salt = parts.sized();
    const Bytes secret = parts.sized();
    const Bytes info = parts.rest();
    if (!parts.whole() || length > most_blocks * Hash::digest_bytes) return RVM_TRAP_CRYPTO;
    *size = length;
    if (output.size < length) return RVM_E_BUFFER_TOO_SMALL;
    hkdf<Hash>(salt, secret, info, {output.data, static_cast<std::size_t>(length)});
    return RVM_OK;
}

} // namespace

rvm_status hmac_sha256(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return hmac<Sha256>(input, output, size);
}

rvm_status hmac_sha512(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return hmac<Sha512>(input, output, size);
}

rvm_status hkdf_sha256(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return hkdf_primitive<Sha256>(input, output, size);
}

rvm_status hkdf_sha512(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return hkdf_primitive<Sha512>(input, output, size);
}

std::uint64_t hkdf_gas(const void*, rvm_view input) noexcept {
    // Each block of output hashes the info and two blocks more, at the price of the hashes.
    constexpr std::uint64_t smallest_digest = 32;
    constexpr std::uint64_t per_block = 500;
    constexpr std::uint64_t per_word = 40;
    Parts parts(input);
    const std::uint64_t blocks = std::min<std::uint64_t>(parts.number() / smallest_digest + 1, 512);
    return blocks * (per_block + input.size / 32 * per_word);
}

} // namespace rvm::crypto
