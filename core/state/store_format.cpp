#include "state/store_format.hpp"

#include "state/limbs.hpp"

#include <algorithm>
#include <cstring>

namespace rvm::state {

namespace {

// Account record: flags, nonce, balance, incarnation, slot count; with code also its hash and the format id.
constexpr std::uint8_t flag_exists = 1;
constexpr std::uint8_t flag_code = 2;
constexpr std::size_t fixed_size = 1 + 8 + 32 + 8 + 8;
constexpr std::size_t code_size = 32 + 1; // hash, length of the format id

void append_be64(std::vector<std::uint8_t>& out, std::uint64_t value) {
    out.resize(out.size() + 8);
    store_be64(out.data() + out.size() - 8, value);
}

void append_be256(std::vector<std::uint8_t>& out, const rvm_u256& value) {
    out.resize(out.size() + 32);
    store_be256(out.data() + out.size() - 32, value);
}

/// What a tombstone may say: nothing but the incarnation.
bool is_blank(const AccountRecord& record) noexcept {
    return record.nonce == 0 && is_zero(record.balance) && record.slot_count == 0;
}

} // namespace

bool valid_format_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= format_id_limit && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' || c == '-';
    });
}

std::vector<std::uint8_t> encode(const AccountRecord& record) {
    const bool has_code = !record.format.empty();
    std::vector<std::uint8_t> out;
    out.reserve(fixed_size + (has_code ? code_size + record.format.size() : 0));
    out.push_back(static_cast<std::uint8_t>((record.exists ? flag_exists : 0) | (has_code ? flag_code : 0)));
    append_be64(out, record.nonce);
    append_be256(out, record.balance);
    append_be64(out, record.incarnation);
    append_be64(out, record.slot_count);
    if (has_code) {
        out.insert(out.end(), std::begin(record.code_hash.bytes), std::end(record.code_hash.bytes));
        out.push_back(static_cast<std::uint8_t>(record.format.size()));
        out.insert(out.end(), record.format.begin(), record.format.end());
    }
    return out;
}

bool decode(rvm_view bytes, AccountRecord* out) {
    if (bytes.size < fixed_size) return false;
    const std::uint8_t* at = bytes.data;
    const std::uint8_t flags = *at;
    if ((flags & ~(flag_exists | flag_code)) != 0) return false;
    AccountRecord record;
    record.exists = (flags & flag_exists) != 0;
    record.nonce = load_be64(at + 1);
    record.balance = load_be256(at + 9);
    record.incarnation = load_be64(at + 41);
    record.slot_count = load_be64(at + 49);
    const bool has_code = (flags & flag_code) != 0;
    if (has_code) {
        if (bytes.size < fixed_size + code_size) return false;
        std::memcpy(record.code_hash.bytes, at + fixed_size, 32);
        const std::size_t id_size = at[fixed_size + 32];
        if (bytes.size != fixed_size + code_size + id_size) return false;
        record.format.assign(reinterpret_cast<const char*>(at + fixed_size + code_size), id_size);
        if (!valid_format_id(record.format)) return false;
    } else if (bytes.size != fixed_size) {
        return false;
    }
    if (!record.exists && (has_code || !is_blank(record))) return false;
    *out = std::move(record);
    return true;
}

SlotKey slot_key(const rvm_address& address, std::uint64_t incarnation, const rvm_u256& key) noexcept {
    SlotKey out;
    std::memcpy(out.data(), address.bytes, 20);
    store_be64(out.data() + 20, incarnation);
    store_be256(out.data() + 28, key);
    return out;
}

std::array<std::uint8_t, 32> encode_slot(const rvm_u256& value) noexcept {
    std::array<std::uint8_t, 32> out;
    store_be256(out.data(), value);
    return out;
}

bool decode_slot(rvm_view bytes, rvm_u256* out) noexcept {
    if (bytes.size != 32) return false;
    *out = load_be256(bytes.data);
    return !is_zero(*out);
}

std::vector<std::uint8_t> code_key(const rvm_bytes32& hash, std::string_view format) {
    std::vector<std::uint8_t> key(std::begin(hash.bytes), std::end(hash.bytes));
    key.insert(key.end(), format.begin(), format.end());
    return key;
}

} // namespace rvm::state
