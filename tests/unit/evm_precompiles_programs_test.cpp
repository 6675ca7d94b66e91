// What holds for all precompiles: which exist when, how they are found, priced and answered.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "evm_precompiles_host.hpp"
#include "rules.hpp"

namespace rvm::evm::test {
namespace {

class evm_precompiles : public ::testing::Test {
  protected:
    evm_precompiles() { EXPECT_EQ(host.link(), RVM_OK); }
    PrecompileHost host;
};

/// Names of the rule sets that have a program at `address`.
std::string forks_of(const PrecompileHost& host, unsigned address) {
    std::string forks;
    for (std::size_t i = 0; i < kRuleSets; ++i) {
        if (host.find(address, kRuleNames[i]) != nullptr) forks += kRuleNames[i] + std::string(" ");
    }
    return forks;
}

TEST_F(evm_precompiles, exist_from_their_fork_on) {
    const std::map<unsigned, std::size_t> first = {
        {0x01, 0},  {0x02, 0},  {0x03, 0},  {0x04, 0},  {0x05, 4},  {0x06, 4},  {0x07, 4},  {0x08, 4},  {0x09, 7},
        {0x0a, 12}, {0x0b, 13}, {0x0c, 13}, {0x0d, 13}, {0x0e, 13}, {0x0f, 13}, {0x10, 13}, {0x11, 13}, {0x100, 14}};
    std::set<unsigned> seen;
    for (const rvm_program& program : host.precompiles.programs()) {
        seen.insert(PrecompileHost::address_of(program));
    }
    EXPECT_EQ(seen.size(), first.size());
    for (const auto& [address, from] : first) {
        std::string forks;
        for (std::size_t i = from; i < kRuleSets; ++i) {
            forks += kRuleNames[i] + std::string(" ");
        }
        EXPECT_EQ(forks_of(host, address), forks) << address;
    }
    EXPECT_EQ(forks_of(host, 0x12), "");
}

TEST_F(evm_precompiles, have_ids_of_their_own) {
    std::set<std::string> ids;
    for (const rvm_program& program : host.precompiles.programs()) {
        EXPECT_TRUE(ids.insert(program.id).second) << program.id;
        EXPECT_EQ(program.struct_size, sizeof(rvm_program));
        EXPECT_EQ(program.flags, RVM_F_PURE);
    }
}

TEST_F(evm_precompiles, find_a_primitive_when_it_is_needed_and_once) {
    EXPECT_TRUE(host.asked().empty()) << "linking tests nothing";
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(host.run(0x02, "evm/osaka", {}).status, RVM_OK);
        EXPECT_EQ(host.run(0x06, "evm/osaka", {}).status, RVM_OK);
    }
    EXPECT_EQ(host.asked(), (std::vector<std::string>{"sha256", "bn254.add"}));
}

TEST_F(evm_precompiles, without_their_primitive_are_a_failure_of_the_host) {
    host.missing = "modexp";
    EXPECT_EQ(host.run(0x05, "evm/osaka", {}).status, RVM_E_CONFIG);
    ASSERT_EQ(host.log().size(), 1u);
    EXPECT_NE(host.log()[0].find("modexp"), std::string::npos);
    host.missing.clear();
    EXPECT_EQ(host.run(0x05, "evm/osaka", {}).status, RVM_OK) << "asked for again";
}

TEST(evm_precompiles_link, needs_the_host_interface) {
    PrecompileHost host;
    host.has_items = false;
    EXPECT_EQ(host.link(), RVM_E_UNSUPPORTED);
    EXPECT_EQ(host.run(0x02, "evm/osaka", {}).status, RVM_E_CONFIG);
}

TEST_F(evm_precompiles, answer_the_same_whatever_room_they_get) {
    // Inputs with an answer: zeros, of the size each takes.
    const std::map<unsigned, std::size_t> sizes = {{0x02, 3},   {0x03, 3},   {0x04, 70},  {0x06, 128}, {0x07, 96},
                                                   {0x08, 192}, {0x09, 213}, {0x0b, 256}, {0x0c, 160}, {0x0d, 512},
                                                   {0x0e, 288}, {0x0f, 384}, {0x10, 64},  {0x11, 128}};
    for (const auto& [address, size] : sizes) {
        const rvm_program* program = host.find(address, "evm/osaka");
        const ProgramRun whole = PrecompileHost::run(*program, Bytes(size));
        EXPECT_EQ(whole.status, RVM_OK) << address;
        EXPECT_FALSE(whole.output.empty()) << address;
        for (const std::size_t room : {std::size_t{0}, whole.output.size() - 1, whole.output.size()}) {
            const ProgramRun run = PrecompileHost::run(*program, Bytes(size), INT64_MAX, room);
            EXPECT_EQ(run.output, whole.output) << address << " with room for " << room;
            EXPECT_EQ(run.gas_used, whole.gas_used) << address;
        }
    }
}

TEST_F(evm_precompiles, refuse_what_has_a_wrong_size) {
    // Address, a size that has an answer, and whether there must be at least that much.
    const std::map<unsigned, std::size_t> sizes = {{0x08, 192}, {0x09, 213}, {0x0b, 256}, {0x0c, 160}, {0x0d, 512},
                                                   {0x0e, 288}, {0x0f, 384}, {0x10, 64},  {0x11, 128}};
    for (const auto& [address, size] : sizes) {
        EXPECT_EQ(host.run(address, "evm/osaka", Bytes(size)).status, RVM_OK) << address;
        EXPECT_EQ(host.run(address, "evm/osaka", Bytes(size - 1)).status, RVM_TRAP_CRYPTO) << address;
        EXPECT_EQ(host.run(address, "evm/osaka", Bytes(size + 1)).status, RVM_TRAP_CRYPTO) << address;
        // EIP-197: the product over no pair is 1. EIP-2537 wants an element.
        EXPECT_EQ(host.run(address, "evm/osaka", {}).status, address == 0x08 ? RVM_OK : RVM_TRAP_CRYPTO) << address;
    }
    EXPECT_EQ(host.run(0x0a, "evm/osaka", Bytes(191)).status, RVM_TRAP_CRYPTO);
    EXPECT_EQ(host.run(0x0a, "evm/osaka", Bytes(193)).status, RVM_TRAP_CRYPTO);
    for (const std::size_t size : {0u, 159u, 161u}) { // EIP-7951: no answer instead
        EXPECT_EQ(host.run(0x100, "evm/osaka", Bytes(size)).status, RVM_OK);
        EXPECT_EQ(host.run(0x100, "evm/osaka", Bytes(size)).output, Bytes());
    }
}

TEST_F(evm_precompiles, read_short_input_as_if_zeros_followed_and_ignore_what_is_too_long) {
    Bytes point(64);
    point[31] = 1;
    point[63] = 2;
    Bytes product = point;
    product.resize(95);
    product.push_back(5);
    product.resize(128); // 5 G
    const Bytes five = host.run(0x07, "evm/osaka", product).output;
    EXPECT_EQ(five.size(), 64u);
    product.resize(96);
    EXPECT_EQ(host.run(0x07, "evm/osaka", product).output, five);
    EXPECT_EQ(host.run(0x06, "evm/osaka", point).output, point) << "plus infinity";
    Bytes longer = point;
    longer.resize(200);
    longer[150] = 77;
    EXPECT_EQ(host.run(0x06, "evm/osaka", longer).output, point);
    EXPECT_EQ(host.run(0x07, "evm/osaka", point).output, Bytes(64)) << "times zero";
}

TEST_F(evm_precompiles, modexp_is_bounded_from_osaka_on) {
    for (const unsigned field : {0u, 1u, 2u}) {
        Bytes input(96);
        input[32 * field + 30] = 4; // 1024
        EXPECT_EQ(host.run(0x05, "evm/osaka", input).status, RVM_OK) << field;
        input[32 * field + 31] = 1; // 1025
        EXPECT_EQ(host.run(0x05, "evm/osaka", input).status, RVM_TRAP_LIMIT) << field;
        EXPECT_EQ(host.run(0x05, "evm/prague", input).status, RVM_OK) << field;
    }
}

TEST_F(evm_precompiles, modexp_prices_do_not_overflow) {
    for (const char* rules : {"evm/byzantium", "evm/berlin", "evm/osaka"}) {
        const ProgramRun run = host.run(0x05, rules, Bytes(96, 0xff));
        EXPECT_EQ(run.status, RVM_TRAP_OUT_OF_GAS) << rules;
        EXPECT_EQ(run.gas_used, 0) << rules;
    }
    // An exponent of 2^248 bytes costs nothing without base and modulus in Byzantium, 200 in Berlin.
    Bytes input(96);
    input[32] = 1;
    EXPECT_EQ(host.run(0x05, "evm/byzantium", input, 0).status, RVM_OK);
    EXPECT_EQ(host.run(0x05, "evm/berlin", input, 200).gas_used, 200);
}

TEST_F(evm_precompiles, no_random_input_breaks_their_contract) {
    std::mt19937_64 random(7);
    for (const rvm_program& program : host.precompiles.programs()) {
        for (int i = 0; i < 200; ++i) {
            Bytes input(random() % 400);
            for (auto& byte : input) {
                byte = random() % 3 == 0 ? static_cast<std::uint8_t>(random()) : std::uint8_t{0};
            }
            const ProgramRun run = PrecompileHost::run(program, input, 1'000'000);
            EXPECT_GE(run.status, 0) << program.id;
            EXPECT_LE(run.gas_used, 1'000'000) << program.id;
        }
    }
}

} // namespace
} // namespace rvm::evm::test
