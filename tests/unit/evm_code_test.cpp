// Jump destinations: whole words of code at a time give what reading byte by byte gives (Yellow Paper section 9.4.3).
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "code.hpp"
#include "opcodes.hpp"

namespace rvm::evm {
namespace {

std::vector<bool> destinations(const std::vector<std::uint8_t>& code) {
    std::vector<bool> out(code.size());
    for (std::size_t at = 0; at < code.size(); ++at) {
        if (code[at] == OP_JUMPDEST) out[at] = true;
        if (code[at] >= OP_PUSH1 && code[at] <= OP_PUSH32) at += code[at] - OP_PUSH0;
    }
    return out;
}

void expect_destinations(const std::vector<std::uint8_t>& code, unsigned seed) {
    const auto free = [](const Code* made) { free_code(made); };
    const std::unique_ptr<const Code, decltype(free)> made(analyze({code.data(), code.size()}), free);
    ASSERT_NE(made, nullptr);
    const std::vector<bool> expected = destinations(code);
    for (std::size_t at = 0; at < code.size(); ++at)
        ASSERT_EQ(made->is_jumpdest(at), expected[at]) << "at " << at << " of " << code.size() << ", seed " << seed;
    EXPECT_FALSE(made->is_jumpdest(code.size()));
}

TEST(evm_code, finds_jump_destinations_as_a_reader_of_bytes_does) {
    for (unsigned seed = 0; seed < 4000; ++seed) {
        std::mt19937 random(seed);
        std::vector<std::uint8_t> code(random() % 400);
        const unsigned pushes = random() % 4; // from none to most
        for (std::uint8_t& byte : code) {
            if (random() % 4 < pushes)
                byte = static_cast<std::uint8_t>(OP_PUSH1 + random() % 32);
            else
                byte = static_cast<std::uint8_t>(random() % 2 != 0 ? unsigned{OP_JUMPDEST} : random());
        }
        expect_destinations(code, seed);
    }
}

TEST(evm_code, data_of_a_push_crosses_words) {
    for (std::size_t before = 0; before < 130; ++before)
        for (std::uint8_t size = 1; size <= 32; ++size) {
            std::vector<std::uint8_t> code(before, OP_JUMPDEST);
            code.push_back(static_cast<std::uint8_t>(OP_PUSH0 + size));
            code.insert(code.end(), 70, OP_JUMPDEST);
            expect_destinations(code, size);
        }
}

} // namespace
} // namespace rvm::evm
