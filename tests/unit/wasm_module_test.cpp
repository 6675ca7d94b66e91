// Decoder and validator of WebAssembly: what they refuse, where and why. The specification's own cases run in
// conformance/wasm_spectest_test.cpp; here are the limits, the positions and the texts.
#include <gtest/gtest.h>

#include <ctime>

#include "module/branch_hints.hpp"
#include "module/names.hpp"
#include "module/validator.hpp"
#include "support/wasm_builder.hpp"

namespace {

using namespace rvm::wasm;
using namespace rvm::wasm::test;

/// "" when the module is valid, else the refusal.
std::string judge(const Bytes& bytes, Features features = Features::all(), ModuleError::Kind* kind = nullptr) {
    try {
        const Module module = decode(bytes, features, std::make_shared<TypeSpace>());
        validate_bodies(module);
        return "";
    } catch (const ModuleError& error) {
        if (kind != nullptr) *kind = error.kind();
        return error.what();
    }
}

const Bytes nullary = function_type({}, {});
const Bytes to_i32 = function_type({}, {i32_type});

TEST(wasm_module, accepts_a_function) { EXPECT_EQ("", judge(one_function(to_i32, body({0x41, 7})))); }

TEST(wasm_module, names_byte_expected_and_found) {
    EXPECT_EQ("at byte 35: type mismatch in end: expected i32, found i64",
              judge(one_function(to_i32, body({0x42, 7}))));
    EXPECT_EQ("at byte 0: magic header not detected: expected \\0asm", judge({'E', 'L', 'F', '1', 1, 0, 0, 0}));
    EXPECT_EQ("at byte 4: unknown binary version 2, expected 1", judge({0, 'a', 's', 'm', 2, 0, 0, 0}));
}

TEST(wasm_module, refuses_every_truncation) {
    const Bytes whole = one_function(to_i32, body({0x41, 7}));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string text = judge(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
        // Cuts between sections leave modules: the bare header, types alone.
        const bool at_section = size == 8 || size == 15;
        EXPECT_EQ(at_section, text.empty()) << size << ": " << text;
    }
}

TEST(wasm_module, features_are_switches) {
    const Bytes sign = one_function(to_i32, body({0x41, 7, 0xc0}));
    EXPECT_EQ("", judge(sign, Features::core2()));
    EXPECT_EQ("at byte 35: i32.extend8_s is an illegal opcode: its feature is off", judge(sign, Features::core1()));
    const Bytes vector = one_function(nullary, body({0x41, 0, 0xfd, 15, 0x1a}));
    EXPECT_EQ("", judge(vector, Features::core2()));
    EXPECT_NE("", judge(vector, Features::core2_without_vectors()));
    const Bytes tail = one_function(nullary, body({0x12, 0}));
    EXPECT_EQ("", judge(tail, Features::core2().with(Feature::tail_call)));
    EXPECT_NE("", judge(tail, Features::core2()));
}

/// What is wrong with branch hints in a module whose only function has an if at byte 3 of its body, a br_if at byte 10.
std::string wrong_hints(const Bytes& hints, const Bytes& more = {}) {
    const Bytes code = {0x41, 1, 0x04, 0x40, 0x0b, 0x02, 0x40, 0x41, 0, 0x0d, 0, 0x0b};
    const Bytes custom = section(0, join({name(branch_hint_section), hints}));
    const Bytes module = join({one_function(nullary, body(code)), custom, more});
    EXPECT_EQ("", judge(module)) << "a custom section makes no module invalid";
    try {
        check_branch_hints(decode(module, Features::all(), std::make_shared<TypeSpace>()));
        return "";
    } catch (const ModuleError& error) {
        const std::string text = error.what();
        return text.substr(text.find(": ") + 2);
    }
}

TEST(wasm_module, branch_hints_stand_at_branches_in_order) {
    EXPECT_EQ("", wrong_hints({0}));
    EXPECT_EQ("", wrong_hints({1, 0, 2, 3, 1, 1, 10, 1, 0}));
    EXPECT_NE(std::string::npos, wrong_hints({1, 0, 1, 8, 1, 1}).find("target is no if or br_if")) << "i32.const";
    EXPECT_NE(std::string::npos, wrong_hints({1, 0, 1, 4, 1, 1}).find("target is no if or br_if"))
        << "inside of the if";
    EXPECT_NE(std::string::npos, wrong_hints({1, 0, 1, 99, 1, 1}).find("target is no if or br_if"))
        << "behind the body";
    EXPECT_EQ("branch hints are not in order", wrong_hints({1, 0, 2, 10, 1, 1, 3, 1, 0}));
    EXPECT_EQ("branch hints are not in order", wrong_hints({1, 0, 2, 3, 1, 1, 3, 1, 0}));
    EXPECT_EQ("a branch hint has one byte", wrong_hints({1, 0, 1, 3, 2, 1, 1}));
    EXPECT_EQ("a branch hint is 0 or 1", wrong_hints({1, 0, 1, 3, 1, 2}));
    EXPECT_NE(std::string::npos, wrong_hints({1, 1, 0}).find("has no body"));
    EXPECT_NE(std::string::npos, wrong_hints({2, 0, 0, 0, 0}).find("is not next"));
    EXPECT_EQ("bytes remain after the branch hints", wrong_hints({0, 0}));
    EXPECT_NE("", wrong_hints({1, 0, 1}));
    const Bytes again = section(0, join({name(branch_hint_section), {0}}));
    EXPECT_EQ("there are branch hints in an earlier section already", wrong_hints({0}, again));
}

/// An entry of the section `name`.
Bytes named(std::uint32_t function, std::string_view text) { return join({leb(function), name(text)}); }

TEST(wasm_module, names_functions_by_section_export_import_or_number) {
    const auto names = [](const Bytes& subsections) {
        const Bytes imports =
            section(2, vec({join({name("env"), name("f"), {0, 0}}), join({name("env"), name("g"), {0, 0}})}));
        const Bytes exports =
            section(7, vec({join({name("run"), {0, 3}}), join({name("again"), {0, 3}}), join({name("g"), {0, 1}})}));
        const Bytes bytes =
            join({header(), section(1, vec({nullary})), imports, section(3, vec({{0}, {0}, {0}})), exports,
                  section(10, vec({body({}), body({}), body({})})), section(0, join({name("name"), subsections}))});
        const Module module = decode(bytes, Features::all(), std::make_shared<TypeSpace>());
        const FunctionNames of(module);
        std::string text;
        for (std::uint32_t i = 0; i < 6; ++i)
            text += of.of(i) + ", ";
        return text;
    };
    EXPECT_EQ("env.f, g, function 2, run, function 4, function 5, ", names({}));
    const Bytes module_name = join({{0}, sized(name("m"))}),
                two = vec({named(2, "two"), named(3, "three"), named(9, "none")});
    EXPECT_EQ("env.f, g, two, three, function 4, function 5, ", names(join({module_name, {1}, sized(two)})));
    EXPECT_EQ("env.f, g, two, run, function 4, function 5, ",
              names(join({{1}, sized(join({{3}, named(2, "two"), {3, 99}}))})))
        << "broken after the first name";
}

TEST(wasm_module, names_many_functions_in_one_pass) {
    constexpr std::uint32_t many = 50'000;
    std::vector<Bytes> entries;
    for (std::uint32_t i = 0; i < many; ++i)
        entries.push_back(named(i, "f"));
    const Bytes bytes = join({header(), section(1, vec({nullary})), section(3, vec(std::vector<Bytes>(many, {0}))),
                              section(10, vec(std::vector<Bytes>(many, body({})))),
                              section(0, join({name("name"), {1}, sized(vec(entries))}))});
    const Module module = decode(bytes, Features::all(), std::make_shared<TypeSpace>());
    const std::clock_t before = std::clock();
    const FunctionNames names(module);
    std::size_t size = 0;
    for (std::uint32_t i = 0; i < many; ++i)
        size += names.of(i).size();
    EXPECT_EQ(many, size);
    EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 1.0) << "looked up one by one it takes many";
}

