// The opcode table as documentation. To bring README.md up to date: RVM_UPDATE_REFERENCE=1 rvm_unit_native
// --gtest_filter=native_reference.readme_shows_the_opcode_table
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "native/disassembler.hpp"
#include "native/opcodes.hpp"
#include "support/native_runner.hpp"

namespace {

using namespace rvm::native;

constexpr std::string_view begin_mark = "<!-- opcode table: generated -->\n";
constexpr std::string_view end_mark = "<!-- end of the opcode table -->\n";

std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(native_reference, readme_shows_the_opcode_table) {
    const std::string path = std::string{RVM_SOURCE_DIR} + "/core/native/README.md";
    std::string text = read(path);
    const std::size_t begin = text.find(begin_mark);
    const std::size_t end = text.find(end_mark);
    ASSERT_NE(begin, std::string::npos) << path << " lacks " << begin_mark;
    ASSERT_NE(end, std::string::npos) << path << " lacks " << end_mark;
    const std::size_t first = begin + begin_mark.size();
    const std::string shown = text.substr(first, end - first);
    if (std::getenv("RVM_UPDATE_REFERENCE") != nullptr) {
        text.replace(first, end - first, opcode_reference());
        std::ofstream(path, std::ios::binary) << text;
        return;
    }
    EXPECT_EQ(shown, opcode_reference()) << "run this test with RVM_UPDATE_REFERENCE=1";
}

TEST(native_reference, mnemonics_are_distinct_and_found_in_any_case) {
    std::set<std::string_view> seen;
    for (std::size_t byte = 0; byte < op_table.size(); ++byte) {
        const std::string_view mnemonic = op_table[byte].mnemonic;
        if (mnemonic.empty()) continue;
        EXPECT_TRUE(seen.insert(mnemonic).second) << mnemonic;
        std::string upper;
        for (const char c : mnemonic)
            upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        EXPECT_EQ(find_opcode(mnemonic), static_cast<int>(byte));
        EXPECT_EQ(find_opcode(upper), static_cast<int>(byte));
    }
    EXPECT_EQ(find_opcode("nosuch"), -1);
    EXPECT_EQ(find_opcode("anamelongerthanallofthem"), -1);
}

TEST(native_reference, what_repeats_costs_gas) {
    for (const OpInfo& info : op_table) {
        if (info.mnemonic.empty() || info.price != 0) continue;
        // A block of free opcodes ends the program, the function (its call was paid), or runs a priced import.
        const bool harmless = info.mnemonic == "label" || info.mnemonic == "ext" || (info.flags & OpFlags::ends) != 0;
        EXPECT_TRUE(harmless) << info.mnemonic;
        EXPECT_NE(info.immediate, Immediate::label) << info.mnemonic << " could loop for nothing";
    }
}

TEST(native_reference, the_examples_of_the_readme_assemble) {
    const std::string text = read(std::string{RVM_SOURCE_DIR} + "/core/native/README.md");
    const rvm::native::MnemonicResolver resolver = [](std::string_view mnemonic) -> std::optional<ResolvedOpcode> {
        if (mnemonic == "u256.add") return ResolvedOpcode{"u256.add", 3, 0, 0};
        return std::nullopt;
    };
    constexpr std::string_view fence = "```rasm\n";
    std::size_t count = 0;
    for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
        at += fence.size();
        const std::string code = text.substr(at, text.find("```", at) - at);
        rvm::Report report;
        const auto bytes = assemble(code, "README.rasm", resolver, report);
        EXPECT_TRUE(bytes.has_value()) << report.text();
        ++count;
    }
    EXPECT_GE(count, 4U);
}

} // namespace
