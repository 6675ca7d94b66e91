// The plugin org.rvm.u256 in the SDK's test host.
#include <gtest/gtest.h>

#include <rvm/test_host.hpp>

#include "plugin_sidecar.hpp"
#include "u256/divide.hpp"

namespace rvm::u256 {
namespace {

using sdk::test::Bytes;
using sdk::test::OpcodeRun;

/// Memory of the opcodes: four words from here, at offsets 0, 32, 64, 96.
constexpr std::uint64_t a_at = 0;
constexpr std::uint64_t b_at = 32;
constexpr std::uint64_t m_at = 64;
constexpr std::uint64_t out_at = 96;

Bytes memory(const U256& a, const U256& b = {}, const U256& m = {}) {
    Bytes bytes(128);
    store_be(a, bytes.data() + a_at);
    store_be(b, bytes.data() + b_at);
    store_be(m, bytes.data() + m_at);
    return bytes;
}

class u256_opcodes : public ::testing::Test {
  protected:
    u256_opcodes() { host.load(rvm_plugin_entry_v0); }
    ~u256_opcodes() override { EXPECT_EQ(host.violations(), std::vector<std::string>()); }

    U256 binary(const char* id, const U256& a, const U256& b) {
        const OpcodeRun run = host.run_opcode(id, {a_at, b_at, out_at}, {.memory = memory(a, b)});
        EXPECT_EQ(run.status, RVM_OK) << id;
        return load_be(run.memory.data() + out_at);
    }
    U256 counted(const char* id, const U256& a, std::uint64_t n) {
        const OpcodeRun run = host.run_opcode(id, {a_at, n, out_at}, {.memory = memory(a)});
        EXPECT_EQ(run.status, RVM_OK) << id;
        return load_be(run.memory.data() + out_at);
    }
    rvm_word compare(const char* id, const U256& a, const U256& b) {
        return host.run_opcode(id, {a_at, b_at}, {.memory = memory(a, b)}).words.at(0);
    }

