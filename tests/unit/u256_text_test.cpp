#include "u256/text.hpp"

#include <gtest/gtest.h>

#include <random>

namespace rvm::u256 {
namespace {

constexpr const char* max_decimal = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
constexpr const char* max_decimal_plus_1 =
    "115792089237316195423570985008687907853269984665640564039457584007913129639936";

TEST(u256_text, writes_the_edges) {
    EXPECT_EQ(to_decimal(0), "0");
    EXPECT_EQ(to_hex(0), "0x0");
    EXPECT_EQ(to_hex(0xabc), "0xabc");
    EXPECT_EQ(to_decimal(max_value), max_decimal);
    EXPECT_EQ(to_hex_padded(1), "0x" + std::string(63, '0') + "1");
    // A zero chunk in the middle keeps its digits.
    EXPECT_EQ(to_decimal(U256{10'000'000'000'000'000'000u} * U256{10}), "1" + std::string(20, '0'));
}

TEST(u256_text, reads_what_it_writes) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 10'000; ++i) {
        const U256 value = U256{random(), random(), random(), random()} >> random() % 256;
        ASSERT_EQ(from_decimal(to_decimal(value)), value);
        ASSERT_EQ(from_hex(to_hex(value)), value);
        ASSERT_EQ(from_text(to_hex_padded(value)), value);
    }
}

TEST(u256_text, refuses_what_is_no_word) {
    for (const char* text : {"", "-1", "1 ", "1a", "0x", "1.0", max_decimal_plus_1,
                             "2000000000000000000000000000000000000"
                             "000000000000000000000000000000000000"
                             "000000"}) {
        EXPECT_FALSE(from_text(text)) << text;
    }
    EXPECT_FALSE(from_hex("0x1" + std::string(64, '0')));
    EXPECT_FALSE(from_hex("0xg"));
    EXPECT_EQ(from_decimal(max_decimal), max_value);
    EXPECT_EQ(from_hex(std::string(80, '0') + "Ff"), U256{255});
}

} // namespace
} // namespace rvm::u256
