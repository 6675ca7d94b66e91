// Published vectors: our own in tests/data/curves, and the precompile vectors of go-ethereum and c-kzg-4844 where the
// conformance data is unpacked ($RVM_FIXTURES).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "curves/bls12_381.hpp"
#include "curves/bn254.hpp"

namespace rvm::curves {
namespace {

namespace bls = bls12_381;
using Buffer = std::vector<std::uint8_t>;

Buffer from_hex_text(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    Buffer bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

nlohmann::json load(const std::filesystem::path& file) { return nlohmann::json::parse(std::ifstream(file)); }

std::vector<Path> paths() {
    std::vector<Path> result{Path::portable};
    if (available(Path::adx))
        result.push_back(Path::adx);
    else
        std::cout << "NOTE: no MULX/ADX here, that path is not tested\n";
    return result;
}

/// The folder of the precompile vectors; empty if they are not there.
std::filesystem::path vectors() {
    const char* root = std::getenv("RVM_FIXTURES");
    const std::filesystem::path folder = std::filesystem::path(root == nullptr ? "" : root) / "ethereum/precompiles";
    return root != nullptr && std::filesystem::exists(folder) ? folder : std::filesystem::path{};
}

/// A precompile: fills `output`, false when it fails.
using Precompile = std::function<bool(const Buffer& input, Buffer& output, Path path)>;

template <std::size_t input_size, std::size_t output_size, class Function>
Precompile padded(Function function) {
    return [function](const Buffer& input, Buffer& output, Path path) {
        Buffer whole = input;
        whole.resize(input_size); // EIP-196: missing bytes are zero, more are ignored
        output.resize(output_size);
        return function(std::span<const std::uint8_t, input_size>(whole), std::span<std::uint8_t, output_size>(output),
                        path) == Status::ok;
    };
}

template <std::size_t output_size, class Function>
Precompile exact(Function function) {
    return [function](const Buffer& input, Buffer& output, Path path) {
        output.resize(output_size);
        return function(input, std::span<std::uint8_t, output_size>(output), path) == Status::ok;
    };
}

template <class Function>
Precompile check(Function function) {
    return [function](const Buffer& input, Buffer& output, Path path) {
        bool is_one = false;
        output.assign(32, 0);
        if (function(input, is_one, path) != Status::ok) return false;
        output[31] = is_one ? 1 : 0;
        return true;
    };
}

struct VectorFile {
    const char* name;
    std::size_t cases;
    Precompile precompile;
};

const std::vector<VectorFile>& vector_files() {
    static const std::vector<VectorFile> files{
        {"bn256Add", 16, padded<2 * bn254::g1_size, bn254::g1_size>(bn254::add)},
        {"bn256ScalarMul", 19, padded<bn254::g1_size + bn254::scalar_size, bn254::g1_size>(bn254::multiply)},
        {"bn256Pairing", 14, check(bn254::pairing_check)},
        {"blsG1Add", 112, exact<bls::g1_size>(bls::add_g1)},
        {"blsG2Add", 112, exact<bls::g2_size>(bls::add_g2)},
        {"blsG1Mul", 11, exact<bls::g1_size>(bls::multiply_sum_g1)},
        {"blsG2Mul", 11, exact<bls::g2_size>(bls::multiply_sum_g2)},
        {"blsG1MultiExp", 154, exact<bls::g1_size>(bls::multiply_sum_g1)},
        {"blsG2MultiExp", 153, exact<bls::g2_size>(bls::multiply_sum_g2)},
        {"blsPairing", 106, check(bls::pairing_check)},
        {"blsMapG1", 105, exact<bls::g1_size>(bls::map_fp_to_g1)},
        {"blsMapG2", 105, exact<bls::g2_size>(bls::map_fp2_to_g2)},
        {"fail-blsG1Add", 3, exact<bls::g1_size>(bls::add_g1)},
        {"fail-blsG2Add", 2, exact<bls::g2_size>(bls::add_g2)},
        {"fail-blsG1Mul", 3, exact<bls::g1_size>(bls::multiply_sum_g1)},
        {"fail-blsG2Mul", 1, exact<bls::g2_size>(bls::multiply_sum_g2)},
        {"fail-blsG1MultiExp", 1, exact<bls::g1_size>(bls::multiply_sum_g1)},
        {"fail-blsG2MultiExp", 1, exact<bls::g2_size>(bls::multiply_sum_g2)},
        {"fail-blsPairing", 3, check(bls::pairing_check)},
        {"fail-blsMapG1", 1, exact<bls::g1_size>(bls::map_fp_to_g1)},
        {"fail-blsMapG2", 2, exact<bls::g2_size>(bls::map_fp2_to_g2)},
    };
    return files;
}

TEST(curves_vectors, multiples_of_the_generators) {
    const auto data = load(std::filesystem::path(RVM_SOURCE_DIR) / "tests/data/curves/points.json");
    std::size_t seen = 0;
    for (const auto& entry : data["multiples"]) {
        const std::string group = entry["group"];
        Buffer input = from_hex_text(entry["point"].get<std::string>());
        const Buffer scalar = from_hex_text(entry["k"].get<std::string>());
        input.insert(input.end(), scalar.begin(), scalar.end());
        for (const Path path : paths()) {
            const char* file = group == "bn254_g1"       ? "bn256ScalarMul"
                               : group == "bls12_381_g1" ? "blsG1Mul"
                                                         : "blsG2Mul";
            for (const VectorFile& f : vector_files()) {
                if (std::string_view(f.name) != file) continue;
                Buffer output;
                ASSERT_TRUE(f.precompile(input, output, path)) << entry;
                EXPECT_EQ(output, from_hex_text(entry["product"].get<std::string>())) << entry;
                ++seen;
            }
        }
    }
    EXPECT_EQ(seen, 42 * paths().size());
}

TEST(curves_vectors, maps_of_rfc_9380) {
    const auto data = load(std::filesystem::path(RVM_SOURCE_DIR) / "tests/data/curves/points.json");
    ASSERT_EQ(data["maps"].size(), 10u);
    for (const auto& entry : data["maps"]) {
        const Buffer u = from_hex_text(entry["u"].get<std::string>());
        const Buffer expected = from_hex_text(entry["point"].get<std::string>());
        for (const Path path : paths()) {
            Buffer point(expected.size());
            const Status status = point.size() == bls::g1_size
                                      ? bls::map_fp_to_g1(u, std::span<std::uint8_t, bls::g1_size>(point), path)
                                      : bls::map_fp2_to_g2(u, std::span<std::uint8_t, bls::g2_size>(point), path);
            EXPECT_EQ(status, Status::ok);
            EXPECT_EQ(point, expected) << entry;
        }
    }
}

TEST(curves_vectors, precompiles_of_go_ethereum) {
    const auto folder = vectors();
    if (folder.empty()) GTEST_SKIP() << "935 vectors NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    for (const VectorFile& file : vector_files()) {
        const auto cases = load(folder / "go-ethereum" / (std::string(file.name) + ".json"));
        EXPECT_EQ(cases.size(), file.cases) << file.name;
        for (const auto& entry : cases) {
            const Buffer input = from_hex_text(entry["Input"].get<std::string>());
            for (const Path path : paths()) {
                Buffer output;
                const bool accepted = file.precompile(input, output, path);
                ASSERT_EQ(accepted, entry.contains("Expected")) << file.name << ' ' << entry["Name"];
                if (!accepted) continue;
                EXPECT_EQ(output, from_hex_text(entry["Expected"].get<std::string>()))
                    << file.name << ' ' << entry["Name"];
            }
        }
    }
}

TEST(curves_vectors, kzg_proofs_of_c_kzg) {
    const auto folder = vectors();
    if (folder.empty()) GTEST_SKIP() << "71 vectors NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    std::size_t valid_proofs = 0;
    std::size_t cases = 0;
    for (const char* name : {"verify_kzg_proof_success.json", "verify_kzg_proof_fail.json"}) {
        const auto data = load(folder / "c-kzg-4844" / name);
        for (const auto& item : data.items()) {
            const std::string& title = item.key();
            const auto& entry = item.value();
            const auto field = [&entry](const char* key) {
                const auto& text = entry["input"][key];
                return text.is_string() ? from_hex_text(text.get<std::string>()) : Buffer{};
            };
            const Buffer commitment = field("commitment");
            const Buffer z = field("z");
            const Buffer y = field("y");
            const Buffer proof = field("proof");
            ++cases;
            const auto& expected = entry["output"];
            if (commitment.size() != 48 || z.size() != 32 || y.size() != 32 || proof.size() != 48) {
                EXPECT_TRUE(expected.is_null()) << title; // a wrong length does not reach the library
                continue;
            }
            for (const Path path : paths()) {
                bool valid = false;
                const Status status = bls::verify_kzg_proof(
                    std::span<const std::uint8_t, 48>(commitment), std::span<const std::uint8_t, 32>(z),
                    std::span<const std::uint8_t, 32>(y), std::span<const std::uint8_t, 48>(proof), valid, path);
                EXPECT_EQ(status != Status::ok, expected.is_null()) << title;
                EXPECT_EQ(valid, expected.is_boolean() && expected.get<bool>()) << title;
                valid_proofs += valid ? 1u : 0u;
            }
        }
    }
    EXPECT_EQ(cases, 71u);
    EXPECT_GT(valid_proofs, 0u);
}

} // namespace
} // namespace rvm::curves
