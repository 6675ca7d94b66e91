// Every opcode on words against GMP, in each way its operands can reach it: literals (which the hot tier folds), input
// (which it cannot know) and one of each; interpreted and translated.
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "support/evm_world.hpp"
#include "support/gmp_integer.hpp"

namespace rvm::evm::test {
namespace {

using u256::test::apply;
using u256::test::Big;

Big signed_of(const U256& word) { return Big::from_signed(word); }
long compare(const Big& a, const Big& b) { return mpz_cmp(a.value, b.value); }
/// A count of bits or bytes that is used up to `limit`; more is the limit.
unsigned count(const U256& word, unsigned limit) {
    return word.fits_64() && word.limbs[0] < limit ? static_cast<unsigned>(word.limbs[0]) : limit;
}

using Words = std::array<U256, 3>;
struct Operation {
    const char* name;
    std::uint8_t opcode;
    unsigned operands;
    std::function<Big(const Words&)> expected; ///< [0] was the top of the stack
};

const std::vector<Operation>& operations() {
    static const std::vector<Operation> all = {
        {"ADD", OP_ADD, 2, [](const Words& w) { return apply<mpz_add>(Big(w[0]), Big(w[1])); }},
        {"MUL", OP_MUL, 2, [](const Words& w) { return apply<mpz_mul>(Big(w[0]), Big(w[1])); }},
        {"SUB", OP_SUB, 2, [](const Words& w) { return apply<mpz_sub>(Big(w[0]), Big(w[1])); }},
        {"DIV", OP_DIV, 2, [](const Words& w) { return w[1] ? apply<mpz_fdiv_q>(Big(w[0]), Big(w[1])) : Big(0); }},
        {"MOD", OP_MOD, 2, [](const Words& w) { return w[1] ? apply<mpz_fdiv_r>(Big(w[0]), Big(w[1])) : Big(0); }},
        {"SDIV", OP_SDIV, 2,
         [](const Words& w) { return w[1] ? apply<mpz_tdiv_q>(signed_of(w[0]), signed_of(w[1])) : Big(0); }},
        {"SMOD", OP_SMOD, 2,
         [](const Words& w) { return w[1] ? apply<mpz_tdiv_r>(signed_of(w[0]), signed_of(w[1])) : Big(0); }},
        {"ADDMOD", OP_ADDMOD, 3,
         [](const Words& w) {
             return w[2] ? apply<mpz_fdiv_r>(apply<mpz_add>(Big(w[0]), Big(w[1])), Big(w[2])) : Big(0);
         }},
        {"MULMOD", OP_MULMOD, 3,
         [](const Words& w) {
             return w[2] ? apply<mpz_fdiv_r>(apply<mpz_mul>(Big(w[0]), Big(w[1])), Big(w[2])) : Big(0);
         }},
        {"EXP", OP_EXP, 2,
         [](const Words& w) {
             Big out;
             mpz_powm(out.value, Big(w[0]).value, Big(w[1]).value, Big::two_to(256).value);
             return out;
         }},
        {"SIGNEXTEND", OP_SIGNEXTEND, 2,
         [](const Words& w) {
             const unsigned bits = 8 * (count(w[0], 31) + 1);
             Big out;
             mpz_fdiv_r_2exp(out.value, Big(w[1]).value, bits);
             if (mpz_tstbit(out.value, bits - 1) != 0) mpz_sub(out.value, out.value, Big::two_to(bits).value);
             return out;
         }},
        {"LT", OP_LT, 2, [](const Words& w) { return Big(compare(Big(w[0]), Big(w[1])) < 0); }},
        {"GT", OP_GT, 2, [](const Words& w) { return Big(compare(Big(w[0]), Big(w[1])) > 0); }},
        {"SLT", OP_SLT, 2, [](const Words& w) { return Big(compare(signed_of(w[0]), signed_of(w[1])) < 0); }},
        {"SGT", OP_SGT, 2, [](const Words& w) { return Big(compare(signed_of(w[0]), signed_of(w[1])) > 0); }},
        {"EQ", OP_EQ, 2, [](const Words& w) { return Big(compare(Big(w[0]), Big(w[1])) == 0); }},
        {"ISZERO", OP_ISZERO, 1, [](const Words& w) { return Big(Big(w[0]).zero()); }},
        {"AND", OP_AND, 2, [](const Words& w) { return apply<mpz_and>(Big(w[0]), Big(w[1])); }},
        {"OR", OP_OR, 2, [](const Words& w) { return apply<mpz_ior>(Big(w[0]), Big(w[1])); }},
        {"XOR", OP_XOR, 2, [](const Words& w) { return apply<mpz_xor>(Big(w[0]), Big(w[1])); }},
        {"NOT", OP_NOT, 1, [](const Words& w) { return apply<mpz_sub>(Big(-1), Big(w[0])); }},
        {"BYTE", OP_BYTE, 2,
         [](const Words& w) {
             Big out;
             if (count(w[0], 32) == 32) return out;
             mpz_fdiv_q_2exp(out.value, Big(w[1]).value, 8 * (31 - count(w[0], 32)));
             mpz_fdiv_r_2exp(out.value, out.value, 8);
             return out;
         }},
        {"SHL", OP_SHL, 2,
         [](const Words& w) {
             Big out;
             mpz_mul_2exp(out.value, Big(w[1]).value, count(w[0], 256));
             return out;
         }},
        {"SHR", OP_SHR, 2,
         [](const Words& w) {
             Big out;
             mpz_fdiv_q_2exp(out.value, Big(w[1]).value, count(w[0], 256));
             return out;
         }},
        {"SAR", OP_SAR, 2,
         [](const Words& w) {
             Big out;
             mpz_fdiv_q_2exp(out.value, signed_of(w[1]).value, count(w[0], 256));
             return out;
         }},
        {"CLZ", OP_CLZ, 1,
         [](const Words& w) { return Big(w[0] ? 256 - static_cast<long>(mpz_sizeinbase(Big(w[0]).value, 2)) : 256); }},
    };
    return all;
}

/// Words near the edges: few limbs, powers of two and their neighbours, runs of ones, small numbers.
U256 operand(std::mt19937_64& random) {
    const U256 power = U256{1} << random() % 256;
    switch (random() % 7) {
    case 0:
        return power;
    case 1:
        return power - U256{1};
    case 2:
        return -power;
    case 3:
        return U256{random() % 300};
    case 4:
        return U256{random(), random(), random(), random()} >> random() % 256;
    case 5:
        return U256{random() % 2 ? ~0ull : 0, random() % 2 ? ~0ull : 0, random() % 2 ? ~0ull : 0,
                    random() % 2 ? ~0ull : 0};
    default:
        return {random(), random(), random(), random()};
    }
}

class OnWords : public testing::TestWithParam<Operation> {};

TEST_P(OnWords, agrees_with_gmp) {
    const Operation& operation = GetParam();
    std::mt19937_64 random(operation.opcode);
    for (int round = 0; round < 120; ++round) {
        const Words words = {operand(random), operand(random), operand(random)};
        Code input;
        for (const U256& word : words)
            input = input + word_bytes(word);
        for (unsigned literals = 0; literals < 1u << operation.operands; ++literals) {
            Code code = costly();
            for (unsigned i = operation.operands; i-- > 0;)
                code = code + ((literals >> i & 1u) != 0 ? push(words[i]) : push(32 * i) + op({OP_CALLDATALOAD}));
            code = code + op({operation.opcode}) + return_top();
            EvmWorld world;
            const U256 expected = operation.expected(words).word();
            const Ran cold = world.run(code, input);
            ASSERT_EQ(cold.status, RVM_OK);
            ASSERT_EQ(cold.word(), expected)
                << operation.name << " interpreted, round " << round << " literals " << literals;
            static_cast<void>(world.call(world.target, input));
            const Ran hot = world.call(world.target, input);
            ASSERT_EQ(hot, cold) << operation.name << " translated, round " << round << " literals " << literals;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(evm_opcodes, OnWords, testing::ValuesIn(operations()),
                         [](const auto& test) { return test.param.name; });

} // namespace
} // namespace rvm::evm::test
