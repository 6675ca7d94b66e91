// Remembered hashes are the hashes: for inputs that come again, that differ in one bit, that push each other out.
#include <array>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "keccak/keccak.hpp"
#include "mapping_hashes.hpp"

namespace rvm::evm {
namespace {

using Input = std::array<std::uint8_t, kMappingInput>;

u256::U256 plain(const Input& input) { return u256::load_be(keccak::keccak256(input).data()); }

TEST(evm_mapping_hashes, nothing_but_zeroes_is_an_input_like_any_other) {
    const Input zeroes{};
    EXPECT_EQ(mapping_hash(zeroes.data()), plain(zeroes));
    EXPECT_EQ(mapping_hash(zeroes.data()), plain(zeroes));
}

TEST(evm_mapping_hashes, every_bit_counts) {
    Input input{};
    for (std::size_t bit = 0; bit < 8 * input.size(); ++bit) {
        input[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_EQ(mapping_hash(input.data()), plain(input)) << bit;
        input[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    }
}

TEST(evm_mapping_hashes, more_inputs_than_are_remembered_on_several_threads) {
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 2; ++thread)
        threads.emplace_back([thread] {
            std::mt19937 random(thread);
            std::vector<Input> inputs(3000);
            for (Input& input : inputs)
                for (std::uint8_t& byte : input)
                    byte = static_cast<std::uint8_t>(random());
            for (int round = 0; round < 3; ++round)
                for (const Input& input : inputs)
                    EXPECT_EQ(mapping_hash(input.data()), plain(input));
        });
    for (std::thread& thread : threads)
        thread.join();
}

} // namespace
} // namespace rvm::evm
