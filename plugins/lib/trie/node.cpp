#include "trie/node.hpp"

#include <algorithm>
#include <cstring>

namespace rvm::trie {
namespace {

// RLP prefixes (yellow paper, appendix B).
constexpr std::uint8_t short_string = 0x80;
constexpr std::uint8_t long_string = 0xb7;
constexpr std::uint8_t short_list = 0xc0;
constexpr std::uint8_t long_list = 0xf7;
constexpr std::size_t longest_short = 55;

std::size_t length_bytes(std::size_t size) noexcept {
    std::size_t count = 0;
    for (; size != 0; size >>= 8u)
        ++count;
    return count;
}

std::size_t header_size(std::size_t payload) noexcept {
    return payload <= longest_short ? 1 : 1 + length_bytes(payload);
}

std::uint8_t* write_header(std::uint8_t* out, std::size_t payload, std::uint8_t short_prefix,
                           std::uint8_t long_prefix) noexcept {
    if (payload <= longest_short) {
        *out++ = static_cast<std::uint8_t>(short_prefix + payload);
        return out;
    }
    const std::size_t count = length_bytes(payload);
    *out++ = static_cast<std::uint8_t>(long_prefix + count);
    for (std::size_t i = count; i-- > 0;)
        *out++ = static_cast<std::uint8_t>(payload >> (8 * i));
    return out;
}

bool is_single_byte(View text) noexcept { return text.size() == 1 && text[0] < short_string; }

std::size_t string_size(View text) noexcept {
    return is_single_byte(text) ? 1 : header_size(text.size()) + text.size();
}

std::uint8_t* write_string(std::uint8_t* out, View text) noexcept {
    if (!is_single_byte(text)) out = write_header(out, text.size(), short_string, long_string);
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    return out + text.size();
}

std::size_t reference_size(const Reference& child) noexcept {
    return child.size == 32 ? 33 : std::max<std::size_t>(child.size, 1);
}

std::uint8_t* write_reference(std::uint8_t* out, const Reference& child) noexcept {
    if (child.size == 32) *out++ = short_string + 32;
    if (child.size == 0) {
        *out++ = short_string;
        return out;
    }
    std::memcpy(out, child.bytes.data(), child.size);
    return out + child.size;
}

/// The hex-prefix encoding of a path (yellow paper, appendix C).
struct HexPrefix {
    std::array<std::uint8_t, 33> bytes;
    std::size_t size;

    HexPrefix(const Path& path, bool leaf) noexcept {
        constexpr std::uint8_t leaf_flag = 0x20;
        constexpr std::uint8_t odd_flag = 0x10;
        std::size_t at = path.begin;
        const bool odd = (path.end - path.begin) % 2 != 0;
        bytes[0] = leaf ? leaf_flag : std::uint8_t{0};
        if (odd) bytes[0] = static_cast<std::uint8_t>(bytes[0] | odd_flag | nibble(path.key, at++));
        size = 1 + (path.end - at) / 2;
        if (at % 2 == 0) { // whole bytes of the key
            std::memcpy(bytes.data() + 1, path.key + at / 2, size - 1);
            return;
        }
        for (std::size_t i = 1; i < size; ++i, at += 2) {
            bytes[i] = static_cast<std::uint8_t>(nibble(path.key, at) << 4u | nibble(path.key, at + 1));
        }
    }

    [[nodiscard]] View view() const noexcept { return {bytes.data(), size}; }
};

} // namespace

std::uint8_t* NodeWriter::begin_list(std::size_t payload) {
    buffer_.resize(header_size(payload) + payload);
    return write_header(buffer_.data(), payload, short_list, long_list);
}

View NodeWriter::leaf(const Path& path, View value) {
    const HexPrefix prefix(path, true);
    std::uint8_t* out = begin_list(string_size(prefix.view()) + string_size(value));
    out = write_string(out, prefix.view());
    write_string(out, value);
    return buffer_;
}

View NodeWriter::extension(const Path& path, const Reference& child) {
    const HexPrefix prefix(path, false);
    std::uint8_t* out = begin_list(string_size(prefix.view()) + reference_size(child));
    out = write_string(out, prefix.view());
    write_reference(out, child);
    return buffer_;
}

View NodeWriter::branch(const std::array<Reference, width>& children, View value) {
    std::size_t payload = string_size(value);
    for (const Reference& child : children)
        payload += reference_size(child);
    std::uint8_t* out = begin_list(payload);
    for (const Reference& child : children)
        out = write_reference(out, child);
    write_string(out, value);
    return buffer_;
}

Reference reference_to(View encoding) noexcept {
    Reference reference;
    if (encoding.size() < 32) {
        std::memcpy(reference.bytes.data(), encoding.data(), encoding.size());
        reference.size = static_cast<std::uint8_t>(encoding.size());
    } else {
        keccak::keccak256(encoding, reference.bytes.data());
        reference.size = 32;
    }
    return reference;
}

} // namespace rvm::trie
