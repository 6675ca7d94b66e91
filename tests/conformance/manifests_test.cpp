// One program under the three manifests a user starts from, as built: the same result, gas and change set. And what
// does differ between them.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rvm/runtime.hpp>

#include "build.hpp"
#include "manifest/manifest.hpp"
#include "native/assembler.hpp"
#include "plugin/registry.hpp"

namespace rvm::conformance {
namespace {

constexpr const char* kConfigs[] = {"dev.json", "consensus.json", "embedded.json"};
const std::filesystem::path kConfigFolder = std::filesystem::path(RVM_SHARE_DIR) / "configs";
const std::filesystem::path kPrograms = std::filesystem::path(RVM_SOURCE_DIR) / "tests/data/native";
const rvm_address kContract = address(0xc), kSender = address(0xfff0);
constexpr std::int64_t kGas = 1'000'000;

std::unique_ptr<Runtime> open(const std::string& config) {
    Report report;
    auto out = Runtime::open(kConfigFolder / config, {}, report);
    if (out == nullptr) throw Failure(std::move(report));
    return out;
}

Code read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// What must be the same everywhere.
struct Facts {
    rvm_status status = RVM_E_INTERNAL;
    std::int64_t gas_used = 0;
    std::vector<std::uint8_t> output, digest;
    std::size_t logs = 0;
    std::string fault; ///< of a trap
    bool operator==(const Facts&) const = default;
};
void PrintTo(const Facts& facts, std::ostream* out) {
    *out << status_name(facts.status) << ", gas " << facts.gas_used << ", logs " << facts.logs << ", output "
         << testing::PrintToString(facts.output) << ", digest " << testing::PrintToString(facts.digest) << facts.fault;
}

Facts run(Runtime& runtime, const Code& code, std::uint64_t amount) {
    World world(runtime, World::ephemeral);
    world.begin({});
    world.set_code(world.account(kContract), view(code), "native");
    rvm_message message{};
    message.struct_size = sizeof message;
    message.sender = kSender;
    message.recipient = message.code_address = kContract;
    message.gas = kGas;
    const rvm_bytes32 input = to_bytes32(word(amount));
    message.input = {input.bytes, sizeof input.bytes};
    const Outcome outcome = world.execute(message);
    Facts out{outcome.status, outcome.gas_used, outcome.output, {}, world.logs().size(), outcome.fault};
    const rvm_bytes32 digest = world.end().digest();
    out.digest.assign(std::begin(digest.bytes), std::end(digest.bytes));
    return out;
}

/// Assembles with the opcodes of `runtime`.
Code assemble(Runtime& runtime, const std::string& text) {
    const auto resolve = [&](std::string_view mnemonic) -> std::optional<native::ResolvedOpcode> {
        Report ignored;
        const auto found = runtime.registry().find<rvm_opcode>(std::string(mnemonic), ignored);
        if (!found) return std::nullopt;
        return native::ResolvedOpcode{found->id, found->pops, found->pushes, found->immediate_size};
    };
    Report report;
    auto code = native::assemble(text, "manifests.rasm", resolve, report);
    if (!code) throw Failure(std::move(report));
    return std::move(*code);
}

bool has(Runtime& runtime, std::string_view kind, const std::string& id) {
    for (const auto& provided : runtime.registry().provided(kind))
        if (provided.id == id) return true;
    return false;
}

TEST(manifests, committed_program_is_what_its_source_assembles_to) {
    const Code text = read(kPrograms / "deposit.rasm");
    Report report;
    const auto code = native::assemble(std::string(text.begin(), text.end()), "deposit.rasm", {}, report);
    ASSERT_TRUE(code.has_value()) << report.text();
    EXPECT_EQ(Code(code->begin(), code->end()), read(kPrograms / "deposit.rvm"));
}

TEST(manifests, one_program_gives_the_same_under_all_three) {
    const Code code = read(kPrograms / "deposit.rvm");
    const Facts expected = run(*open(kConfigs[0]), code, 42);
    EXPECT_EQ(expected.status, RVM_OK);
    EXPECT_EQ(expected.output.back(), 42);
    EXPECT_EQ(expected.logs, 1u);
    for (const char* config : kConfigs) {
        const auto runtime = open(config);
        for (int round = 0; round < 3; ++round) // checked, translated, cached
            EXPECT_EQ(run(*runtime, code, 42), expected) << config;
    }
}

TEST(manifests, trap_is_the_same_under_all_three) {
    const auto dev = open("dev.json");
    const Code code = assemble(*dev, "push 1 push 0 div\n");
    const Facts expected = run(*dev, code, 0);
    EXPECT_EQ(expected.status, RVM_TRAP_ARITHMETIC);
    EXPECT_EQ(expected.gas_used, kGas);
    for (const char* config : kConfigs)
        EXPECT_EQ(run(*open(config), code, 0), expected) << config;
}

TEST(manifests, opcode_of_a_plugin_gives_the_same_where_there_is_one_and_is_refused_by_name_elsewhere) {
    const auto dev = open("dev.json");
    const Code code = assemble(*dev, "data a = u256 5\ndata b = u256 37\nspace c 32\n"
                                     "push a push b push c u256.add push c push 32 return\n");
    const Facts expected = run(*dev, code, 0);
    EXPECT_EQ(expected.status, RVM_OK);
    ASSERT_EQ(expected.output.size(), 32u);
    EXPECT_EQ(expected.output.back(), 42);
    EXPECT_EQ(run(*open("consensus.json"), code, 0), expected);
    const Facts refused = run(*open("embedded.json"), code, 0);
    EXPECT_EQ(refused.status, RVM_TRAP_INVALID_CODE);
    EXPECT_NE(refused.fault.find("u256.add"), std::string::npos) << refused.fault;
}

TEST(manifests, syscall_is_granted_by_dev_and_consensus_only) {
    const auto dev = open("dev.json");
    const Code code =
        assemble(*dev, "space digest 32\npush 0 push 0 push digest push 32 syscall \"crypto.sha256\" drop\n"
                       "push digest push 32 return\n");
    const Facts expected = run(*dev, code, 0);
    EXPECT_EQ(expected.status, RVM_OK);
    ASSERT_EQ(expected.output.size(), 32u);
    EXPECT_EQ(expected.output.front(), 0xe3) << "SHA-256 of nothing";
    EXPECT_EQ(run(*open("consensus.json"), code, 0), expected);
    EXPECT_EQ(run(*open("embedded.json"), code, 0).status, RVM_TRAP_INVALID_CODE);
}

// ---- What differs ---------------------------------------------------------------------------------------------------

TEST(manifests, profile_discovery_trust_and_grants_differ) {
    using namespace manifest;
    const auto dev = open("dev.json"), consensus = open("consensus.json"), embedded = open("embedded.json");
    const Manifest &d = dev->manifest(), &c = consensus->manifest(), &e = embedded->manifest();
    EXPECT_EQ(d.profile, Profile::development);
    EXPECT_EQ(c.profile, Profile::consensus);
    EXPECT_EQ(e.profile, Profile::standard);
    EXPECT_EQ(d.discovery, Discovery::directory);
    EXPECT_EQ(c.discovery, Discovery::listed);
    EXPECT_EQ(e.discovery, Discovery::listed);
    EXPECT_EQ(d.trust.require, TrustRequirement::none);
    EXPECT_EQ(c.trust.require, TrustRequirement::pin);
    EXPECT_EQ(e.trust.require, TrustRequirement::pin);
    for (const PluginEntry& plugin : c.plugins)
        EXPECT_TRUE(plugin.sha256.has_value()) << plugin.label() << " is pinned to the file of this build";
    EXPECT_NE(d.chain.id, c.chain.id);
}

TEST(manifests, limits_of_a_small_device_are_smaller) {
    const auto consensus = open("consensus.json"), embedded = open("embedded.json");
    const manifest::NativeLimits &large = consensus->manifest().native_limits,
                                 &small = embedded->manifest().native_limits;
    EXPECT_LT(small.memory_bytes, large.memory_bytes);
    EXPECT_LT(small.call_depth, large.call_depth);
    EXPECT_LT(small.output_bytes, large.output_bytes);

    // Programs notice: 2 MiB of memory are within one budget and above the other.
    const Code code = assemble(*consensus, "push 2048 mgrow\n");
    EXPECT_EQ(run(*consensus, code, 0).status, RVM_OK);
    EXPECT_EQ(run(*embedded, code, 0).status, RVM_TRAP_MEMORY);
}

TEST(manifests, plugins_differ) {
    const auto dev = open("dev.json"), consensus = open("consensus.json"), embedded = open("embedded.json");
    EXPECT_TRUE(has(*dev, RVM_KIND_OPCODE, "u256.add"));
    EXPECT_TRUE(has(*consensus, RVM_KIND_OPCODE, "u256.add"));
    EXPECT_FALSE(has(*embedded, RVM_KIND_OPCODE, "u256.add"));
    EXPECT_TRUE(has(*dev, RVM_KIND_TRACER, "calltree"));
    EXPECT_FALSE(has(*consensus, RVM_KIND_TRACER, "calltree")) << "observers are not listed for consensus";
    for (const auto* runtime : {&dev, &consensus, &embedded})
        EXPECT_TRUE(has(**runtime, RVM_KIND_FORMAT, "native"));
}

TEST(manifests, fingerprints_tell_them_apart_and_stay_the_same) {
    std::vector<std::string> semantics;
    for (const char* config : kConfigs) {
        Report report;
        const auto runtime = open(config), again = open(config);
        semantics.push_back(runtime->semantics_fingerprint(report));
        EXPECT_EQ(again->semantics_fingerprint(report), semantics.back()) << config;
        EXPECT_EQ(again->binaries_fingerprint(), runtime->binaries_fingerprint()) << config;
        EXPECT_TRUE(report.ok()) << report.text();
        EXPECT_EQ(semantics.back().substr(0, 7), "sha256:");
    }
    EXPECT_NE(semantics[0], semantics[1]);
    EXPECT_NE(semantics[1], semantics[2]);
    EXPECT_NE(semantics[0], semantics[2]);
    EXPECT_NE(open("consensus.json")->binaries_fingerprint(), open("embedded.json")->binaries_fingerprint());
}

} // namespace
} // namespace rvm::conformance
