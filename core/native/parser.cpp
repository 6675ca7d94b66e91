#include "native/parser.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "native/limits.hpp"

namespace rvm::native {
namespace {

constexpr std::array<std::string_view, 8> keywords{"func",   "const",  "data",   "space",
                                                   "memory", "import", "export", "custom"};
constexpr std::uint64_t data_alignment = 8;
constexpr std::uint64_t memory_limit = std::uint64_t{max_memory_pages} * page_bytes;

std::string describe(const Token& token) {
    switch (token.kind) {
    case TokenKind::end:
        return "the end of the text";
    case TokenKind::string:
        return "a string";
    default:
        return std::string{token.text};
    }
}

class Parser {
  public:
    Parser(std::string_view text, const MnemonicResolver& resolver, Diagnostics& diagnostics)
        : lexer_(text, diagnostics), resolver_(resolver), diagnostics_(diagnostics) {
        advance();
        advance();
    }

    Module run() {
        while (token_.kind != TokenKind::end && !diagnostics_.enough())
            if (!statement()) recover();
        return std::move(module_);
    }

  private:
    void advance() {
        token_ = std::move(ahead_);
        ahead_ = lexer_.next();
    }

    /// Skips the rest of the line on which something was wrong.
    void recover() {
        const std::uint32_t line = token_.place.line;
        while (token_.kind != TokenKind::end && token_.place.line == line)
            advance();
    }

    bool fail(ErrorCode code, Place place, std::string message, Diagnostics::Details details = {"", "", ""}) {
        diagnostics_.error(code, place, std::move(message), std::move(details));
        return false;
    }

    bool expected(std::string what, std::string message = "something else belongs here") {
        return fail(ErrorCode::asm_syntax, token_.place, std::move(message), {std::move(what), describe(token_), ""});
    }

    bool accept(std::string_view mark) {
        if (!token_.is(mark)) return false;
        advance();
        return true;
    }

    bool accept_name(std::string_view name) {
        if (!token_.is_name(name)) return false;
        advance();
        return true;
    }

    bool require(std::string_view mark) { return accept(mark) || expected(fmt::format("`{}`", mark)); }

    bool statement() {
        if (token_.kind == TokenKind::directive) return directive();
        if (token_.kind != TokenKind::name) return expected("a mnemonic, label or declaration");
        if (ahead_.is(":")) return label();
        if (token_.text == "func") return function();
        if (token_.text == "const") return constant();
        if (token_.text == "data") return data();
        if (token_.text == "space") return space();
        if (token_.text == "memory") return memory();
        if (token_.text == "import") return import();
        if (token_.text == "export") return export_name();
        if (token_.text == "custom") return custom();
        return instruction();
    }

    // -- names and values

    bool name(Use& out, std::string_view what) {
        if (token_.kind != TokenKind::name) return expected(std::string{what});
        out = {token_.text, token_.place};
        if (!is_identifier(token_.text))
            return fail(ErrorCode::asm_range, token_.place, "the name is too long",
                        {fmt::format("at most {} characters", max_name_bytes), std::to_string(token_.text.size()), ""});
        advance();
        return true;
    }

    bool text(std::string& out, std::string_view what) {
        if (token_.kind != TokenKind::string) return expected(fmt::format("{} in quotes", what));
        if (token_.string.size() > max_name_bytes)
            return fail(ErrorCode::asm_range, token_.place, "the text is too long",
                        {fmt::format("at most {} bytes", max_name_bytes), std::to_string(token_.string.size()), ""});
        out = token_.string;
        advance();
        return true;
    }

    /// number, name, or sums and differences of them
    bool expression(std::vector<Term>& out) {
        bool negative = false;
        for (;;) {
            const Place begin = token_.place;
            while (token_.is("-") || (out.empty() && token_.is("+"))) {
                negative = token_.is("-") ? !negative : negative;
                advance();
            }
            if (token_.kind != TokenKind::number && token_.kind != TokenKind::name)
                return expected("a number or the name of a constant");
            Term term;
            term.place = begin;
            term.negative = negative;
            if (token_.kind == TokenKind::number)
                term.value = token_.value;
            else
                term.name = token_.text;
            out.push_back(term);
            advance();
            negative = token_.is("-");
            if (!token_.is("+") && !negative) return true;
            advance();
        }
    }

