#include "keccak/keccak.hpp"
#include "keccak/rounds.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace rvm::keccak {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string hex(std::span<const std::uint8_t> data) {
    std::string text;
    for (const std::uint8_t byte : data) {
        text += "0123456789abcdef"[byte >> 4u];
        text += "0123456789abcdef"[byte & 15u];
    }
    return text;
}

/// SHA3-256 over the same permutation: FIPS 202 publishes answers for it, not for Ethereum's padding.
std::string sha3_256(std::span<const std::uint8_t> input) {
    constexpr std::uint64_t sha3_pad = 0x06;
    State state{};
    std::size_t position = 0;
    const auto absorb = [&](std::uint64_t byte, std::size_t at) { state[at / 8] ^= byte << (8 * (at % 8)); };
    for (const std::uint8_t byte : input) {
        absorb(byte, position);
        if (++position == rate_bytes) {
            permute(state);
            position = 0;
        }
    }
    absorb(sha3_pad, position);
    absorb(0x80, rate_bytes - 1);
    permute(state);
    std::vector<std::uint8_t> digest;
    for (std::size_t i = 0; i < 32; ++i) {
        digest.push_back(static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8))));
    }
    return hex(digest);
}

// Keccak team, "KeccakF-1600-IntermediateValues.txt": the permutation of the zero state, once and twice.
TEST(keccak_digest, permutes_the_zero_state_as_published) {
    State state{};
    permute(state);
    EXPECT_EQ(state[0], 0xF1258F7940E1DDE7u);
    EXPECT_EQ(state[1], 0x84D5CCF933C0478Au);
    EXPECT_EQ(state[24], 0xEAF1FF7B5CECA249u);
    permute(state);
    EXPECT_EQ(state[0], 0x2D5C954DF96ECB3Cu);
    EXPECT_EQ(state[24], 0x20D06CD26A8FBF5Cu);
}

// NIST, "Cryptographic Standards and Guidelines: Example Values", SHA3-256 of 0 and 1600 bits (the byte 0xa3, 200
// times).
TEST(keccak_digest, gives_sha3_256_with_its_padding) {
    EXPECT_EQ(sha3_256({}), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    EXPECT_EQ(sha3_256(std::vector<std::uint8_t>(200, 0xa3)),
              "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787");
}

// The empty string's digest is the code hash of accounts without code (Ethereum yellow paper, section 4.1);
// "transfer(...)" begins with the selector a9059cbb of ERC-20.
TEST(keccak_digest, gives_the_digests_ethereum_uses) {
    EXPECT_EQ(hex(keccak256({})), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(hex(keccak256(bytes("abc"))), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(hex(keccak256(bytes("transfer(address,uint256)"))).substr(0, 8), "a9059cbb");
}

TEST(keccak_digest, does_not_depend_on_how_the_input_is_cut) {
    std::vector<std::uint8_t> input(3 * rate_bytes + 5);
    for (std::size_t i = 0; i < input.size(); ++i) {
        input[i] = static_cast<std::uint8_t>(i * 37 + 1);
    }
    Hasher hasher;
    for (std::size_t size = 0; size <= input.size(); ++size) {
        const std::span<const std::uint8_t> whole(input.data(), size);
        const Digest expected = keccak256(whole);
        for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, size / 3, size / 2, size}) {
            if (cut > size) continue;
            hasher.update(whole.first(cut));
            hasher.update(whole.subspan(cut));
            ASSERT_EQ(hasher.finish(), expected) << size << " cut at " << cut;
        }
        for (const std::uint8_t byte : whole) {
            hasher.update({&byte, 1});
        }
        ASSERT_EQ(hasher.finish(), expected) << size << " byte by byte";
    }
}

TEST(keccak_digest, every_implementation_permutes_alike) {
    State chosen{}, scalar{}; // each round of the chain is another state
    for (int i = 0; i < 1000; ++i) {
        chosen[static_cast<std::size_t>(i) % 25] ^= 0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(i);
        scalar = chosen;
        permute(chosen);
        permute_scalar(scalar);
        ASSERT_EQ(chosen, scalar) << i;
    }
}

TEST(keccak_digest, may_overwrite_its_input) {
    std::vector<std::uint8_t> buffer(64, 1);
    const Digest expected = keccak256(buffer);
    keccak256(buffer, buffer.data());
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), buffer.begin()));
}

} // namespace
} // namespace rvm::keccak
