#include "creation.hpp"

#include <iterator>

#include "keccak/keccak.hpp"

namespace rvm::evm {
namespace {

constexpr std::uint8_t kShortString = 0x80, kShortList = 0xc0; // RLP prefixes (Yellow Paper, appendix B)
constexpr std::uint8_t kSaltedPrefix = 0xff;                   // EIP-1014
constexpr std::uint8_t kDelegationPrefix[] = {0xef, 0x01, 0x00};

rvm_address low_bytes(const keccak::Digest& digest) {
    rvm_address address;
    std::memcpy(address.bytes, digest.data() + digest.size() - sizeof address.bytes, sizeof address.bytes);
    return address;
}

} // namespace

rvm_address creation_address(const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt,
                             rvm_view init_code) noexcept {
    if (salt != nullptr) {
        const keccak::Digest hash = keccak::keccak256({init_code.data, init_code.size});
        std::uint8_t text[1 + sizeof creator.bytes + sizeof salt->bytes + sizeof hash];
        text[0] = kSaltedPrefix;
        std::uint8_t* at = text + 1;
        std::memcpy(at, creator.bytes, sizeof creator.bytes);
        std::memcpy(at + sizeof creator.bytes, salt->bytes, sizeof salt->bytes);
        std::memcpy(at + sizeof creator.bytes + sizeof salt->bytes, hash.data(), hash.size());
        return low_bytes(keccak::keccak256(text));
    }
    std::uint8_t text[1 + 1 + sizeof creator.bytes + 1 + sizeof nonce];
    std::size_t size = 1;
    text[size++] = kShortString + sizeof creator.bytes;
    std::memcpy(text + size, creator.bytes, sizeof creator.bytes);
    size += sizeof creator.bytes;
    if (nonce != 0 && nonce < kShortString) { // its own encoding
        text[size++] = static_cast<std::uint8_t>(nonce);
    } else {
        const unsigned bytes = (64 - static_cast<unsigned>(std::countl_zero(nonce)) + 7) / 8;
        text[size++] = static_cast<std::uint8_t>(kShortString + bytes);
        for (unsigned i = bytes; i-- > 0;)
            text[size++] = static_cast<std::uint8_t>(nonce >> (8 * i));
    }
    text[0] = static_cast<std::uint8_t>(kShortList + size - 1);
    return low_bytes(keccak::keccak256({text, size}));
}

Fault accept_code(const Schedule& schedule, std::int64_t& gas, rvm_view& code) noexcept {
    if (code.size > schedule.max_code) return Fault::code_size;
    if (schedule.refuses_reserved_prefix && code.size != 0 && code.data[0] == kReservedPrefix)
        return Fault::reserved_prefix;
    const auto price = static_cast<std::int64_t>(code.size) * kCodeDepositGas;
    if (price > gas) {
        if (schedule.deposit_required) return Fault::deposit_gas;
        code = {nullptr, 0};
        return Fault::none;
    }
    gas -= price;
    return Fault::none;
}

bool delegation(rvm_view code, rvm_address& target) noexcept {
    constexpr std::size_t prefix = std::size(kDelegationPrefix);
    if (code.size != prefix + sizeof target.bytes || std::memcmp(code.data, kDelegationPrefix, prefix) != 0)
        return false;
    std::memcpy(target.bytes, code.data + prefix, sizeof target.bytes);
    return true;
}

} // namespace rvm::evm
