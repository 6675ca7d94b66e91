#include "state/state_stream.hpp"

#include "state/limbs.hpp"

#include <algorithm>
#include <cstring>

namespace rvm::state {

namespace {

constexpr std::size_t buffer_bytes = 65536;

std::string quoted(std::uint8_t byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

} // namespace

// ---- writing
// ----------------------------------------------------------------------------------------------------------

StreamWriter::StreamWriter(Sink sink) : sink_(std::move(sink)) {
    bytes(stream_magic.data(), stream_magic.size());
    byte(stream_version);
}

void StreamWriter::bytes(const void* data, std::size_t size) {
    if (size == 0) return;
    const auto* const first = static_cast<const std::uint8_t*>(data);
    buffer_.insert(buffer_.end(), first, first + size);
    if (buffer_.size() >= buffer_bytes) flush();
}

void StreamWriter::flush() {
    hash_.update(buffer_.data(), buffer_.size());
    sink_({buffer_.data(), buffer_.size()});
    buffer_.clear();
}

void StreamWriter::byte(std::uint8_t value) { bytes(&value, 1); }

void StreamWriter::text(std::string_view value) {
    byte(static_cast<std::uint8_t>(value.size()));
    bytes(value.data(), value.size());
}

void StreamWriter::number(const rvm_u256& value) {
    std::uint8_t all[32];
    store_be256(all, value);
    const auto* const first = std::find_if(std::begin(all), std::end(all), [](std::uint8_t b) { return b != 0; });
    const auto size = static_cast<std::size_t>(std::end(all) - first);
    byte(static_cast<std::uint8_t>(size));
    bytes(first, size);
}

void StreamWriter::code(const rvm_bytes32& hash, std::string_view format, rvm_view code) {
    byte('C');
    bytes(hash.bytes, sizeof hash.bytes);
    text(format);
    std::uint8_t size[8];
    store_be64(size, code.size);
    bytes(size + 4, 4);
    bytes(code.data, code.size);
}

void StreamWriter::account(const rvm_address& address, const AccountRecord& account) {
    byte('A');
    bytes(address.bytes, sizeof address.bytes);
    number({{account.nonce, 0, 0, 0}});
    number(account.balance);
    byte(account.format.empty() ? 0 : 1);
    if (account.format.empty()) return;
    bytes(account.code_hash.bytes, sizeof account.code_hash.bytes);
    text(account.format);
}

void StreamWriter::slot(const rvm_u256& key, const rvm_u256& value) {
    byte('S');
    number(key);
    number(value);
}

void StreamWriter::pair(std::uint32_t keyspace, rvm_view key, rvm_view value) {
    byte('K');
    byte(static_cast<std::uint8_t>(keyspace));
    std::uint8_t size[8];
    store_be64(size, key.size);
    bytes(size + 6, 2);
    bytes(key.data, key.size);
    store_be64(size, value.size);
    bytes(size + 4, 4);
    bytes(value.data, value.size);
}

void StreamWriter::end() {
    byte('E');
    flush();
    std::uint8_t digest[Sha256::digest_size];
    hash_.finish(digest);
    sink_({digest, sizeof digest});
}

// ---- reading
// ----------------------------------------------------------------------------------------------------------

void StreamReader::refuse(std::string expected, std::string found) {
    fault_ = {taken_, std::move(expected), std::move(found)};
    throw Malformed{};
}

bool StreamReader::fill() {
    buffer_.resize(buffer_bytes);
    at_ = 0;
    buffer_.resize(source_(buffer_.data(), buffer_.size()));
    return !buffer_.empty();
}

void StreamReader::take(std::uint8_t* out, std::size_t size) {
    while (size > 0) {
        if (at_ == buffer_.size() && !fill()) refuse("more bytes", "the end of the stream");
        const std::size_t part = std::min(size, buffer_.size() - at_);
        std::memcpy(out, buffer_.data() + at_, part);
        hash_.update(out, part);
        at_ += part;
        taken_ += part;
        out += part;
        size -= part;
    }
}

std::uint8_t StreamReader::byte() {
    std::uint8_t out = 0;
    take(&out, 1);
    return out;
}

std::uint64_t StreamReader::fixed(unsigned size) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < size; ++i)
        out = (out << 8) | byte();
    return out;
}

rvm_u256 StreamReader::number(std::uint64_t most_bytes) {
    const std::uint8_t size = byte();
    if (size > most_bytes)
        refuse("a number of at most " + std::to_string(most_bytes) + " bytes", std::to_string(size) + " bytes");
    std::uint8_t bytes[32] = {};
    take(bytes + 32 - size, size);
    if (size != 0 && bytes[32 - size] == 0) refuse("a number without leading zeros", "a leading zero");
    return load_be256(bytes);
}

std::string StreamReader::format() {
    std::string out(byte(), '\0');
    take(reinterpret_cast<std::uint8_t*>(out.data()), out.size());
    if (!valid_format_id(out)) refuse("the id of a format", "a text of " + std::to_string(out.size()) + " bytes");
    return out;
}

// What a size claims is believed piece by piece: a lie must not cost memory.
std::vector<std::uint8_t> StreamReader::block(std::uint64_t size) {
    std::vector<std::uint8_t> out;
    while (out.size() < size) {
        const std::size_t before = out.size();
        out.resize(before + static_cast<std::size_t>(std::min<std::uint64_t>(size - before, buffer_bytes)));
        take(out.data() + before, out.size() - before);
    }
    return out;
}

