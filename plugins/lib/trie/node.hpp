// Nodes of the Merkle Patricia trie as bytes (yellow paper, appendix D; paths as in appendix C). Nodes are encoded in
// RLP; the few shapes that occur are written here directly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "keccak/keccak.hpp"

namespace rvm::trie {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;
using Hash = keccak::Digest;

/// Root of the trie without entries: keccak256 of the empty string in RLP.
inline constexpr Hash empty_root{0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45,
                                 0xe6, 0x92, 0xc0, 0xf8, 0x6e, 0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c,
                                 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21};

/// Children of a branch: one for each value of a nibble.
inline constexpr std::size_t width = 16;

/// Nibble `index` of a key, the high half of byte 0 first.
[[nodiscard]] constexpr unsigned nibble(const std::uint8_t* key, std::size_t index) noexcept {
    return index % 2 == 0 ? key[index / 2] >> 4u : key[index / 2] & 0x0fu;
}

/// Nibbles [begin, end) of a key: positions count from the start of the key, so a part of a path is the same bytes with
/// another range.
struct Path {
    const std::uint8_t* key;
    std::size_t begin;
    std::size_t end;
};

/// How a parent names a child: by hash, or by the child's whole encoding when that is shorter than a hash.
struct Reference {
    std::array<std::uint8_t, 32> bytes{};
    std::uint8_t size = 0; ///< 32: a hash; 1 to 31: the encoding; 0: no child
};

/// Writes one node at a time into a buffer that it reuses. What it returns is valid until the next call.
class NodeWriter {
  public:
    [[nodiscard]] View leaf(const Path& path, View value);
    [[nodiscard]] View extension(const Path& path, const Reference& child);
    /// An empty `value` means that no key ends here.
    [[nodiscard]] View branch(const std::array<Reference, width>& children, View value);

  private:
    std::uint8_t* begin_list(std::size_t payload);

    Bytes buffer_;
};

/// What stands for the node with this encoding in its parent.
[[nodiscard]] Reference reference_to(View encoding) noexcept;

} // namespace rvm::trie
