// What an embedder brings without a plugin file: items of its own, ears for what plugins say.
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rvm/runtime.hpp>
#include <rvm/rvm.h>

#include "native/assembler.hpp"
#include "plugin/registry.hpp"

namespace rvm::conformance {
namespace {

constexpr const char* kManifest =
    R"({"format_version": 1, "name": "own", "profile": "standard", "syscalls": ["*"]})";
constexpr rvm_address kContract{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa}};

/// Answers with the number its `self` points to.
rvm_status answer(const void* self, rvm_frame*, rvm_view, rvm_span output, std::uint64_t* size) {
    std::memcpy(output.data, self, sizeof(std::uint64_t));
    *size = sizeof(std::uint64_t);
    return RVM_OK;
}

rvm_syscall syscall_of(const std::uint64_t& number, const char* id = "own.answer") {
    static const rvm_gas_schedule gas{sizeof(rvm_gas_schedule), 0, 7, 0, nullptr};
    return {sizeof(rvm_syscall), RVM_F_PURE, id, "a number", &gas, 8, answer, &number};
}

std::unique_ptr<Runtime> open(const rvm_contribution* items, Report& report, const char* manifest = kManifest) {
    RuntimeOptions options;
    options.own_id = "own";
    options.own_items = items;
    return Runtime::open_text(manifest, "/manifest.json", options, report);
}

std::uint64_t run(Runtime& runtime) {
    Report report;
    const auto code = native::assemble("space n 8\npush n push 0 push n push 8 syscall \"own.answer\" drop push n load64",
                                       "own.rasm", {}, report);
    World world(runtime, World::ephemeral);
    world.begin({});
    world.set_code(world.account(kContract), {code->data(), code->size()}, "native");
    rvm_message message{};
    message.struct_size = sizeof message;
    message.gas = 1000;
    message.recipient = message.code_address = kContract;
    const Outcome outcome = world.execute(message);
    (void)world.end();
    return outcome.status == RVM_OK && outcome.output.size() == 32 ? outcome.output.back() : 0;
}

TEST(own_items, programs_use_them_and_each_runtime_has_its_own) {
    const std::uint64_t seven = 7, nine = 9;
    const rvm_syscall first = syscall_of(seven), second = syscall_of(nine);
    const rvm_contribution first_items[] = {{RVM_KIND_SYSCALL, &first}, {nullptr, nullptr}};
    const rvm_contribution second_items[] = {{RVM_KIND_SYSCALL, &second}, {nullptr, nullptr}};
    Report report;
    const auto one = open(first_items, report), two = open(second_items, report);
    ASSERT_TRUE(one != nullptr && two != nullptr) << report.text();
    EXPECT_EQ(run(*one), 7u);
    EXPECT_EQ(run(*two), 9u);
    EXPECT_EQ(run(*one), 7u);
}

TEST(own_items, they_are_judged_as_a_plugins_are) {
    const std::uint64_t number = 1;
    const auto refused = [](const rvm_contribution* items, ErrorCode code, const char* manifest = kManifest) {
        Report report;
        const auto runtime = open(items, report, manifest);
        const bool loaded = runtime != nullptr && runtime->registry().load(*runtime->registry().slot("own"), report);
        return !loaded && !report.findings().empty() && report.findings().front().code == code &&
               report.findings().front().plugin == "own";
    };
    const rvm_syscall nameless = syscall_of(number, nullptr);
    const rvm_contribution no_id[] = {{RVM_KIND_SYSCALL, &nameless}, {nullptr, nullptr}};
    EXPECT_TRUE(refused(no_id, ErrorCode::contribution_invalid));
    const rvm_contribution unknown[] = {{"rvm.unknown/1", &number}, {nullptr, nullptr}};
    EXPECT_TRUE(refused(unknown, ErrorCode::contribution_invalid));
    const rvm_contribution nothing[] = {{RVM_KIND_SYSCALL, nullptr}, {nullptr, nullptr}};
    EXPECT_TRUE(refused(nothing, ErrorCode::contribution_invalid));
    rvm_syscall outside = syscall_of(number);
    outside.flags = RVM_F_EXTERNAL;
    const rvm_contribution external[] = {{RVM_KIND_SYSCALL, &outside}, {nullptr, nullptr}};
    EXPECT_TRUE(refused(external, ErrorCode::contribution_flags,
                        R"({"format_version": 1, "name": "own", "profile": "consensus", "trust": {"require": "pin"}})"));
}

// ---- the C interface ----

rvm_runtime_options options_with(const char* manifest) {
    rvm_runtime_options options{};
    options.struct_size = sizeof options;
    options.manifest_json = manifest;
    return options;
}

TEST(own_items, options_that_say_too_little_or_too_much_are_refused) {
    rvm_error error{sizeof error, 0, ""};
    EXPECT_EQ(rvm_runtime_create(nullptr, &error), nullptr);
    EXPECT_EQ(error.code, RVM_E_INVALID_ARGUMENT);
    rvm_runtime_options options = options_with(nullptr);
    EXPECT_EQ(rvm_runtime_create(&options, &error), nullptr) << "no manifest";
    options = options_with(kManifest);
    options.manifest_path = "also.json";
    EXPECT_EQ(rvm_runtime_create(&options, &error), nullptr) << "two manifests";
    options = options_with(kManifest);
    options.struct_size = 8;
    EXPECT_EQ(rvm_runtime_create(&options, &error), nullptr) << "an older struct";
    options = options_with("{");
    error.code = 0;
    EXPECT_EQ(rvm_runtime_create(&options, &error), nullptr);
    EXPECT_EQ(error.code, RVM_E_CONFIG);
    EXPECT_NE(std::string(error.message).find("RVM-M02"), std::string::npos) << error.message;
}

/// A plugin that says something when it is created.
rvm_status create_speaker(const rvm_host* host, rvm_plugin** out, rvm_error*) {
    static const rvm_contribution none[] = {{nullptr, nullptr}};
    static rvm_plugin plugin{sizeof(rvm_plugin),
                             0,
                             nullptr,
                             nullptr,
                             [](void*) -> const rvm_contribution* { return none; },
                             nullptr,
                             nullptr,
                             nullptr,
                             [](void*) {}};
    host->log(host->ctx, RVM_LOG_WARN, "hello");
    *out = &plugin;
    return RVM_OK;
}

TEST(own_items, what_plugins_say_is_heard_with_their_name) {
    static const char* const provides[] = {nullptr};
    static const rvm_descriptor descriptor{sizeof(rvm_descriptor), 0,         "test.speaker", "0.1.0",  "Speaker", "rvm",
                                           "Apache-2.0",           "Speaks.", nullptr,        provides, nullptr};
    static const rvm_entry entry = RVM_ENTRY_INIT(&descriptor, create_speaker);
    const rvm_entry* const builtins[] = {&entry, nullptr};
    std::vector<std::string> heard;
    rvm_runtime_options options = options_with(kManifest);
    options.flags = RVM_OPEN_LOAD_ALL;
    options.builtins = builtins;
    options.log_ctx = &heard;
    options.log = [](void* ctx, std::uint32_t level, const char* plugin, const char* text) {
        static_cast<std::vector<std::string>*>(ctx)->push_back(std::to_string(level) + " " + plugin + ": " + text);
    };
    rvm_error error{sizeof error, 0, ""};
    rvm_runtime* runtime = rvm_runtime_create(&options, &error);
    ASSERT_NE(runtime, nullptr) << error.message;
    EXPECT_EQ(heard, std::vector<std::string>{"3 test.speaker: hello"});
    char semantics[72], binaries[72];
    EXPECT_EQ(rvm_runtime_fingerprints(runtime, semantics, binaries, &error), RVM_OK);
    EXPECT_EQ(std::string(semantics).substr(0, 7), "sha256:");
    EXPECT_EQ(std::strlen(binaries), 71u);
    rvm_runtime_close(runtime);
}

} // namespace
} // namespace rvm::conformance
