// What a deployment grants: items of other plugins by id, features by rules and configuration.
#include "hooks_contract.hpp"
#include "module_builder.hpp"

namespace rvm::conformance {
namespace {

using namespace modules;

const rvm_address P = address(0x7);

class wasm_deployment : public WasmWorldTest {
  protected:
    void TearDown() override { use(shared_runtime()); }
    /// Runs the module in a deployment of its own.
    Outcome run_in(const std::unique_ptr<Runtime>& runtime, const Code& code) {
        use(*runtime);
        install(P, code, "wasm");
        next();
        Outcome out = call(P, {'a', 'b', 'c'});
        use(shared_runtime());
        return out;
    }
    static bool names(const Outcome& outcome, const std::string& text) {
        return outcome.status == RVM_TRAP_INVALID_CODE && outcome.fault.find(text) != std::string::npos;
    }
    /// Hashes the three bytes of its input with the item of this id and gives 32 bytes.
    static Code hashes(const std::string& id) {
        const Code imports = Code{3} + name("rvm") + name(id) + Code{0, 3} + name("rvm") + name("input_read") +
                             Code{0, 4} + name("rvm") + name("output") + Code{0, 5};
        const Code code = {i32, 0, i32, 0,  i32,     3, call_op, 1,                    // input_read(0, 0, 3)
                           i32, 0, i32, 3,  i32,     8, i32,     32, call_op, 0, drop, // item(0, 3, 8, 32)
                           i32, 8, i32, 32, call_op, 2};                               // output(8, 32)
        return build({.imports = imports, .memories = {1, 0, 1}, .code = code, .function = 3});
    }
    static constexpr std::uint8_t i32 = 0x41, call_op = 0x10, drop = 0x1a;
};

TEST_F(wasm_deployment, syscalls_need_a_grant_and_primitives_none) {
    const Code sha256_of_abc = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};
    const auto granted = open_runtime("{}", R"(["crypto.*"])"), nothing = open_runtime("{}", "[]");
    Outcome ran = run_in(granted, hashes("crypto.sha256"));
    ASSERT_EQ(ran.status, RVM_OK) << ran.fault << ran.error;
    EXPECT_EQ(Code(ran.output.begin(), ran.output.begin() + 8), sha256_of_abc);
    EXPECT_TRUE(names(run_in(nothing, hashes("crypto.sha256")),
                      "rvm.crypto.sha256: the deployment does not grant this syscall"));
    ran = run_in(nothing, hashes("sha256"));
    ASSERT_EQ(ran.status, RVM_OK) << ran.fault;
    EXPECT_EQ(Code(ran.output.begin(), ran.output.begin() + 8), sha256_of_abc);
    EXPECT_TRUE(
        names(run_in(granted, hashes("crypto.sha257")), "rvm.crypto.sha257: no function, syscall or primitive"));
}

TEST_F(wasm_deployment, an_import_of_another_type_is_refused) {
    const Code imports = Code{1} + name("rvm") + name("caller") + Code{0, 0};
    EXPECT_TRUE(names(run_in(open_runtime(), build({.imports = imports, .function = 1})),
                      "rvm.caller: expected the type (i32) -> (), found () -> ()"));
    const Code memory = Code{1} + name("rvm") + name("memory") + Code{2, 0, 1};
    EXPECT_TRUE(names(run_in(open_runtime(), build({.imports = memory})), "rvm.memory"));
}

/// What CREATE deploys is EVM code, whatever it looks like: Ethereum's rules. EVM code has programs of this format made
/// by a program of this format.
TEST_F(wasm_deployment, evm_code_creates_evm_code_only) {
    namespace e = evm;
    const rvm_address E = address(0xe), M = address(0x9);
    install(M, read_module("maker.wasm"), "wasm");
    const auto creates = [&](const Code& deployed) {
        install(E, e::create(e::deploys(deployed)) + e::return_top(), "evm");
        next();
        const Outcome ran = call(E, {});
        EXPECT_EQ(ran.status, RVM_OK) << ran.fault << ran.error;
        rvm_address made;
        std::copy(ran.output.begin() + 12, ran.output.end(), made.bytes);
        return made;
    };
    const rvm_address made = creates(build({.code = {i32, 0, drop}}));
    EXPECT_EQ(world().account(made)->code_size, build({.code = {i32, 0, drop}}).size());
    const Outcome ran = call(made, {});
    EXPECT_EQ(ran.status, RVM_OK) << "its first byte is STOP";
    EXPECT_LT(ran.gas_used, 2) << "no pages, no entry: it did not run as a module";
    const rvm_address none = creates(Code{0xef, 0xf0, 0x00} + build({}));
    EXPECT_EQ(Code(std::begin(none.bytes), std::end(none.bytes)), Code(20)) << "EIP-3541: no code begins with 0xef";

    // Through the program M, which creates what its input holds.
    const Code input = Code{0} + read_module("counter.wasm");
    install(E,
            e::bytes_to_memory(input) +
                e::call(e::CALL, M, {.input_size = static_cast<std::uint32_t>(input.size()), .output_size = 32}) +
                e::op({e::POP}) + e::push(0) + e::op({e::MLOAD}) + e::return_top(),
            "evm");
    next();
    const Outcome through = call(E, {});
    ASSERT_EQ(through.status, RVM_OK) << through.fault << through.error;
    ASSERT_EQ(through.output[0], 0) << "done";
    rvm_address counter;
    std::copy_n(through.output.begin() + 1, 20, counter.bytes);
    EXPECT_EQ(call(counter, {}).output, word_bytes(1));
}

TEST_F(wasm_deployment, rules_and_configuration_switch_features) {
    const Code extends = build({.code = {i32, 0, 0xc0, drop}});                         // i32.extend8_s: 2.0
    const Code tail_calls = build({.code = {i32, 1, 0x04, 0x40, 0x0f, 0x0b, 0x12, 0}}); // return_call: 3.0
    struct Case {
        const char* rules;
        const char* config;
        bool extends, tail_calls;
    };
    for (const Case& each :
         {Case{"wasm/1", "{}", true, true}, Case{"wasm/core2", "{}", true, false},
          Case{"wasm/core1", "{}", false, false}, Case{"wasm/1", R"({"without": ["tail_call"]})", true, false},
          Case{"wasm/1", R"({"without": ["sign_extension"]})", false, true}}) {
        const auto runtime = open_runtime(each.config, "[]", each.rules);
        EXPECT_EQ(run_in(runtime, extends).status, each.extends ? RVM_OK : RVM_TRAP_INVALID_CODE) << each.rules;
        EXPECT_EQ(run_in(runtime, tail_calls).status, each.tail_calls ? RVM_OK : RVM_TRAP_INVALID_CODE) << each.config;
    }
    for (const char* bad : {R"({"without": ["everything"]})", R"({"wasi": {"granted": 1}})"}) {
        const auto runtime = open_runtime(bad); // the plugin is loaded when its format is needed
        EXPECT_THROW(static_cast<void>(run_in(runtime, extends)), Failure) << bad;
        use(shared_runtime());
    }
}

} // namespace
} // namespace rvm::conformance
