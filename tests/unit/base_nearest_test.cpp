// "Did you mean": the cut-offs of the search change no answer.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace rvm {
namespace {

/// The distance of Damerau and Levenshtein with adjacent swaps, as the textbook has it.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                table[i][j] = i + j;
                continue;
            }
            table[i][j] = std::min(
                {table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
        }
    return table[a.size()][b.size()];
}

TEST(base_nearest, is_the_first_of_the_nearest_words) {
    std::mt19937_64 random(1);
    const auto word = [&](std::size_t longest) {
        std::string out(random() % (longest + 1), ' ');
        for (char& c : out)
            c = static_cast<char>('a' + random() % 3);
        return out;
    };
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::string> words;
        for (int i = 0; i < 8; ++i)
            words.push_back(word(9));
        const std::vector<std::string_view> candidates(words.begin(), words.end());
        const std::string asked = word(9);
        std::string expected;
        std::size_t best = asked.size() < 4 ? 2 : asked.size() / 3 + 2;
        for (const std::string& candidate : words)
            if (const std::size_t far = distance(asked, candidate); far < best) {
                best = far;
                expected = candidate;
            }
        ASSERT_EQ(nearest(asked, candidates), expected) << asked;
    }
}

TEST(base_nearest, is_nothing_when_every_word_is_far) {
    const std::vector<std::string_view> candidates{"push", "pop", "sload"};
    EXPECT_EQ(nearest("psuh", candidates), "push");
    EXPECT_EQ(nearest("ppo", candidates), "pop") << "two letters swapped";
    EXPECT_EQ(nearest("zebra", candidates), "");
    EXPECT_EQ(nearest(std::string(100'000, 'p'), candidates), "");
}

} // namespace
} // namespace rvm
