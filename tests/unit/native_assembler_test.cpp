// The assembler: every error says where, what was expected, and shows the line with a caret.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "native/container.hpp"
#include "native/disassembler.hpp"
#include "support/native_runner.hpp"

namespace {

using rvm::ErrorCode;
using rvm::Finding;
using rvm::Report;
using namespace rvm::native;
using rvm::native::test::Runner;

/// The first error of a text that must not assemble.
Finding error_of(std::string_view text) {
    Report report;
    EXPECT_FALSE(assemble(text, "t.rasm", {}, report).has_value()) << text;
    EXPECT_FALSE(report.ok()) << text;
    return report.findings().empty() ? Finding{} : report.findings().front();
}

Container decoded(const rvm::Bytes& bytes) {
    Report report;
    auto container = decode_container(bytes, "t", report);
    EXPECT_TRUE(container.has_value()) << report.text();
    return container.value_or(Container{});
}

struct Wrong {
    const char* text;
    ErrorCode code;
    const char* where;
    const char* message; ///< a part of it
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.text; }

class native_assembler_errors : public testing::TestWithParam<Wrong> {};

TEST_P(native_assembler_errors, are_told_at_their_place) {
    const Wrong& wrong = GetParam();
    const Finding finding = error_of(wrong.text);
    EXPECT_EQ(finding.code, wrong.code) << finding.text();
    EXPECT_EQ(finding.where, wrong.where) << finding.text();
    EXPECT_NE(finding.message.find(wrong.message), std::string::npos) << finding.text();
    EXPECT_EQ(finding.file, "t.rasm");
    EXPECT_EQ(finding.snippet.back(), '^') << finding.snippet;
}

INSTANTIATE_TEST_SUITE_P(
    all, native_assembler_errors,
    testing::Values(
        Wrong{"push 1\nad", ErrorCode::asm_unknown_name, "2:1", "unknown mnemonic ad"},
        Wrong{"push", ErrorCode::asm_syntax, "1:5", "something else belongs here"},
        Wrong{"push \"x\"", ErrorCode::asm_syntax, "1:6", "something else belongs here"},
        Wrong{"push 1 +", ErrorCode::asm_syntax, "1:9", "something else belongs here"},
        Wrong{"push 0xg", ErrorCode::asm_syntax, "1:6", "not a number"},
        Wrong{"push 12a", ErrorCode::asm_syntax, "1:6", "not a number"},
        Wrong{"push 0x", ErrorCode::asm_syntax, "1:6", "not a number"},
        Wrong{"push 18446744073709551616", ErrorCode::asm_range, "1:6", "does not fit 64 bits"},
        Wrong{"push 'ab'", ErrorCode::asm_syntax, "1:6", "one byte between quotes"},
        Wrong{"push ''", ErrorCode::asm_syntax, "1:6", "one byte between quotes"},
        Wrong{"push 1 $", ErrorCode::asm_syntax, "1:8", "no part of the assembly language"},
        Wrong{"push size", ErrorCode::asm_unknown_name, "1:6", "unknown constant size"},
        Wrong{"const a = b", ErrorCode::asm_unknown_name, "1:11", "unknown constant b"},
        Wrong{"const a = 1 const a = 2 push a", ErrorCode::asm_duplicate, "1:19", "a is defined twice"},
        Wrong{"const = 1", ErrorCode::asm_syntax, "1:7", "something else belongs here"},
        Wrong{"jump nowhere", ErrorCode::asm_unknown_name, "1:6", "unknown label nowhere"},
        Wrong{"a: push 1 drop a: halt", ErrorCode::asm_duplicate, "1:16", "label a is defined twice"},
        Wrong{"call f", ErrorCode::asm_unknown_name, "1:6", "unknown function f"},
        Wrong{"func f func f", ErrorCode::asm_duplicate, "1:13", "function f is defined twice"},
        Wrong{"halt func main", ErrorCode::asm_duplicate, "1:11", "function main is defined twice"},
        Wrong{"func f 33", ErrorCode::asm_range, "1:8", "number of parameters is out of range"},
        Wrong{"get r16", ErrorCode::asm_syntax, "1:5", "something else belongs here"},
        Wrong{"get 3", ErrorCode::asm_syntax, "1:5", "something else belongs here"},
        Wrong{"push 1 sext 12", ErrorCode::native_invalid_code, "1:8", "width is out of range"},
        Wrong{"push 1 pick 128", ErrorCode::asm_range, "1:13", "depth is out of range"},
        Wrong{"push 1 push 1 log 5", ErrorCode::asm_range, "1:19", "number of topics is out of range"},
        Wrong{"push 1 jumptable [a b] else a a:", ErrorCode::asm_syntax, "1:21", "something else belongs here"},
        Wrong{"push 1 jumptable [a] a:", ErrorCode::asm_syntax, "1:22", "something else belongs here"},
        Wrong{"label 3", ErrorCode::asm_syntax, "1:1", "a label is written with a colon"},
        Wrong{"data d = 256 halt", ErrorCode::asm_range, "1:10", "a plain number in data is one byte"},
        Wrong{"data d = hex \"abc\" halt", ErrorCode::asm_syntax, "1:14", "not a sequence of bytes"},
        Wrong{"data d = \"abc", ErrorCode::asm_syntax, "1:10", "does not end on its line"},
        Wrong{"data d = \"\\q\" halt", ErrorCode::asm_syntax, "1:11", "unknown escape"},
        Wrong{"data a at 4 = 1 data b at 4 = 2 halt", ErrorCode::asm_range, "1:22", "overlaps other data"},
        Wrong{"data a at 2000 = 1 memory 1 halt", ErrorCode::asm_range, "1:6", "does not fit the memory"},
        Wrong{"space a 16777217 halt", ErrorCode::asm_range, "1:9", "size is out of range"},
        Wrong{"memory 16385 halt", ErrorCode::asm_range, "1:8", "number of memory pages is out of range"},
        Wrong{"import thing \"x\" halt", ErrorCode::asm_syntax, "1:8", "something else belongs here"},
        Wrong{"import opcode \"a/b\" 1 -> 1 halt", ErrorCode::asm_syntax, "1:15", "cannot be written as a mnemonic"},
        Wrong{"import opcode \"x\" as add 1 -> 1 halt", ErrorCode::asm_duplicate, "1:22", "word of the language"},
        Wrong{"import opcode \"x\" 17 -> 1 halt", ErrorCode::asm_range, "1:19", "number of operands is out of range"},
        Wrong{"import env \"x\" import env \"x\" halt", ErrorCode::asm_duplicate, "1:27", "imported twice"},
        Wrong{"import opcode \"x\" 0 -> 0 imm 1 x 256", ErrorCode::asm_range, "1:34", "immediate does not fit"},
        Wrong{"import opcode \"x\" 0 -> 0 imm 1 x -129", ErrorCode::asm_range, "1:34", "immediate does not fit"},
        Wrong{"push 0 env price", ErrorCode::asm_unknown_name, "1:12", "nothing is imported as price"},
        Wrong{"export f halt", ErrorCode::asm_unknown_name, "1:8", "unknown function f"},
        Wrong{"export main export main halt", ErrorCode::asm_duplicate, "1:20", "exported twice"},
        Wrong{".line 3 halt", ErrorCode::asm_syntax, "1:1", ".line needs a .file"},
        Wrong{".what halt", ErrorCode::asm_syntax, "1:1", "unknown directive"},
        Wrong{"", ErrorCode::asm_syntax, "1:1", "no instruction"},
        // what only the verifier knows is told at the instruction too
        Wrong{"push 1\nadd", ErrorCode::native_invalid_code, "2:1", "more operands"},
        Wrong{"push 1\nhalt\npush 2", ErrorCode::native_invalid_code, "3:1", "cannot be reached"},
        Wrong{"push 1 jumpz a push 2\na: halt", ErrorCode::native_invalid_code, "2:1", "heights at a label differ"},
        Wrong{"func main call f\nfunc f -> 1\n", ErrorCode::native_invalid_code, "2:6", "function's results"},
        Wrong{"func other halt", ErrorCode::native_invalid_code, "1:1", "no function main"},
        Wrong{"func main call main", ErrorCode::native_invalid_code, "1:11", "entry function cannot be called"}));

TEST(native_assembler, shows_the_line_with_a_caret) {
    Report report;
    EXPECT_FALSE(assemble("push 10\n\tpush 20 adn ; sum\n", "sum.rasm", {}, report));
    EXPECT_EQ(report.text(),
              "error RVM-A02: sum.rasm: 2:10: unknown mnemonic adn (expected a built-in mnemonic, or one of a "
              "loaded plugin, found adn)\n"
              "  hint: did you mean add?\n"
              "  2 | \tpush 20 adn ; sum\n"
              "    | \t        ^");
}

TEST(native_assembler, reports_several_errors_and_stops_at_twenty) {
    Report report;
    EXPECT_FALSE(assemble("push x\nfoo\npush 1\nbar\njump y\n", "t", {}, report));
    EXPECT_EQ(report.findings().size(), 2U) << "names are resolved once the text parses\n" << report.text();
    Report many;
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "foo\n";
    EXPECT_FALSE(assemble(text, "t", {}, many));
    EXPECT_EQ(many.findings().size(), 20U);
}

TEST(native_assembler, a_short_text_cannot_ask_for_more_data_than_a_program_holds) {
    for (const char* declaration : {"data a{} at 0 = zero 1000000\n", "custom \"a{}\" = zero 1000000\n"}) {
        const auto nth = [&](int i) { return fmt::format(fmt::runtime(declaration), i); };
        const Finding finding = error_of(nth(1) + nth(2) + nth(3) + "push 1");
        EXPECT_EQ(finding.code, ErrorCode::asm_range);
        EXPECT_EQ(finding.message, "the data of the program is too long");
        EXPECT_EQ(finding.found, "2000000");
    }
}

TEST(native_assembler, numbers_may_be_written_in_several_ways) {
    Runner runner;
    EXPECT_EQ(runner.run("push 0x_ff push 0b11 add push 1_000 add push 'a' add push -1 add").top(),
              255U + 3 + 1000 + 97 - 1);
    EXPECT_EQ(runner.run("push '\\n'").top(), 10U);
    EXPECT_EQ(runner.run("push 0xffffffffffffffff push 1 add").top(), 0U);
    EXPECT_EQ(runner.run("const base = 10 const next = base + 2 push next - 1 + base").top(), 21U);
}

TEST(native_assembler, data_lies_in_order_and_aligned) {
    Runner runner;
    EXPECT_EQ(runner
                  .run("data a = \"x\" space b 4 data c = \"\\x41\\0\\t\", 1, -1, word 2, u256 3, zero 2, hex \"0a "
                       "0b\" push c")
                  .top(),
              16U);
    EXPECT_EQ(runner.run("data c = \"ab\", word 1, zero 3 push c.size").top(), 13U);
    EXPECT_EQ(runner.run("push later data later at 24 = 1").top(), 24U) << "code may use data defined below";
    EXPECT_EQ(decoded(runner.assembled("data d = 1 halt")).memory_pages, 1U);
    EXPECT_EQ(decoded(runner.assembled("push 1")).memory_pages, 0U);
    EXPECT_EQ(decoded(runner.assembled("push 1 load8")).memory_pages, 1U) << "memory is there when it is used";
    EXPECT_EQ(decoded(runner.assembled("space big 5000 halt")).memory_pages, 5U);
}

TEST(native_assembler, mnemonics_ignore_case_and_comments_are_skipped) {
    Runner runner;
    EXPECT_EQ(runner.run("PUSH 1 ; one\nPush 2 // two\nADD").top(), 3U);
}

TEST(native_assembler, using_a_mnemonic_adds_the_import_once) {
    int asked = 0;
    const MnemonicResolver resolver = [&](std::string_view mnemonic) -> std::optional<ResolvedOpcode> {
        ++asked;
        if (mnemonic != "u256.add") return std::nullopt;
        return ResolvedOpcode{"u256.add", 3, 0, 0};
    };
    Report report;
    const auto bytes = assemble("push 0 push 0 push 0 u256.add push 0 push 0 push 0 u256.add", "t", resolver, report);
    ASSERT_TRUE(bytes.has_value()) << report.text();
    EXPECT_EQ(asked, 1);
    const Container container = decoded(*bytes);
    ASSERT_EQ(container.imports.size(), 1U);
    EXPECT_EQ(container.imports[0], (Import{ImportKind::opcode, "u256.add", 3, 0, 0}));
}

TEST(native_assembler, label_heights_are_found) {
    Runner runner;
    // `late` is only reached by a jump backwards from code that comes later.
    EXPECT_EQ(runner.run("push 5 jump second late: push 1 add jump end second: push 3 jump late end: add").top(), 9U);
    EXPECT_EQ(runner.run("halt dead: push 1 drop halt").status, RVM_OK) << "code that is never reached is verified too";
    EXPECT_EQ(runner.run("halt dead: [2] add drop halt").status, RVM_OK) << "with the height that is written";
}

TEST(native_assembler, entry_functions_are_exported_unless_exports_are_written) {
    Runner runner;
    EXPECT_EQ(decoded(runner.assembled("func init func main func f")).exports.size(), 2U);
    EXPECT_EQ(decoded(runner.assembled("export main export f func init func main func f")).exports.size(), 2U);
    EXPECT_EQ(decoded(runner.assembled("export main = start func f func start")).exports[0].function, 1U);
}

TEST(native_assembler, debug_information_follows_the_text_or_what_is_written) {
    Runner runner;
    EXPECT_FALSE(decoded(runner.assembled(".nodebug push 1")).debug.has_value());
    const auto automatic = decoded(runner.assembled("push 1\n\npush 2 add\n"));
    EXPECT_EQ(automatic.debug->file, "test.rasm");
    EXPECT_EQ(automatic.debug->lines, (std::vector<DebugLine>{{1, 1}, {3, 3}}));
    const auto written = decoded(runner.assembled(".file \"x.c\" push 1 .line 70 push 2 add"));
    EXPECT_EQ(written.debug->file, "x.c");
    EXPECT_EQ(written.debug->lines, (std::vector<DebugLine>{{3, 70}}));
    Report report;
    const auto bytes = assemble("push 1", "/some/folder/a.rasm", {}, report);
    EXPECT_EQ(decoded(*bytes).debug->file, "a.rasm") << "where a program was assembled does not change it";
}

TEST(native_assembler, disassembly_of_a_program_reads_like_its_text) {
    Runner runner;
    Report report;
    const auto text =
        disassemble(runner.assembled(".nodebug\npush 3 set r0\nloop: get r0 push 1 sub set r0 get r0 jumpnz "
                                     "loop\ncall done func done halt"),
                    report);
    EXPECT_EQ(*text,
              ".nodebug\nmemory 0\nexport main = f0\n\nfunc f0\n    push 3\n    set r0\nl0:\n    get r0\n    push 1\n"
              "    sub\n    set r0\n    get r0\n    jumpnz l0\n    call f1\n\nfunc f1\n    halt\n");
}

TEST(native_assembler, texts_of_any_bytes_end_in_errors) {
    std::string text = "push 1 ";
    for (int c = 0; c < 256; ++c)
        text += static_cast<char>(c);
    text += "\xff\xfe \xe2\x82\xac";
    EXPECT_EQ(error_of(text).where.substr(0, 2), "1:");
}

} // namespace
