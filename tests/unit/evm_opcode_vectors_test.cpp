// go-ethereum's vectors of opcodes with two operands (core/vm/testdata/testcases_*.json), where the conformance data is
// unpacked ($RVM_FIXTURES): operands as literals and as input, interpreted and translated.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/evm_world.hpp"
#include "u256/text.hpp"

namespace rvm::evm::test {
namespace {

namespace fs = std::filesystem;

constexpr struct VectorFile {
    const char* name; ///< testcases_NAME.json
    std::uint8_t opcode;
    std::size_t cases;
} files[] = {
    {"add", OP_ADD, 50},   {"and", OP_AND, 56},   {"byte", OP_BYTE, 55}, {"div", OP_DIV, 60},
    {"eq", OP_EQ, 49},     {"exp", OP_EXP, 55},   {"gt", OP_GT, 52},     {"lt", OP_LT, 47},
    {"mod", OP_MOD, 52},   {"mul", OP_MUL, 50},   {"or", OP_OR, 52},     {"sar", OP_SAR, 53},
    {"sdiv", OP_SDIV, 53}, {"sgt", OP_SGT, 50},   {"shl", OP_SHL, 52},   {"shr", OP_SHR, 48},
    {"slt", OP_SLT, 64},   {"smod", OP_SMOD, 45}, {"sub", OP_SUB, 53},   {"signext", OP_SIGNEXTEND, 61},
    {"xor", OP_XOR, 44},
};
constexpr std::size_t all_cases = 1101;

U256 word_in(const nlohmann::json& vector, const char* key) {
    const auto word = u256::from_hex(vector.at(key).get<std::string>());
    if (!word) throw std::invalid_argument(vector.dump());
    return *word;
}

/// X was pushed first: Y is the top of the stack.
void expect_answer(const VectorFile& file, const nlohmann::json& vector) {
    const U256 x = word_in(vector, "X"), y = word_in(vector, "Y"), expected = word_in(vector, "Expected");
    const Code input = word_bytes(x) + word_bytes(y);
    const Code tail = op({file.opcode}) + return_top();
    const Code from_input = push(0) + op({OP_CALLDATALOAD}) + push(32) + op({OP_CALLDATALOAD}) + tail;
    for (const Code& code : {costly() + push(x) + push(y) + tail, costly() + from_input}) {
        EvmWorld world;
        const Ran cold = world.run(code, input);
        ASSERT_EQ(cold.status, RVM_OK) << file.name << ' ' << vector.dump();
        ASSERT_EQ(cold.word(), expected) << file.name << ' ' << vector.dump();
        static_cast<void>(world.call(world.target, input));
        ASSERT_EQ(world.call(world.target, input), cold) << file.name << " translated " << vector.dump();
    }
}

TEST(evm_opcode_vectors, of_go_ethereum) {
    const char* root = std::getenv("RVM_FIXTURES");
    const fs::path folder = root == nullptr ? fs::path{} : fs::path(root) / "ethereum/precompiles/go-ethereum/opcodes";
    if (root == nullptr || !fs::exists(folder))
        GTEST_SKIP() << all_cases << " vectors NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    std::size_t total = 0;
    for (const VectorFile& file : files) {
        const auto vectors =
            nlohmann::json::parse(std::ifstream(folder / ("testcases_" + std::string(file.name) + ".json")));
        EXPECT_EQ(vectors.size(), file.cases) << file.name;
        for (const auto& vector : vectors)
            expect_answer(file, vector);
        total += vectors.size();
    }
    EXPECT_EQ(total, all_cases);
}

} // namespace
} // namespace rvm::evm::test
