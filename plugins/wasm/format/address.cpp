#include "format/address.hpp"

#include <cstring>

#include "keccak/keccak.hpp"

namespace rvm::wasm::format {
namespace {

rvm_address last_bytes(const keccak::Digest& digest) noexcept {
    rvm_address out;
    std::memcpy(out.bytes, digest.data() + digest.size() - sizeof out.bytes, sizeof out.bytes);
    return out;
}

/// RLP of an integer at `out`; at most 9 bytes.
std::size_t put_integer(std::uint64_t value, std::uint8_t* out) noexcept {
    constexpr std::uint8_t string = 0x80; // + length
    if (value != 0 && value < string) return *out = static_cast<std::uint8_t>(value), 1;
    std::size_t size = 0;
    for (std::uint64_t rest = value; rest != 0; rest >>= 8u)
        ++size;
    out[0] = static_cast<std::uint8_t>(string + size);
    for (std::size_t i = 0; i < size; ++i)
        out[1 + i] = static_cast<std::uint8_t>(value >> 8 * (size - 1 - i));
    return 1 + size;
}

} // namespace

void code_hash(rvm_view code, rvm_bytes32* out) noexcept { keccak::keccak256({code.data, code.size}, out->bytes); }

rvm_address create_address(const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt,
                           rvm_view init_code) noexcept {
    keccak::Hasher hasher;
    if (salt != nullptr) {
        const std::uint8_t prefix = 0xff;
        hasher.update({&prefix, 1});
        hasher.update(creator.bytes);
        hasher.update(salt->bytes);
        hasher.update(keccak::keccak256({init_code.data, init_code.size}));
        return last_bytes(hasher.finish());
    }
    std::uint8_t list[2 + sizeof creator.bytes + 9];
    std::memcpy(list + 2, creator.bytes, sizeof creator.bytes);
    const std::size_t payload = 1 + sizeof creator.bytes + put_integer(nonce, list + 2 + sizeof creator.bytes);
    list[0] = static_cast<std::uint8_t>(0xc0 + payload);
    list[1] = 0x80 + sizeof creator.bytes;
    return last_bytes(keccak::keccak256({list, 1 + payload}));
}

} // namespace rvm::wasm::format