    /// A value that must be known here, as a word.
    bool value(std::uint64_t& out) {
        std::vector<Term> terms;
        if (!expression(terms)) return false;
        out = 0;
        for (const Term& term : terms) {
            std::uint64_t summand = term.value;
            if (!term.name.empty()) {
                const auto found = module_.constants.find(term.name);
                if (found == module_.constants.end())
                    return fail(ErrorCode::asm_unknown_name, term.place, fmt::format("unknown constant {}", term.name),
                                {"a constant or datum defined above", std::string{term.name}, ""});
                summand = found->second;
            }
            out = term.negative ? out - summand : out + summand;
        }
        return true;
    }

    bool value(std::uint64_t& out, std::uint64_t max, std::string_view what) {
        const Place place = token_.place;
        if (!value(out)) return false;
        return out <= max || fail(ErrorCode::asm_range, place, fmt::format("{} is out of range", what),
                                  {fmt::format("0 to {}", max), std::to_string(out), ""});
    }

    bool define(const Use& use, std::uint64_t word) {
        if (module_.constants.emplace(use.name, word).second) return true;
        return fail(ErrorCode::asm_duplicate, use.place, fmt::format("{} is defined twice", use.name));
    }

    // -- directives and declarations

    bool directive() {
        const Token word = token_;
        advance();
        if (word.text == ".nodebug") {
            module_.debug = DebugMode::none;
            return true;
        }
        if (word.text == ".file") {
            module_.debug = DebugMode::written;
            return text(module_.debug_file, "the name of a source file");
        }
        if (word.text == ".line") {
            if (module_.debug != DebugMode::written)
                return fail(ErrorCode::asm_syntax, word.place, ".line needs a .file before it",
                            {".file \"NAME\"", ".line", ""});
            std::uint64_t line = 0;
            const Place place = token_.place;
            if (!value(line, std::numeric_limits<std::uint32_t>::max(), "line")) return false;
            if (line == 0) return fail(ErrorCode::asm_range, place, "lines count from 1");
            line_ = static_cast<std::uint32_t>(line);
            return true;
        }
        return fail(ErrorCode::asm_syntax, word.place, fmt::format("unknown directive {}", word.text),
                    {".file, .line or .nodebug", std::string{word.text}, ""});
    }

    bool function() {
        advance();
        Use use;
        if (!name(use, "the name of a function")) return false;
        FunctionText& out = module_.functions.emplace_back();
        out.name = use.name;
        out.place = use.place;
        line_ = 0;
        std::uint64_t count = 0;
        if (token_.kind == TokenKind::number) {
            if (!value(count, max_parameters, "number of parameters")) return false;
            out.parameters = static_cast<std::uint8_t>(count);
        }
        if (accept("->")) {
            if (!value(count, max_parameters, "number of results")) return false;
            out.results = static_cast<std::uint8_t>(count);
        }
        if (!functions_.emplace(use.name, use.place.line).second)
            return fail(ErrorCode::asm_duplicate, use.place, fmt::format("function {} is defined twice", use.name));
        return true;
    }

    bool constant() {
        advance();
        Use use;
        std::uint64_t word = 0;
        return name(use, "the name of a constant") && require("=") && value(word) && define(use, word);
    }

    bool memory() {
        advance();
        std::uint64_t pages = 0;
        if (!value(pages, max_memory_pages, "number of memory pages")) return false;
        module_.memory_pages = static_cast<std::uint32_t>(pages);
        return true;
    }

    /// NAME [at OFFSET]; defines NAME.
    bool region(Use& use, std::uint64_t& offset) {
        advance();
        if (!name(use, "a name")) return false;
        offset = (module_.data_end + data_alignment - 1) / data_alignment * data_alignment;
        if (accept_name("at") && !value(offset, memory_limit, "offset")) return false;
        return define(use, offset);
    }

    bool finish_region(const Use& use, std::uint64_t offset, std::uint64_t size) {
        if (offset > memory_limit || size > memory_limit - offset)
            return fail(ErrorCode::asm_range, use.place, fmt::format("{} lies outside memory", use.name),
                        {fmt::format("end at {} or before", memory_limit), std::to_string(offset + size), ""});
        module_.data_end = std::max(module_.data_end, offset + size);
        return define({own(std::string{use.name} + ".size"), use.place}, size);
    }