void StreamReader::head() {
    std::uint8_t magic[stream_magic.size()];
    take(magic, sizeof magic);
    if (std::memcmp(magic, stream_magic.data(), sizeof magic) != 0) {
        taken_ = 0;
        refuse("\"rvmstate\"", "other bytes");
    }
    if (const std::uint8_t version = byte(); version != stream_version)
        refuse("version " + std::to_string(stream_version), "version " + std::to_string(version));
}

void StreamReader::order(StreamRecord::Kind kind) {
    using Kind = StreamRecord::Kind;
    const bool after_accounts = last_ == Kind::account || last_ == Kind::slot;
    const bool good = kind == Kind::code      ? last_ == Kind::code
                      : kind == Kind::account ? last_ == Kind::code || after_accounts
                      : kind == Kind::slot    ? after_accounts
                                              : last_ != Kind::end;
    if (!good) refuse("records in the order C, A with its S, K, E", "one that comes too late or too early");
    last_ = kind;
}

void StreamReader::read_code(StreamRecord* out) {
    out->account = {};
    take(out->account.code_hash.bytes, sizeof out->account.code_hash.bytes);
    out->account.format = format();
    const std::uint64_t size = fixed(4);
    if (size == 0 || size > stream_code_limit)
        refuse("1 to " + std::to_string(stream_code_limit) + " bytes of code", std::to_string(size));
    std::vector<std::uint8_t> key = code_key(out->account.code_hash, out->account.format);
    if (!codes_.empty() && !(*codes_.rbegin() < key)) refuse("codes ascending by hash and format", "another order");
    codes_.insert(codes_.end(), std::move(key));
    out->bytes = block(size);
}

void StreamReader::read_account(StreamRecord* out) {
    out->account = {};
    take(out->address.bytes, sizeof out->address.bytes);
    if (last_address_ && !less(*last_address_, out->address)) refuse("addresses ascending", "another order");
    last_address_ = out->address;
    last_key_.reset();
    out->account.exists = true;
    out->account.nonce = number(8).limbs[0];
    out->account.balance = number(32);
    const std::uint8_t has_code = byte();
    if (has_code > 1) refuse("0 or 1", quoted(has_code));
    if (has_code == 0) return;
    take(out->account.code_hash.bytes, sizeof out->account.code_hash.bytes);
    out->account.format = format();
    if (!codes_.contains(code_key(out->account.code_hash, out->account.format)))
        refuse("a code that the stream holds", "another hash");
}

void StreamReader::read_slot(StreamRecord* out) {
    out->key = number(32);
    if (last_key_ && !less(*last_key_, out->key)) refuse("slots ascending by key", "another order");
    last_key_ = out->key;
    out->value = number(32);
    if (is_zero(out->value)) refuse("a value that is not zero", "zero");
}

void StreamReader::read_pair(StreamRecord* out) {
    out->keyspace = byte();
    if (out->keyspace < RVM_KEYSPACE_CALLER || out->keyspace >= RVM_KEYSPACE_LIMIT)
        refuse("a keyspace of callers", std::to_string(out->keyspace));
    const std::uint64_t key_size = fixed(2);
    if (key_size == 0) refuse("a key", "none");
    out->name = block(key_size);
    std::vector<std::uint8_t> place{static_cast<std::uint8_t>(out->keyspace)};
    place.insert(place.end(), out->name.begin(), out->name.end());
    if (last_pair_ && !(*last_pair_ < place)) refuse("pairs ascending by keyspace and key", "another order");
    last_pair_ = std::move(place);
    const std::uint64_t size = fixed(4);
    if (size > stream_value_limit)
        refuse("at most " + std::to_string(stream_value_limit) + " bytes", std::to_string(size));
    out->bytes = block(size);
}

void StreamReader::read_end() {
    std::uint8_t expected[Sha256::digest_size];
    hash_.finish(expected);
    hash_ = Sha256{};
    std::uint8_t found[Sha256::digest_size];
    const std::uint64_t digest_at = taken_;
    take(found, sizeof found);
    if (std::memcmp(expected, found, sizeof found) != 0) {
        taken_ = digest_at;
        refuse("the SHA-256 of what is before it", "another");
    }
    if (at_ != buffer_.size() || fill()) refuse("the end of the stream", "more bytes");
}

bool StreamReader::next(StreamRecord* out) {
    using Kind = StreamRecord::Kind;
    try {
        if (!begun_) head();
        begun_ = true;
        const std::uint64_t begin = taken_;
        const std::uint8_t tag = byte();
        constexpr std::string_view tags = "CASKE";
        const std::size_t kind = tags.find(static_cast<char>(tag));
        if (kind == std::string_view::npos || tag == 0) {
            taken_ = begin;
            refuse("one of C A S K E", quoted(tag));
        }
        out->kind = static_cast<Kind>(kind);
        order(out->kind);
        switch (out->kind) {
        case Kind::code:
            read_code(out);
            break;
        case Kind::account:
            read_account(out);
            break;
        case Kind::slot:
            read_slot(out);
            break;
        case Kind::pair:
            read_pair(out);
            break;
        case Kind::end:
            read_end();
            break;
        }
        return true;
    } catch (const Malformed&) {
        return false;
    }
}

} // namespace rvm::state
