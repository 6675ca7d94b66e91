#include "ethereum.hpp"

#include <array>
#include <cstring>

#include "keccak/keccak.hpp"

namespace rvm::evmc {
namespace {

constexpr std::array<std::uint8_t, 3> delegation_prefix{0xef, 0x01, 0x00}; // EIP-7702
constexpr std::uint64_t delegation_bytes = delegation_prefix.size() + sizeof(rvm_address);
constexpr std::uint64_t max_code_bytes = 24576;    // EIP-170
constexpr std::uint8_t reserved_first_byte = 0xef; // EIP-3541
constexpr std::uint64_t gas_per_code_byte = 200;   // Yellow Paper appendix G, G_codedeposit

void tail(const keccak::Digest& digest, rvm_address& out) noexcept {
    std::memcpy(out.bytes, digest.data() + digest.size() - sizeof out.bytes, sizeof out.bytes);
}

} // namespace

const rvm_bytes32& empty_code_hash() noexcept {
    static const rvm_bytes32 hash = [] {
        rvm_bytes32 out;
        keccak::keccak256({}, out.bytes);
        return out;
    }();
    return hash;
}

void create_address(const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt, rvm_view init_code,
                    rvm_address& out) noexcept {
    if (salt != nullptr) {
        std::array<std::uint8_t, 1 + sizeof(rvm_address) + 2 * sizeof(rvm_bytes32)> image{0xff};
        std::memcpy(image.data() + 1, creator.bytes, sizeof creator.bytes);
        std::memcpy(image.data() + 21, salt->bytes, sizeof salt->bytes);
        keccak::keccak256({init_code.data, init_code.size}, image.data() + 53);
        return tail(keccak::keccak256(image), out);
    }
    // rlp([creator, nonce]): a list of at most 30 bytes, so each length is one byte (Yellow Paper appendix B).
    std::array<std::uint8_t, 31> image{0, 0x80 + sizeof(rvm_address)};
    std::memcpy(image.data() + 2, creator.bytes, sizeof creator.bytes);
    std::size_t size = 22;
    if (nonce != 0 && nonce < 0x80) {
        image[size++] = static_cast<std::uint8_t>(nonce);
    } else {
        const int bytes = nonce == 0 ? 0 : 8 - __builtin_clzll(nonce) / 8;
        image[size++] = static_cast<std::uint8_t>(0x80 + bytes);
        for (int i = bytes - 1; i >= 0; --i)
            image[size++] = static_cast<std::uint8_t>(nonce >> (8 * i));
    }
    image[0] = static_cast<std::uint8_t>(0xc0 + size - 1);
    tail(keccak::keccak256({image.data(), size}), out);
}

bool delegate_of(rvm_view code, rvm_address& target) noexcept {
    if (code.size != delegation_bytes ||
        std::memcmp(code.data, delegation_prefix.data(), delegation_prefix.size()) != 0)
        return false;
    std::memcpy(target.bytes, code.data + delegation_prefix.size(), sizeof target.bytes);
    return true;
}

rvm_status deposit(Revision revision, rvm_frame& frame, rvm_view& code) noexcept {
    if (revision >= Revision::spurious_dragon && code.size > max_code_bytes) return RVM_TRAP_LIMIT;
    if (revision >= Revision::london && code.size > 0 && code.data[0] == reserved_first_byte)
        return RVM_TRAP_INVALID_CODE;
    const std::uint64_t price = code.size * gas_per_code_byte; // far below 2^64: memory was paid for
    if (revision == Revision::frontier && (frame.gas < 0 || price > static_cast<std::uint64_t>(frame.gas))) {
        code = {};
        return RVM_OK;
    }
    return rvm_charge(&frame, price);
}

} // namespace rvm::evmc
