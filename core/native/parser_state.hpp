// Internal: the parser of assembly text, one file a concept.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "native/lexer.hpp"
#include "native/parser.hpp"

namespace rvm::native {

/// Words that begin a declaration.
[[nodiscard]] std::span<const std::string_view> keywords() noexcept;
/// A token as messages name it.
[[nodiscard]] std::string described(const Token& token);

/// By recursive descent with one token of look-ahead. What reads something gives false after it has reported what is
/// wrong; the rest of that line is then skipped.
class Parser {
  public:
    Parser(std::string_view text, const MnemonicResolver& resolver, Diagnostics& diagnostics);

    Module run();

  private:
    // -- parser.cpp: tokens and statements
    void advance();
    /// Skips the rest of the line on which something was wrong.
    void recover();
    bool fail(ErrorCode code, Place place, std::string message, Diagnostics::Details details = {"", "", ""});
    bool expected(std::string what, std::string message = "something else belongs here");
    bool accept(std::string_view mark);
    bool accept_name(std::string_view name);
    bool require(std::string_view mark) { return accept(mark) || expected(fmt::format("`{}`", mark)); }
    bool statement();

    // -- parser_values.cpp
    bool name(Use& out, std::string_view what);
    bool text(std::string& out, std::string_view what);
    /// number, name, or sums and differences of them
    bool expression(std::vector<Term>& out);
    /// A value that must be known here, as a word.
    bool value(std::uint64_t& out);
    bool value(std::uint64_t& out, std::uint64_t max, std::string_view what);
    bool define(const Use& use, std::uint64_t word);
    bool data_items(Bytes& out);
    bool data_item(Bytes& out);
    bool hex(Bytes& out);

    // -- parser_declarations.cpp
    bool directive();
    bool function();
    bool constant();
    bool memory();
    /// NAME [at OFFSET]; defines NAME.
    bool region(Use& use, std::uint64_t& offset);
    bool finish_region(const Use& use, std::uint64_t offset, std::uint64_t size);
    bool data();
    bool space();
    bool export_name();
    bool custom();

    // -- parser_imports.cpp
    /// import KIND "ID" [as NAME]; for an opcode also PARAMETERS -> RESULTS [imm BYTES]
    bool import();
    bool shape(Import& out);
    [[nodiscard]] const std::uint32_t* find_import(ImportKind kind, std::string_view alias) const;
    bool add_import(Import import, const Use& alias, std::uint32_t& index);
    /// An import by name or id; env words, syscalls and formats are imported where they are first used.
    bool import_operand(Item& item, ImportKind kind);
    /// Keeps a text as long as the module, for views into it.
    std::string_view own(std::string made) { return module_.owned.emplace_back(std::move(made)); }

    // -- parser_instructions.cpp
    FunctionText& current();
    bool label();
    bool instruction();
    bool plugin_opcode(Item& item, const Token& word);
    bool unknown_mnemonic(const Token& word);
    bool one_name(Item& item, std::string_view what) { return name(item.names.emplace_back(), what); }
    bool operand(Item& item, Immediate kind);
    /// r0 to r15
    bool register_operand(Item& item);
    /// [a, b, ...] else c
    bool table_operand(Item& item);

    Lexer lexer_;
    const MnemonicResolver& resolver_;
    Diagnostics& diagnostics_;
    Module module_;
    Token token_;
    Token ahead_;
    std::size_t data_bytes_ = 0; ///< in data and custom sections so far
    std::uint32_t line_ = 0;     ///< of a .line that waits for its instruction
    std::unordered_map<std::string_view, std::uint32_t> functions_;
    std::unordered_set<std::string_view> exported_;
    std::array<std::unordered_map<std::string_view, std::uint32_t>, 4> aliases_; ///< by ImportKind
};

} // namespace rvm::native
