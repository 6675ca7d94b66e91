// Every instruction that computes floating point gives the positive canonical NaN, whatever NaN went in: scalars and
// all lanes of vectors.
#include <cstring>

#include <gtest/gtest.h>

#include "run/store.hpp"
#include "support/wasm_builder.hpp"

namespace {

using namespace rvm::wasm;
using spectest::Value;
using test::Bytes;

/// Instructions whose NaN the standard leaves open (core specification 4.3.3): not those that only move bits.
bool computes(const OpInfo& op) {
    if (op.signature[0] == '*' || op.immediate != Immediate::none || op.text[0] != 'f') return false;
    const char result = op.signature.back();
    if (result != 'f' && result != 'F' && result != 'v') return false;
    const std::string_view verb = op.text.substr(op.text.find('.') + 1);
    for (const char* each :
         {"add", "sub", "mul", "div", "min", "max", "sqrt", "ceil", "floor", "trunc", "nearest", "demote", "promote"}) {
        if (verb.substr(0, std::strlen(each)) == each) return true;
    }
    return false;
}

Value value_of(char letter, std::uint32_t narrow, std::uint64_t wide, bool narrow_lanes) {
    if (letter == 'f') return {f32, narrow, 0};
    if (letter == 'F') return {f64, wide, 0};
    const std::uint64_t lanes = narrow_lanes ? narrow | std::uint64_t{narrow} << 32 : wide;
    return {v128, lanes, lanes};
}

std::uint8_t byte_of(char letter) { return letter == 'f' ? 0x7d : letter == 'F' ? 0x7c : 0x7b; }

std::vector<Value> result_of(const OpInfo& op, std::uint32_t narrow, std::uint64_t wide) {
    const std::string_view operands = op.signature.substr(0, op.signature.find('.'));
    const std::string_view name = op.text;
    // What the operands' lanes are: demote and promote change the width.
    const bool narrow_operands =
        name.find("promote_low_f32x4") != name.npos || (name.substr(0, 3) == "f32" && name.find("demote") == name.npos);
    Bytes parameters, code;
    std::vector<Value> arguments;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        parameters.push_back(byte_of(operands[i]));
        code = test::join({code, {0x20}, test::leb(i)});
        arguments.push_back(value_of(operands[i], narrow, wide, narrow_operands));
    }
    if (op.prefix != Prefix::none) code.push_back(static_cast<std::uint8_t>(op.prefix));
    code = test::join({code, op.prefix == Prefix::none ? Bytes{op.code} : test::leb(op.code)});
    const Bytes module =
        test::one_function(test::function_type(parameters, {byte_of(op.signature.back())}), test::body(code));
    EngineBackend backend(Features::all(), 1'000'000);
    std::uint32_t number = 0, instance = 0;
    EXPECT_TRUE(backend.compile(module, &number).ok());
    EXPECT_TRUE(backend.instantiate(number, &instance).ok());
    std::vector<Value> results;
    EXPECT_TRUE(backend.invoke(instance, "run", arguments, results).ok());
    return results;
}

TEST(wasm_nan, is_the_positive_canonical_one) {
    constexpr std::uint32_t canonical32 = 0x7fc00000;
    constexpr std::uint64_t canonical64 = 0x7ff8000000000000, both = canonical32 | std::uint64_t{canonical32} << 32;
    std::size_t count = 0;
    for (const OpInfo& op : op_table) {
        if (!computes(op)) continue;
        ++count;
        SCOPED_TRACE(op.text);
        for (const auto& [narrow, wide] : {std::pair<std::uint32_t, std::uint64_t>{0xffc00000, 0xfff8000000000000},
                                           {0x7fa00001, 0x7ff4000000000001},    // signalling
                                           {0xffa12345, 0xfff4123456789abc},    // signalling, negative
                                           {0x7fffffff, 0x7fffffffffffffff}}) { // all payload
            const std::vector<Value> results = result_of(op, narrow, wide);
            ASSERT_EQ(results.size(), 1u);
            const bool is_narrow = op.text.substr(0, 3) == "f32";
            const std::uint64_t expected = op.signature.back() == 'f'   ? canonical32
                                           : op.signature.back() == 'F' ? canonical64
                                           : is_narrow                  ? both
                                                                        : canonical64;
            EXPECT_EQ(results[0].low, expected);
            // Demotion fills the upper lanes with zeros.
            if (op.text.find("zero") == std::string_view::npos && op.signature.back() == 'v') {
                EXPECT_EQ(results[0].high, expected);
            }
        }
    }
    EXPECT_GE(count, 46u) << "11 of each scalar width and of each vector, promotions and demotions";
}

TEST(wasm_nan, what_only_moves_bits_keeps_them) {
    for (const OpInfo& op : op_table) {
        if (op.text != "f32.neg" && op.text != "f64x2.pmin" && op.text != "f32x4.abs") continue;
        const std::vector<Value> results = result_of(op, 0x7fa00001, 0x7ff4000000000001);
        ASSERT_EQ(results.size(), 1u);
        if (op.text == "f32.neg") {
            EXPECT_EQ(results[0].low, 0xffa00001u);
        }
        if (op.text == "f64x2.pmin") {
            EXPECT_EQ(results[0].low, 0x7ff4000000000001u);
        }
        if (op.text == "f32x4.abs") {
            EXPECT_EQ(results[0].low, 0x7fa000017fa00001u);
        }
    }
}

} // namespace
