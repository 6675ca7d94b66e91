// Vectors of the precompiles: our own in tests/data/precompiles, and where the conformance data is unpacked
// ($RVM_FIXTURES) those of go-ethereum and c-kzg-4844, each run with its gas exactly and with one less.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "evm_precompiles_host.hpp"

namespace rvm::evm::test {
namespace {

namespace fs = std::filesystem;

nlohmann::json load(const fs::path& file) { return nlohmann::json::parse(std::ifstream(file)); }

class evm_precompiles_vectors : public ::testing::Test {
  protected:
    evm_precompiles_vectors() { EXPECT_EQ(host.link(), RVM_OK); }

    /// The answer with exactly the gas it costs; out of gas with less.
    void expect_answer(const rvm_program& program, const Bytes& input, const Bytes& output, std::int64_t gas,
                       const std::string& name) {
        const ProgramRun run = PrecompileHost::run(program, input, gas);
        EXPECT_EQ(run.status, RVM_OK) << name;
        EXPECT_EQ(run.output, output) << name;
        EXPECT_EQ(run.gas_used, gas) << name;
        if (gas == 0) return;
        EXPECT_EQ(PrecompileHost::run(program, input, gas - 1).status, RVM_TRAP_OUT_OF_GAS) << name;
    }

    PrecompileHost host;
};

TEST_F(evm_precompiles_vectors, our_own) {
    const auto cases = load(fs::path(RVM_SOURCE_DIR) / "tests/data/precompiles/vectors.json")["cases"];
    ASSERT_GT(cases.size(), 100u);
    for (const auto& entry : cases) {
        const std::string name = entry["name"];
        const rvm_program* program = host.find(entry["address"].get<unsigned>(), entry["rules"].get<std::string>());
        ASSERT_NE(program, nullptr) << name;
        const Bytes input = from_hex(entry["input"].get<std::string>());
        if (entry.contains("output")) {
            expect_answer(*program, input, from_hex(entry["output"].get<std::string>()),
                          entry["gas"].get<std::int64_t>(), name);
        } else {
            EXPECT_GT(PrecompileHost::run(*program, input).status, 0) << name;
        }
    }
}

struct VectorFile {
    const char* name;
    std::size_t cases;
    unsigned address;
    const char* rules;
};

constexpr VectorFile files[] = {
    {"ecRecover", 5, 0x01, "evm/osaka"},        {"modexp", 17, 0x05, "evm/istanbul"},
    {"modexp_eip2565", 47, 0x05, "evm/prague"}, {"modexp_eip7883", 45, 0x05, "evm/osaka"},
    {"bn256Add", 16, 0x06, "evm/osaka"},        {"bn256ScalarMul", 19, 0x07, "evm/osaka"},
    {"bn256Pairing", 14, 0x08, "evm/osaka"},    {"blake2F", 5, 0x09, "evm/osaka"},
    {"fail-blake2f", 1, 0x09, "evm/osaka"},     {"pointEvaluation", 1, 0x0a, "evm/osaka"},
    {"blsG1Add", 112, 0x0b, "evm/osaka"},       {"fail-blsG1Add", 3, 0x0b, "evm/osaka"},
    {"blsG1Mul", 11, 0x0c, "evm/osaka"},        {"fail-blsG1Mul", 3, 0x0c, "evm/osaka"},
    {"blsG1MultiExp", 154, 0x0c, "evm/osaka"},  {"fail-blsG1MultiExp", 1, 0x0c, "evm/osaka"},
    {"blsG2Add", 112, 0x0d, "evm/osaka"},       {"fail-blsG2Add", 2, 0x0d, "evm/osaka"},
    {"blsG2Mul", 11, 0x0e, "evm/osaka"},        {"fail-blsG2Mul", 1, 0x0e, "evm/osaka"},
    {"blsG2MultiExp", 153, 0x0e, "evm/osaka"},  {"fail-blsG2MultiExp", 1, 0x0e, "evm/osaka"},
    {"blsPairing", 106, 0x0f, "evm/osaka"},     {"fail-blsPairing", 3, 0x0f, "evm/osaka"},
    {"blsMapG1", 105, 0x10, "evm/osaka"},       {"fail-blsMapG1", 1, 0x10, "evm/osaka"},
    {"blsMapG2", 105, 0x11, "evm/osaka"},       {"fail-blsMapG2", 2, 0x11, "evm/osaka"},
    {"p256Verify", 782, 0x100, "evm/osaka"},
};

fs::path fixtures() {
    const char* root = std::getenv("RVM_FIXTURES");
    if (root == nullptr) return {};
    const fs::path folder = fs::path(root) / "ethereum/precompiles";
    return fs::exists(folder) ? folder : fs::path{};
}

TEST_F(evm_precompiles_vectors, of_go_ethereum) {
    const fs::path folder = fixtures();
    if (folder.empty()) GTEST_SKIP() << "1838 vectors NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    std::size_t total = 0;
    for (const VectorFile& file : files) {
        const auto cases = load(folder / "go-ethereum" / (std::string(file.name) + ".json"));
        EXPECT_EQ(cases.size(), file.cases) << file.name;
        const rvm_program* program = host.find(file.address, file.rules);
        ASSERT_NE(program, nullptr) << file.name;
        for (const auto& entry : cases) {
            ++total;
            const std::string name = std::string(file.name) + ' ' + entry["Name"].get<std::string>();
            const Bytes input = from_hex(entry["Input"].get<std::string>());
            if (entry.contains("Expected")) {
                expect_answer(*program, input, from_hex(entry["Expected"].get<std::string>()),
                              entry["Gas"].get<std::int64_t>(), name);
            } else {
                EXPECT_GT(PrecompileHost::run(*program, input).status, 0) << name;
            }
        }
    }
    EXPECT_EQ(total, 1838u);
}

/// c-kzg-4844 knows no versioned hash: the input gets the right one.
TEST_F(evm_precompiles_vectors, of_c_kzg) {
    const fs::path folder = fixtures();
    if (folder.empty()) GTEST_SKIP() << "71 vectors NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    const rvm_program* program = host.find(0x0a, "evm/cancun");
    ASSERT_NE(program, nullptr);
    const Bytes answer = from_hex("0000000000000000000000000000000000000000000000000000000000001000"
                                  "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    std::size_t valid = 0;
    std::size_t total = 0;
    for (const char* file : {"verify_kzg_proof_success.json", "verify_kzg_proof_fail.json"}) {
        const auto cases = load(folder / "c-kzg-4844" / file);
        for (const auto& item : cases.items()) {
            ++total;
            const auto& fields = item.value()["input"];
            const auto field = [&fields](const char* key) {
                return fields[key].is_string() ? from_hex(fields[key].get<std::string>()) : Bytes{};
            };
            const Bytes commitment = field("commitment");
            Bytes input = host.run(0x02, "evm/cancun", commitment).output;
            input.at(0) = 1;
            for (const Bytes& part : {field("z"), field("y"), commitment, field("proof")}) {
                input.insert(input.end(), part.begin(), part.end());
            }
            const auto& expected = item.value()["output"];
            if (expected.is_boolean() && expected.get<bool>()) {
                ++valid;
                expect_answer(*program, input, answer, 50000, item.key());
                input[31] ^= 1;
            }
            EXPECT_EQ(PrecompileHost::run(*program, input).status, RVM_TRAP_CRYPTO) << item.key();
        }
    }
    EXPECT_EQ(total, 71u);
    EXPECT_EQ(valid, 54u);
}

} // namespace
} // namespace rvm::evm::test
