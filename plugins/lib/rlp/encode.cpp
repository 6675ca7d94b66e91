#include "rlp/encode.hpp"

namespace rvm::rlp {
namespace {

/// The low `size` bytes of `value`, big-endian.
void append_big_endian(Buffer& out, std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i-- > 0;) {
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

} // namespace

void Writer::header(std::size_t payload, std::uint8_t base) {
    if (payload <= 55) {
        out_->push_back(static_cast<std::uint8_t>(base + payload));
        return;
    }
    const std::size_t size_bytes = header_size(payload) - 1;
    out_->push_back(static_cast<std::uint8_t>(base + 55 + size_bytes));
    append_big_endian(*out_, payload, size_bytes);
}

void Writer::string(Bytes value) {
    if (value.size() != 1 || value[0] >= 0x80) header(value.size(), 0x80);
    encoded(value);
}

void Writer::integer(std::uint64_t value) {
    if (value == 0) {
        out_->push_back(0x80);
    } else if (value < 0x80) {
        out_->push_back(static_cast<std::uint8_t>(value));
    } else {
        const std::size_t size = integer_size(value) - 1;
        out_->push_back(static_cast<std::uint8_t>(0x80 + size));
        append_big_endian(*out_, value, size);
    }
}

void Writer::integer(Bytes big_endian) { string(significant(big_endian)); }

void Writer::encoded(Bytes item) { out_->insert(out_->end(), item.begin(), item.end()); }

} // namespace rvm::rlp
