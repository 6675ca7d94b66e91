// Directives and declarations of assembly text: what there is besides instructions and imports.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "native/limits.hpp"
#include "native/parser_state.hpp"

namespace rvm::native {
namespace {

constexpr std::uint64_t data_alignment = 8;
constexpr std::uint64_t memory_limit = std::uint64_t{max_memory_pages} * page_bytes;

} // namespace

bool Parser::directive() {
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

bool Parser::function() {
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

bool Parser::constant() {
    advance();
    Use use;
    std::uint64_t word = 0;
    return name(use, "the name of a constant") && require("=") && value(word) && define(use, word);
}

bool Parser::memory() {
    advance();
    std::uint64_t pages = 0;
    if (!value(pages, max_memory_pages, "number of memory pages")) return false;
    module_.memory_pages = static_cast<std::uint32_t>(pages);
    return true;
}

/// NAME [at OFFSET]; defines NAME.
bool Parser::region(Use& use, std::uint64_t& offset) {
    advance();
    if (!name(use, "a name")) return false;
    offset = (module_.data_end + data_alignment - 1) / data_alignment * data_alignment;
    if (accept_name("at") && !value(offset, memory_limit, "offset")) return false;
    return define(use, offset);
}

bool Parser::finish_region(const Use& use, std::uint64_t offset, std::uint64_t size) {
    if (offset > memory_limit || size > memory_limit - offset)
        return fail(ErrorCode::asm_range, use.place, fmt::format("{} lies outside memory", use.name),
                    {fmt::format("end at {} or before", memory_limit), std::to_string(offset + size), ""});
    module_.data_end = std::max(module_.data_end, offset + size);
    return define({own(std::string{use.name} + ".size"), use.place}, size);
}

bool Parser::data() {
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

bool Parser::space() {
    Use use;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    return region(use, offset) && value(size, memory_limit, "size") && finish_region(use, offset, size);
}

bool Parser::export_name() {
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

bool Parser::custom() {
    advance();
    CustomText out;
    if (!text(out.name, "the name of the section")) return false;
    if (accept("=") && !data_items(out.bytes)) return false;
    module_.customs.push_back(std::move(out));
    return true;
}

} // namespace rvm::native