TEST(wasm_module, limits_locals_before_it_makes_them) {
    ModuleError::Kind kind{};
    EXPECT_NE("", judge(one_function(nullary, body({}, {{1'000'000, i32_type}})), Features::all(), &kind));
    EXPECT_EQ(ModuleError::Kind::limit, kind);
    EXPECT_NE("", judge(one_function(nullary, body({}, {{0xffff'ffff, i32_type}, {0xffff'ffff, i32_type}})),
                        Features::all(), &kind));
    EXPECT_EQ("", judge(one_function(nullary, body({}, {{limits::locals, i32_type}}))));
}

TEST(wasm_module, limits_locals_of_all_functions_together) {
    // Bodies of seven bytes with 50,000 locals each; as many as the limit allows, and one local more.
    const auto module = [](std::uint32_t functions, const std::vector<std::pair<std::uint32_t, std::uint8_t>>& last) {
        std::vector<Bytes> types(functions + 1, {0}), bodies(functions, body({}, {{limits::locals, i32_type}}));
        bodies.push_back(body({}, last));
        return join({header(), section(1, vec({nullary})), section(3, vec(types)), section(10, vec(bodies))});
    };
    constexpr std::uint32_t functions = limits::all_locals / limits::locals;
    const std::uint64_t more = limits::all_locals_per_byte * module(functions, {{1, i32_type}, {500, i32_type}}).size();
    const auto rest = static_cast<std::uint32_t>(more);
    EXPECT_EQ("", judge(module(functions, {{1, i32_type}, {rest - 1, i32_type}})));
    ModuleError::Kind kind{};
    const std::string text = judge(module(functions, {{2, i32_type}, {rest - 1, i32_type}}), Features::all(), &kind);
    EXPECT_EQ(ModuleError::Kind::limit, kind);
    EXPECT_NE(std::string::npos, text.find("the module's functions have too many locals in all, the limit is " +
                                           std::to_string(limits::all_locals + more)))
        << text;
    // Parameters count as well: a function of a thousand takes four bytes.
    const Bytes wide = function_type(Bytes(1'000, i32_type), {});
    const Bytes flood = join({header(), section(1, vec({wide})), section(3, vec(std::vector<Bytes>(2'000, {0}))),
                              section(10, vec(std::vector<Bytes>(2'000, body({}))))});
    EXPECT_NE(std::string::npos, judge(flood).find("too many locals in all"));
}

TEST(wasm_module, bounds_nesting_without_recursion) {
    const auto nested = [](std::size_t depth) {
        Bytes code;
        for (std::size_t i = 0; i < depth; ++i) {
            code.push_back(0x02);
            code.push_back(0x40);
        }
        code.insert(code.end(), depth, 0x0b);
        return one_function(nullary, body(code));
    };
    EXPECT_EQ("", judge(nested(limits::control_depth - 1)));
    EXPECT_NE("", judge(nested(limits::control_depth)));
}

TEST(wasm_module, refuses_counts_beyond_the_bytes) {
    EXPECT_NE("", judge(join({header(), section(1, leb(50'000))})));
    EXPECT_NE("", judge(join({header(), section(2, leb(0xffff'ffff))})));
    const Bytes table = join({{0x41, 0, 0x0e}, leb(0xffff'ffff)});
    EXPECT_NE("", judge(one_function(nullary, body(table))));
}

TEST(wasm_module, judges_a_large_branch_table_in_linear_time) {
    Bytes code = {0x41, 0, 0x0e};
    code = join({code, leb(1'000'000), Bytes(1'000'001, 0)});
    EXPECT_EQ("", judge(one_function(nullary, body(code))));
}

TEST(wasm_module, equal_types_are_one) {
    auto space = std::make_shared<TypeSpace>();
    const Bytes bytes = join({header(), section(1, vec({nullary, to_i32, nullary}))});
    const Module first = decode(bytes, Features::all(), space);
    EXPECT_EQ(0u, first.type_first[2]);
    EXPECT_EQ(first.type_ids[0], first.type_ids[2]);
    EXPECT_NE(first.type_ids[0], first.type_ids[1]);
    const Bytes swapped = join({header(), section(1, vec({to_i32, nullary}))});
    const Module second = decode(swapped, Features::all(), space);
    EXPECT_EQ(first.type_ids[1], second.type_ids[0]);
    EXPECT_EQ(first.type_ids[0], second.type_ids[1]);
}

} // namespace
