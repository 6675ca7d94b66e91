// Instructions of assembly text, with their labels and operands.
#include <utility>

#include <fmt/format.h>

#include "native/limits.hpp"
#include "native/parser_state.hpp"

namespace rvm::native {

FunctionText& Parser::current() {
    if (module_.functions.empty()) { // instructions before any `func` are main
        FunctionText& out = module_.functions.emplace_back();
        out.name = "main";
        out.place = token_.place;
        functions_.emplace("main", token_.place.line);
    }
    return module_.functions.back();
}

bool Parser::label() {
    Item item;
    item.op = Op::label;
    item.place = token_.place;
    item.line = std::exchange(line_, 0);
    Use use;
    if (!name(use, "a label")) return false;
    item.names.push_back(use);
    advance(); // the colon
    if (accept("[")) {
        std::uint64_t height = 0;
        if (!value(height, max_function_height, "stack height") || !require("]")) return false;
        item.height = static_cast<std::uint32_t>(height);
    }
    current().items.push_back(std::move(item));
    return true;
}

bool Parser::instruction() {
    Item item;
    item.place = token_.place;
    item.line = std::exchange(line_, 0);
    const Token word = token_;
    const int byte = find_opcode(word.text);
    if (byte >= 0 && static_cast<Op>(byte) == Op::label)
        return fail(ErrorCode::asm_syntax, word.place, "a label is written with a colon", {"NAME:", "label", ""});
    if (byte >= 0 && static_cast<Op>(byte) != Op::ext) {
        item.op = static_cast<Op>(byte);
        advance();
        const OpInfo& info = op_info(item.op);
        module_.uses_memory |= (info.flags & OpFlags::memory) != 0;
        if (!operand(item, info.immediate)) return false;
    } else if (!plugin_opcode(item, word)) {
        return false;
    }
    current().items.push_back(std::move(item));
    return true;
}

bool Parser::plugin_opcode(Item& item, const Token& word) {
    item.op = Op::ext;
    const std::uint32_t* known = find_import(ImportKind::opcode, word.text);
    if (known != nullptr) {
        item.import = *known; // written out, or resolved before
    } else {
        const auto resolved = resolver_ ? resolver_(word.text) : std::nullopt;
        if (!resolved) return unknown_mnemonic(word);
        module_.uses_memory |= resolved->takes_memory;
        const std::uint32_t* same = find_import(ImportKind::opcode, resolved->id);
        if (same != nullptr)
            item.import = *same;
        else if (!add_import(
                     {ImportKind::opcode, resolved->id, resolved->pops, resolved->pushes, resolved->immediate_size},
                     {word.text, word.place}, item.import))
            return false;
    }
    advance();
    return module_.imports[item.import].immediate_size == 0 || expression(item.operand);
}

bool Parser::unknown_mnemonic(const Token& word) {
    std::vector<std::string_view> known(keywords().begin(), keywords().end());
    for (const OpInfo& info : op_table)
        if (!info.mnemonic.empty() && info.mnemonic != word.text) known.push_back(info.mnemonic); // ext is no word
    for (const auto& [alias, index] : aliases_[static_cast<std::size_t>(ImportKind::opcode)])
        known.push_back(alias);
    const std::string near = word.text.size() <= max_name_bytes ? nearest(word.text, known) : std::string{};
    return fail(ErrorCode::asm_unknown_name, word.place, fmt::format("unknown mnemonic {}", word.text),
                {"a built-in mnemonic, or one of a loaded plugin", std::string{word.text},
                 near.empty() ? std::string{} : fmt::format("did you mean {}?", near)});
}

bool Parser::operand(Item& item, Immediate kind) {
    switch (kind) {
    case Immediate::none:
    case Immediate::height:
    case Immediate::import_opcode:
        return true;
    case Immediate::word:
    case Immediate::depth:
    case Immediate::width:
    case Immediate::topics:
        return expression(item.operand);
    case Immediate::reg:
        return register_operand(item);
    case Immediate::label:
        return one_name(item, "a label");
    case Immediate::function:
        return one_name(item, "the name of a function");
    case Immediate::table:
        return table_operand(item);
    case Immediate::import_syscall:
        return import_operand(item, ImportKind::syscall);
    case Immediate::import_env:
        return import_operand(item, ImportKind::env);
    case Immediate::import_format:
        if (token_.kind == TokenKind::string || (token_.kind == TokenKind::name && !ahead_.is(":") &&
                                                 find_import(ImportKind::format, token_.text) != nullptr)) {
            if (!import_operand(item, ImportKind::format)) return false;
            ++item.import;
        }
        return true;
    }
    return false;
}

/// r0 to r15
bool Parser::register_operand(Item& item) {
    const std::string_view word = token_.text;
    unsigned number = 0;
    bool ok =
        token_.kind == TokenKind::name && word.size() >= 2 && word.size() <= 3 && (word[0] == 'r' || word[0] == 'R');
    for (std::size_t i = 1; ok && i < word.size(); ++i) {
        ok = word[i] >= '0' && word[i] <= '9';
        number = number * 10 + static_cast<unsigned>(word[i] - '0');
    }
    if (!ok || number >= register_count || (word.size() == 3 && word[1] == '0'))
        return expected("a register, r0 to r15");
    item.operand.push_back({number, {}, false, token_.place});
    advance();
    return true;
}

/// [a, b, ...] else c
bool Parser::table_operand(Item& item) {
    if (!require("[")) return false;
    if (!token_.is("]")) do {
            if (!one_name(item, "a label")) return false;
        } while (accept(","));
    if (!require("]")) return false;
    if (!accept_name("else")) return expected("`else` and the label for all other values");
    return one_name(item, "a label");
}

} // namespace rvm::native
