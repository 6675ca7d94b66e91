// Imports of assembly text: declared, or made where an id is first used.
#include <fmt/format.h>

#include "native/limits.hpp"
#include "native/parser_state.hpp"

namespace rvm::native {

/// import KIND "ID" [as NAME]; for an opcode also PARAMETERS -> RESULTS [imm BYTES]
bool Parser::import() {
    advance();
    Import out;
    if (accept_name("opcode"))
        out.kind = ImportKind::opcode;
    else if (accept_name("syscall"))
        out.kind = ImportKind::syscall;
    else if (accept_name("env"))
        out.kind = ImportKind::env;
    else if (accept_name("format"))
        out.kind = ImportKind::format;
    else
        return expected("opcode, syscall, env or format");
    const Token id = token_;
    if (!text(out.id, "an id")) return false;
    Use alias{own(out.id), id.place};
    if (accept_name("as") && !name(alias, "a name for the import")) return false;
    if (out.kind == ImportKind::opcode) {
        if (!is_identifier(alias.name))
            return fail(ErrorCode::asm_syntax, id.place, "this id cannot be written as a mnemonic",
                        {"as NAME", described(token_), fmt::format("import opcode \"{}\" as my_opcode ...", out.id)});
        if (find_opcode(alias.name) >= 0 || is_keyword(alias.name))
            return fail(ErrorCode::asm_duplicate, alias.place, fmt::format("{} is a word of the language", alias.name),
                        {"as NAME", "", ""});
        if (!shape(out)) return false;
        module_.uses_memory = true; // the text does not say whether it takes memory offsets
    }
    if (find_import(out.kind, alias.name) != nullptr || find_import(out.kind, out.id) != nullptr)
        return fail(ErrorCode::asm_duplicate, alias.place, fmt::format("{} is imported twice", out.id));
    std::uint32_t index = 0;
    return add_import(std::move(out), alias, index);
}

bool Parser::shape(Import& out) {
    std::uint64_t count = 0;
    if (!value(count, max_window, "number of operands")) return false;
    out.pops = static_cast<std::uint8_t>(count);
    if (!require("->") || !value(count, max_window, "number of results")) return false;
    out.pushes = static_cast<std::uint8_t>(count);
    if (accept_name("imm")) {
        if (!value(count, max_immediate, "immediate size")) return false;
        out.immediate_size = static_cast<std::uint8_t>(count);
    }
    return true;
}

const std::uint32_t* Parser::find_import(ImportKind kind, std::string_view alias) const {
    const auto& names = aliases_[static_cast<std::size_t>(kind)];
    const auto found = names.find(alias);
    return found == names.end() ? nullptr : &found->second;
}

bool Parser::add_import(Import import, const Use& alias, std::uint32_t& index) {
    if (module_.imports.size() == max_imports)
        return fail(ErrorCode::asm_range, alias.place, "too many imports",
                    {fmt::format("at most {}", max_imports), "", ""});
    index = static_cast<std::uint32_t>(module_.imports.size());
    auto& names = aliases_[static_cast<std::size_t>(import.kind)];
    names.emplace(alias.name, index);
    names.emplace(own(import.id), index);
    module_.imports.push_back(std::move(import));
    return true;
}

/// An import by name or id; env words, syscalls and formats are imported where they are first used.
bool Parser::import_operand(Item& item, ImportKind kind) {
    if (token_.kind != TokenKind::string && token_.kind != TokenKind::name)
        return expected(fmt::format("the id of a {} in quotes", import_kind_name(kind)));
    const bool quoted = token_.kind == TokenKind::string;
    const Use use{quoted ? own(token_.string) : token_.text, token_.place};
    if (const std::uint32_t* known = find_import(kind, use.name)) {
        item.import = *known;
    } else if (!quoted) {
        return fail(
            ErrorCode::asm_unknown_name, use.place, fmt::format("nothing is imported as {}", use.name),
            {fmt::format("an imported {}, or its id in quotes", import_kind_name(kind)), std::string{use.name}, ""});
    } else {
        Import out;
        out.kind = kind;
        if (use.name.empty() || use.name.size() > max_name_bytes)
            return fail(ErrorCode::asm_range, use.place, "the id has a wrong length",
                        {fmt::format("1 to {} bytes", max_name_bytes), std::to_string(use.name.size()), ""});
        out.id = use.name;
        if (!add_import(std::move(out), use, item.import)) return false;
    }
    advance();
    return true;
}

} // namespace rvm::native
