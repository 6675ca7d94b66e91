#include "block/requests.hpp"

#include <algorithm>
#include <array>

#include <rvm/plugin.hpp>

namespace rvm::ledger {
namespace {

/// keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)")
constexpr Hash deposit_event{{0x64, 0x9b, 0xbc, 0x62, 0xd0, 0xe3, 0x13, 0x42, 0xaf, 0xea, 0x4e,
                              0x5c, 0xd8, 0x2d, 0x40, 0x49, 0xe7, 0xe1, 0xee, 0x91, 0x2f, 0xc0,
                              0x88, 0x9a, 0xa7, 0x90, 0x80, 0x3b, 0xe3, 0x90, 0x38, 0xc5}};

constexpr std::size_t word = 32;

/// A field of the event: five byte strings, each an offset in the head and a length with padded bytes behind it.
struct Field {
    std::uint64_t offset;
    std::uint64_t size;
};
/// Public key, withdrawal credentials, amount, signature, index (EIP-6110).
constexpr std::array<Field, 5> fields{{{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}}};
constexpr std::size_t event_size = 576;

/// The word at `offset` is this small number.
bool word_is(Bytes data, std::size_t offset, std::uint64_t expected) noexcept {
    return u256::load_be(data.data() + offset) == U256{expected};
}

/// Appends the deposit's 192 bytes; false when the layout differs.
bool append_deposit(Bytes data, Buffer& out) {
    if (data.size() != event_size) return false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!word_is(data, word * i, fields[i].offset) || !word_is(data, fields[i].offset, fields[i].size))
            return false;
    }
    for (const Field& field : fields) {
        const Bytes value = data.subspan(field.offset + word, field.size);
        out.insert(out.end(), value.begin(), value.end());
    }
    return true;
}

} // namespace

void Requests::add(RequestType type, Bytes data) {
    Buffer& to = data_[static_cast<std::size_t>(type)];
    to.insert(to.end(), data.begin(), data.end());
}

bool Requests::add_deposits(std::span<const rvm_log> logs, const Address& contract) {
    return std::ranges::all_of(logs, [&](const rvm_log& log) {
        const bool deposit = same(log.address, contract) && log.topic_count != 0 && same(log.topics[0], deposit_event);
        return !deposit || append_deposit(sdk::bytes(log.data), data_[static_cast<std::size_t>(RequestType::deposit)]);
    });
}

std::vector<Buffer> Requests::list() const {
    std::vector<Buffer> out;
    for (std::uint8_t type = 0; type < std::size(data_); ++type) {
        if (data_[type].empty()) continue;
        Buffer& request = out.emplace_back(1, type);
        request.insert(request.end(), data_[type].begin(), data_[type].end());
    }
    return out;
}

Hash Requests::hash(const rvm_hash_ref& sha256) const {
    const auto digest = [&](Bytes input) {
        Hash out;
        sha256.fn(sha256.self, sdk::view(input), out.bytes);
        return out;
    };
    Buffer hashes;
    for (const Buffer& request : list()) {
        const Hash hash = digest(request);
        hashes.insert(hashes.end(), std::begin(hash.bytes), std::end(hash.bytes));
    }
    return digest(hashes);
}

} // namespace rvm::ledger