    bool data() {
        Use use;
        std::uint64_t offset = 0;
        if (!region(use, offset) || !require("=")) return false;
        DataText out;
        out.place = use.place;
        if (!data_items(out.bytes)) return false;
        out.offset = static_cast<std::uint32_t>(offset);
        const std::uint64_t size = out.bytes.size();
        if (size != 0) module_.data.push_back(std::move(out));
        return finish_region(use, offset, size);
    }

    bool space() {
        Use use;
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        return region(use, offset) && value(size, memory_limit, "size") && finish_region(use, offset, size);
    }

    bool data_items(Bytes& out) {
        do {
            const std::size_t before = out.size();
            if (!data_item(out)) return false;
            data_bytes_ += out.size() - before;
            if (data_bytes_ > max_container_bytes) // of all data together: a short text can ask for much
                return fail(ErrorCode::asm_range, token_.place, "the data of the program is too long",
                            {fmt::format("at most {} bytes", max_container_bytes), std::to_string(data_bytes_), ""});
        } while (accept(","));
        return true;
    }

    bool data_item(Bytes& out) {
        if (token_.kind == TokenKind::string) {
            out.insert(out.end(), token_.string.begin(), token_.string.end());
            advance();
            return true;
        }
        std::uint64_t word = 0;
        if (accept_name("hex")) return hex(out);
        if (accept_name("word")) {
            if (!value(word)) return false;
            for (unsigned shift = 0; shift < 64; shift += 8)
                out.push_back(static_cast<std::uint8_t>(word >> shift));
            return true;
        }
        if (accept_name("u256")) {
            if (!value(word)) return false;
            out.insert(out.end(), 24, 0);
            for (int shift = 56; shift >= 0; shift -= 8)
                out.push_back(static_cast<std::uint8_t>(word >> shift));
            return true;
        }
        if (accept_name("zero")) {
            if (!value(word, max_container_bytes, "number of zeros")) return false;
            out.insert(out.end(), static_cast<std::size_t>(word), 0);
            return true;
        }
        const Place place = token_.place;
        if (!value(word)) return false;
        const auto number = static_cast<std::int64_t>(word);
        if (number < -128 || number > 255)
            return fail(ErrorCode::asm_range, place, "a plain number in data is one byte",
                        {"-128 to 255", std::to_string(number), "write `word N` for eight bytes"});
        out.push_back(static_cast<std::uint8_t>(word));
        return true;
    }

    bool hex(Bytes& out) {
        if (token_.kind != TokenKind::string) return expected("hexadecimal digits in quotes");
        std::string digits = token_.string;
        std::erase_if(digits, [](char c) { return c == ' ' || c == '_'; });
        const auto bytes = from_hex(digits);
        if (!bytes) return expected("an even number of hexadecimal digits", "this is not a sequence of bytes");
        out.insert(out.end(), bytes->begin(), bytes->end());
        advance();
        return true;
    }

    bool export_name() {
        advance();
        ExportText out;
        Use use;
        if (!name(use, "the name of a function")) return false;
        out.name = use.name;
        out.function = use;
        if (accept("=") && !name(out.function, "the name of a function")) return false;
        if (!exported_.insert(use.name).second)
            return fail(ErrorCode::asm_duplicate, use.place, fmt::format("{} is exported twice", out.name));
        module_.exports.push_back(std::move(out));
        return true;
    }

    bool custom() {
        advance();
        CustomText out;
        if (!text(out.name, "the name of the section")) return false;
        if (accept("=") && !data_items(out.bytes)) return false;
        module_.customs.push_back(std::move(out));
        return true;
    }