    sdk::test::TestHost host;
};

TEST_F(u256_opcodes, compute_what_their_names_say) {
    const U256 x = max_value - U256{4};
    EXPECT_EQ(binary("u256.add", x, 7), U256{2});
    EXPECT_EQ(binary("u256.sub", 1, 3), -U256{2});
    EXPECT_EQ(binary("u256.mul", x, 3), -U256{15});
    EXPECT_EQ(binary("u256.div", 100, 7), U256{14});
    EXPECT_EQ(binary("u256.mod", 100, 7), U256{2});
    EXPECT_EQ(binary("u256.sdiv", -U256{100}, 7), -U256{14});
    EXPECT_EQ(binary("u256.smod", -U256{100}, 7), -U256{2});
    EXPECT_EQ(binary("u256.sdiv", min_signed, max_value), min_signed);
    EXPECT_EQ(binary("u256.exp", 3, 5), U256{243});
    EXPECT_EQ(binary("u256.exp", 0, 0), U256{1});
    EXPECT_EQ(binary("u256.and", 12, 10), U256{8});
    EXPECT_EQ(binary("u256.or", 12, 10), U256{14});
    EXPECT_EQ(binary("u256.xor", 12, 10), U256{6});
    EXPECT_EQ(counted("u256.shl", 1, 255), min_signed);
    EXPECT_EQ(counted("u256.shr", min_signed, 255), U256{1});
    EXPECT_EQ(counted("u256.shr", min_signed, 256), U256{});
    EXPECT_EQ(counted("u256.sar", min_signed, 1000), max_value);
    EXPECT_EQ(counted("u256.signextend", 0x80, 0), -U256{0x80});
}

TEST_F(u256_opcodes, compare_into_a_stack_word) {
    EXPECT_EQ(compare("u256.lt", 1, max_value), 1u);
    EXPECT_EQ(compare("u256.gt", 1, max_value), 0u);
    EXPECT_EQ(compare("u256.slt", max_value, 1), 1u);
    EXPECT_EQ(compare("u256.sgt", max_value, 1), 0u);
    EXPECT_EQ(compare("u256.eq", 5, 5), 1u);
    EXPECT_EQ(host.run_opcode("u256.iszero", {a_at}, {.memory = memory(0)}).words.at(0), 1u);
    EXPECT_EQ(host.run_opcode("u256.clz", {a_at}, {.memory = memory(1)}).words.at(0), 255u);
    EXPECT_EQ(host.run_opcode("u256.byte", {a_at, 31}, {.memory = memory(0x1234)}).words.at(0), 0x34u);
    EXPECT_EQ(host.run_opcode("u256.byte", {a_at, 32}, {.memory = memory(max_value)}).words.at(0), 0u);
}

TEST_F(u256_opcodes, use_the_full_intermediate_in_modular_arithmetic) {
    const auto modular = [&](const char* id) {
        const OpcodeRun run =
            host.run_opcode(id, {a_at, b_at, m_at, out_at}, {.memory = memory(max_value, max_value, 12)});
        EXPECT_EQ(run.status, RVM_OK);
        return load_be(run.memory.data() + out_at);
    };
    EXPECT_EQ(modular("u256.addmod"), U256{6});
    EXPECT_EQ(modular("u256.mulmod"), U256{9});
}

TEST_F(u256_opcodes, trap_on_division_by_zero_and_leave_memory_alone) {
    for (const char* id : {"u256.div", "u256.mod", "u256.sdiv", "u256.smod"}) {
        const OpcodeRun run = host.run_opcode(id, {a_at, b_at, out_at}, {.memory = memory(5, 0)});
        EXPECT_EQ(run.status, RVM_TRAP_ARITHMETIC) << id;
        EXPECT_EQ(run.memory, memory(5, 0)) << id;
    }
    for (const char* id : {"u256.addmod", "u256.mulmod"}) {
        EXPECT_EQ(host.run_opcode(id, {a_at, b_at, m_at, out_at}, {.memory = memory(5, 5, 0)}).status,
                  RVM_TRAP_ARITHMETIC)
            << id;
    }
}

TEST_F(u256_opcodes, convert_from_and_to_stack_words) {
    const OpcodeRun from = host.run_opcode("u256.from", {~0ull, out_at}, {.memory = memory(max_value)});
    EXPECT_EQ(load_be(from.memory.data() + out_at), U256{~0ull});
    EXPECT_EQ(host.run_opcode("u256.to", {a_at}, {.memory = memory(~0ull)}).words.at(0), ~0ull);
    EXPECT_EQ(host.run_opcode("u256.to", {a_at}, {.memory = memory(U256{0, 1, 0, 0})}).status, RVM_TRAP_ARITHMETIC);
}

TEST_F(u256_opcodes, may_write_over_their_operands) {
    const OpcodeRun run = host.run_opcode("u256.mul", {a_at, a_at, a_at}, {.memory = memory(9)});
    EXPECT_EQ(load_be(run.memory.data() + a_at), U256{81});
}

TEST_F(u256_opcodes, trap_outside_memory_whatever_the_offset) {
    const Bytes small = memory(1);
    for (const std::uint64_t bad : {std::uint64_t{97}, std::uint64_t{128}, ~std::uint64_t{0}, ~std::uint64_t{31}}) {
        EXPECT_EQ(host.run_opcode("u256.add", {bad, b_at, out_at}, {.memory = small}).status, RVM_TRAP_MEMORY) << bad;
        EXPECT_EQ(host.run_opcode("u256.add", {a_at, b_at, bad}, {.memory = small}).status, RVM_TRAP_MEMORY) << bad;
        EXPECT_EQ(host.run_opcode("u256.from", {1, bad}, {.memory = small}).status, RVM_TRAP_MEMORY) << bad;
    }
    EXPECT_EQ(host.run_opcode("u256.iszero", {0}).status, RVM_TRAP_MEMORY);
}

TEST_F(u256_opcodes, price_powers_by_the_bytes_of_the_exponent) {
    const auto gas = [&](const U256& exponent) {
        return host.run_opcode("u256.exp", {a_at, b_at, out_at}, {.memory = memory(3, exponent)}).gas_used;
    };
    const std::int64_t none = gas(0);
    EXPECT_EQ(gas(1) - none, 50);
    EXPECT_EQ(gas(255) - none, 50);
    EXPECT_EQ(gas(256) - none, 100);
    EXPECT_EQ(gas(max_value) - none, 32 * 50);
    const OpcodeRun run =
        host.run_opcode("u256.exp", {a_at, b_at, out_at}, {.memory = memory(3, max_value), .gas = none + 1599});
    EXPECT_EQ(run.status, RVM_TRAP_OUT_OF_GAS);
}

TEST_F(u256_opcodes, are_described_by_the_sidecar) {
    test::expect_sidecar_matches(rvm_plugin_entry_v0, RVM_SOURCE_DIR "/plugins/u256/u256.rvm.json.in");
}

} // namespace
} // namespace rvm::u256
