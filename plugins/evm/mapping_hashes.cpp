#include "mapping_hashes.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <new>

#include "keccak/keccak.hpp"

namespace rvm::evm {
namespace {

using Input = std::array<std::uint64_t, kMappingInput / sizeof(std::uint64_t)>;

/// Two cache lines.
struct alignas(64) Remembered {
    Input input{};
    u256::U256 hash{};
    bool is_set = false;
};

constexpr unsigned kIndexBits = 10; ///< 128 KiB a thread: half of what a second-level cache has
using Table = std::array<Remembered, std::size_t{1} << kIndexBits>;

u256::U256 compute(const std::uint8_t* input) noexcept {
    std::uint8_t digest[32];
    keccak::keccak256({input, kMappingInput}, digest);
    return u256::load_be(digest);
}

std::size_t index_of(const Input& input) noexcept {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15; // 2^64 over the golden ratio (Knuth, TAOCP 6.4)
    std::uint64_t mixed = 0;
    for (const std::uint64_t word : input)
        mixed = (mixed ^ word ^ (mixed >> 29)) * golden;
    return static_cast<std::size_t>(mixed >> (64 - kIndexBits));
}

} // namespace

u256::U256 mapping_hash(const std::uint8_t* input) noexcept {
    thread_local const std::unique_ptr<Table> table(new (std::nothrow) Table);
    if (table == nullptr) return compute(input);
    Input words;
    std::memcpy(words.data(), input, sizeof words);
    Remembered& place = (*table)[index_of(words)];
    if (place.is_set && place.input == words) return place.hash;
    place = {words, compute(input), true};
    return place.hash;
}

} // namespace rvm::evm