    /// import KIND "ID" [as NAME]; for an opcode also PARAMETERS -> RESULTS [imm BYTES]
    bool import() {
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
                return fail(
                    ErrorCode::asm_syntax, id.place, "this id cannot be written as a mnemonic",
                    {"as NAME", describe(token_), fmt::format("import opcode \"{}\" as my_opcode ...", out.id)});
            if (find_opcode(alias.name) >= 0 || is_keyword(alias.name))
                return fail(ErrorCode::asm_duplicate, alias.place,
                            fmt::format("{} is a word of the language", alias.name), {"as NAME", "", ""});
            if (!shape(out)) return false;
            module_.uses_memory = true; // the text does not say whether it takes memory offsets
        }
        if (find_import(out.kind, alias.name) != nullptr || find_import(out.kind, out.id) != nullptr)
            return fail(ErrorCode::asm_duplicate, alias.place, fmt::format("{} is imported twice", out.id));
        std::uint32_t index = 0;
        return add_import(std::move(out), alias, index);
    }

    bool shape(Import& out) {
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

    const std::uint32_t* find_import(ImportKind kind, std::string_view alias) const {
        const auto& names = aliases_[static_cast<std::size_t>(kind)];
        const auto found = names.find(alias);
        return found == names.end() ? nullptr : &found->second;
    }

    bool add_import(Import import, const Use& alias, std::uint32_t& index) {
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

    /// Keeps a text as long as the module, for views into it.
    std::string_view own(std::string made) { return module_.owned.emplace_back(std::move(made)); }

    // -- instructions

    FunctionText& current() {
        if (module_.functions.empty()) { // instructions before any `func` are main
            FunctionText& out = module_.functions.emplace_back();
            out.name = "main";
            out.place = token_.place;
            functions_.emplace("main", token_.place.line);
        }
        return module_.functions.back();
    }

    bool label() {
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

    bool instruction() {
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

    bool plugin_opcode(Item& item, const Token& word) {
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

    bool unknown_mnemonic(const Token& word) {
        std::vector<std::string_view> known(keywords.begin(), keywords.end());
        for (const OpInfo& info : op_table)
            if (!info.mnemonic.empty()) known.push_back(info.mnemonic);
        for (const auto& [alias, index] : aliases_[static_cast<std::size_t>(ImportKind::opcode)])
            known.push_back(alias);
        const std::string near = word.text.size() <= max_name_bytes ? nearest(word.text, known) : std::string{};
        return fail(ErrorCode::asm_unknown_name, word.place, fmt::format("unknown mnemonic {}", word.text),
                    {"a built-in mnemonic, or one of a loaded plugin", std::string{word.text},
                     near.empty() ? std::string{} : fmt::format("did you mean {}?", near)});
    }

    /// An import by name or id; env words, syscalls and formats are imported where they are first used.
    bool import_operand(Item& item, ImportKind kind) {
        if (token_.kind != TokenKind::string && token_.kind != TokenKind::name)
            return expected(fmt::format("the id of a {} in quotes", import_kind_name(kind)));
        const bool quoted = token_.kind == TokenKind::string;
        const Use use{quoted ? own(token_.string) : token_.text, token_.place};
        if (const std::uint32_t* known = find_import(kind, use.name)) {
            item.import = *known;
        } else if (!quoted) {
            return fail(ErrorCode::asm_unknown_name, use.place, fmt::format("nothing is imported as {}", use.name),
                        {fmt::format("an imported {}, or its id in quotes", import_kind_name(kind)),
                         std::string{use.name}, ""});
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

    bool one_name(Item& item, std::string_view what) { return name(item.names.emplace_back(), what); }

    bool operand(Item& item, Immediate kind) {
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
    bool register_operand(Item& item) {
        const std::string_view word = token_.text;
        unsigned number = 0;
        bool ok = token_.kind == TokenKind::name && word.size() >= 2 && word.size() <= 3 &&
                  (word[0] == 'r' || word[0] == 'R');
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
    bool table_operand(Item& item) {
        if (!require("[")) return false;
        if (!token_.is("]")) do {
                if (!one_name(item, "a label")) return false;
            } while (accept(","));
        if (!require("]")) return false;
        if (!accept_name("else")) return expected("`else` and the label for all other values");
        return one_name(item, "a label");
    }

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

} // namespace

bool is_keyword(std::string_view word) noexcept { return std::ranges::find(keywords, word) != keywords.end(); }

Module parse_module(std::string_view text, const MnemonicResolver& resolver, Diagnostics& diagnostics) {
    return Parser{text, resolver, diagnostics}.run();
}

} // namespace rvm::native
