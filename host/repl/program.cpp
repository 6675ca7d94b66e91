#include "repl/program.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "native/assembler.hpp"
#include "native/container.hpp"
#include "native/gas.hpp"
#include "native/leb128.hpp"
#include "native/opcodes.hpp"
#include "native/parser.hpp"
#include "native/verifier.hpp"
#include "program/code.hpp"

namespace rvm::host::repl {

namespace {

using native::Op;

constexpr std::string_view kept_region = "rvm.kept"; ///< the memory that data of former entries has
constexpr std::size_t block_bytes = 64;              ///< zeros up to this many are stored rather than skipped

/// Text that is assembled, and where each of its lines came from.
class Composition {
  public:
    void ours(const std::string& text) { add({text, 0}); }
    void add(const Line& line) {
        text_ += line.text + "\n";
        numbers_.push_back(line.number);
    }
    void add(const std::vector<Line>& lines) {
        for (const Line& line : lines)
            add(line);
    }
    /// Lines of a former entry.
    void former(const FunctionText& function) {
        for (const Line& line : function.lines)
            ours(line.text);
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// The line of the entry that `line` (from 1) is; 0: none.
    [[nodiscard]] std::uint32_t number(std::uint32_t line) const noexcept {
        return line == 0 || line > numbers_.size() ? 0 : numbers_[line - 1];
    }

  private:
    std::string text_;
    std::vector<std::uint32_t> numbers_;
};

std::string restoring(const Kept& kept) {
    std::string text;
    for (std::size_t i = 0; i < kept.registers.size(); ++i)
        if (kept.registers[i] != 0) text += fmt::format("push {} set r{} ", kept.registers[i], i);
    for (const std::uint64_t word : kept.stack)
        text += fmt::format("push {} ", word);
    return text;
}

constexpr std::size_t halt_bytes = 1;     // its opcode
constexpr std::size_t register_bytes = 2; // get, set: opcode and register

/// Bytes of code that restoring() assembles to.
std::size_t restoring_bytes(const Kept& kept) {
    Bytes code;
    const auto push = [&](std::uint64_t word) {
        code.push_back(0); // the opcode
        native::write_signed(code, static_cast<std::int64_t>(word));
    };
    for (const std::uint64_t word : kept.registers) {
        if (word == 0) continue;
        push(word);
        code.insert(code.end(), register_bytes, 0);
    }
    for (const std::uint64_t word : kept.stack)
        push(word);
    return code.size();
}

std::int64_t restoring_gas(const Kept& kept) {
    const auto registers = std::ranges::count_if(kept.registers, [](std::uint64_t word) { return word != 0; });
    const auto price = [](Op op) { return static_cast<std::int64_t>(native::op_info(op).price); };
    return registers * (price(Op::push) + price(Op::set)) +
           static_cast<std::int64_t>(kept.stack.size()) * price(Op::push) +
           static_cast<std::int64_t>(kept.memory.size() / native::page_bytes) * native::gas::page;
}

std::string showing_registers() {
    std::string text;
    for (std::size_t i = 0; i < native::register_count; ++i)
        text += fmt::format("get r{} ", i);
    return text + "halt";
}

std::int64_t showing_gas() {
    return static_cast<std::int64_t>(native::register_count) *
               static_cast<std::int64_t>(native::op_info(Op::get).price) +
           static_cast<std::int64_t>(native::op_info(Op::halt).price);
}

Composition compose(const Kept& kept, const Entry& entry, bool to_the_end) {
    Composition out;
    const std::set<std::string> again(entry.declared.begin(), entry.declared.end());
    if (kept.data_end != 0) out.ours(fmt::format("space {} {}", kept_region, kept.data_end));
    for (const auto& [name, value] : kept.constants) {
        const bool size_of_one = name.ends_with(".size") && again.contains(name.substr(0, name.size() - 5));
        if (!again.contains(name) && !size_of_one) out.ours(fmt::format("const {} = {}", name, value));
    }
    for (const std::string& line : kept.imports)
        out.ours(line);
    out.add(entry.imports);
    out.add(entry.declarations);
    out.ours(restoring(kept));
    out.add(entry.instructions);
    out.ours(to_the_end ? showing_registers() : "");
    std::set<std::string_view> defined;
    for (const FunctionText& function : entry.functions) {
        defined.insert(function.name);
        out.add(function.lines);
    }
    for (const FunctionText& function : kept.functions)
        if (!defined.contains(function.name)) out.former(function);
    return out;
}

/// Moves a message about the composition to the entry's own line, with a snippet of that.
void relocate(Finding& finding, const Composition& composition) {
    const std::size_t colon = finding.where.find(':');
    const auto line = parse_number(std::string_view{finding.where}.substr(0, colon));
    if (!line || colon == std::string::npos) return;
    const std::uint32_t number = composition.number(static_cast<std::uint32_t>(*line));
    if (number == 0) { // what an earlier entry brought no longer fits: the message names it
        finding.where.clear();
        return;
    }
    finding.where = fmt::format("{}{}", number, finding.where.substr(colon));
    const std::string before = fmt::format("  {} |", *line), blank(std::to_string(*line).size(), ' ');
    if (!finding.snippet.starts_with(before)) return;
    std::string rest = finding.snippet.substr(before.size());
    const std::string under = fmt::format("\n  {} |", blank);
    const std::size_t second = rest.rfind(under);
    if (second == std::string::npos) return;
    const std::string own(std::to_string(number).size(), ' ');
    finding.snippet =
        fmt::format("  {} |{}\n  {} |{}", number, rest.substr(0, second), own, rest.substr(second + under.size()));
}

/// Pieces of an image that are not zero.
std::vector<native::Segment> segments_of(const Bytes& image) {
    std::vector<native::Segment> segments;
    const ByteView all{image};
    for (std::size_t at = 0; at < image.size(); at += block_bytes) {
        const ByteView block = all.subspan(at, std::min(block_bytes, image.size() - at));
        if (std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; })) continue;
        if (!segments.empty() && segments.back().offset + segments.back().bytes.size() == at)
            segments.back().bytes = all.subspan(segments.back().offset, segments.back().bytes.size() + block.size());
        else
            segments.push_back({static_cast<std::uint32_t>(at), block});
    }
    return segments;
}

/// The container with the session's memory below its data, and debug lines that are those of the entry.
std::optional<Bytes> with_memory(const Bytes& assembled, const Kept& kept, const Composition& composition,
                                 const std::string& name, bool to_the_end, EntryProgram& program, Report& report) {
    auto container = native::decode_container(assembled, name, report);
    if (!container) return std::nullopt;
    Bytes image = kept.memory;
    for (const native::Segment& segment : container->segments) {
        if (image.size() < segment.offset + segment.bytes.size()) image.resize(segment.offset + segment.bytes.size());
        std::ranges::copy(segment.bytes, image.begin() + segment.offset);
    }
    container->segments = segments_of(image);
    container->memory_pages =
        std::max(container->memory_pages, static_cast<std::uint32_t>(kept.memory.size() / native::page_bytes));
    if (container->debug) {
        for (native::DebugLine& line : container->debug->lines)
            line.line = std::max(1U, composition.number(line.line));
        auto& lines = container->debug->lines; // canonical: a line that changes
        const auto same = std::ranges::unique(lines, {}, &native::DebugLine::line);
        lines.erase(same.begin(), same.end());
    }
    if (const auto main = container->exported(native::entry_main)) {
        const native::FunctionBody& body = container->functions[*main];
        program.begin_pc = body.position + restoring_bytes(kept);
        if (to_the_end) {
            program.last_pc = body.position + body.code.size() - halt_bytes;
            program.end_pc = program.last_pc - native::register_count * register_bytes;
        }
    }
    Bytes bytes = native::encode_container(*container);
    if (bytes.size() <= native::max_container_bytes) return bytes;
    Finding& finding = report.error(ErrorCode::asm_range, name, {}, "the session's memory holds more than can be kept");
    finding.expected = fmt::format("at most {} bytes in all that are not zero", native::max_container_bytes);
    finding.found = std::to_string(bytes.size());
    finding.hint = ":reset begins anew";
    return std::nullopt;
}

/// What is not well formed in the entry's own text, with the places `rvm run` would show. In a composition, what
/// follows an incomplete entry would complete it or be blamed.
Report malformed(std::string_view text, const std::string& name, const native::MnemonicResolver& resolver) {
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1); // the end is the end of the last line
    Report all, report;
    native::Diagnostics diagnostics{text, name, all};
    static_cast<void>(native::parse_module(text, resolver, diagnostics));
    for (const Finding& finding : all.findings())
        if (finding.code == ErrorCode::asm_syntax) report.add(finding);
    return report;
}

bool is_incomplete(const Finding& finding) { return finding.found == "the end of the text"; }

} // namespace

std::optional<EntryProgram> make_program(Session& session, const Kept& kept, const std::string& text,
                                         const std::string& name, Report& report) {
    const Entry entry = split_entry(text, name, report);
    if (!report.ok()) return std::nullopt;
    Report plugins; // why a mnemonic is unknown
    const native::MnemonicResolver resolver = mnemonic_resolver(session, plugins);

    Report own = malformed(text, name, resolver);
    if (std::ranges::any_of(own.findings(), is_incomplete)) {
        report.merge(std::move(own));
        return std::nullopt;
    }

    // Control that never reaches the end of the entry must not be followed by anything.
    bool to_the_end = true;
    {
        const Composition composition = compose(kept, entry, false);
        Report ignored;
        native::Diagnostics diagnostics{composition.text(), name, ignored};
        const native::Module module = native::parse_module(composition.text(), resolver, diagnostics);
        if (diagnostics.ok() && !module.functions.empty() && module.functions.front().name == "main") {
            const auto& instructions = module.functions.front().items;
            if (!instructions.empty())
                to_the_end = (native::op_info(instructions.back().op).flags & native::OpFlags::ends) == 0;
        }
    }

    const Composition composition = compose(kept, entry, to_the_end);
    Report assembling;
    const auto assembled = native::assemble(composition.text(), name, resolver, assembling);
    if (!assembled && !own.ok()) {
        report.merge(std::move(own));
        return std::nullopt;
    }
    for (Finding finding : assembling.findings()) {
        relocate(finding, composition);
        report.add(std::move(finding));
    }
    if (!assembled) {
        report.merge(std::move(plugins));
        return std::nullopt;
    }
    EntryProgram program;
    auto bytes = with_memory(*assembled, kept, composition, name, to_the_end, program, report);
    if (!bytes) return std::nullopt;
    program.bytes = std::move(*bytes);
    program.gas_before = restoring_gas(kept);
    program.gas_after = to_the_end ? showing_gas() : 0;

    // What it defines, from the same text.
    Report ignored;
    native::Diagnostics diagnostics{composition.text(), name, ignored};
    const native::Module module = native::parse_module(composition.text(), resolver, diagnostics);
    for (const auto& [constant, value] : module.constants)
        if (!constant.starts_with(kept_region)) program.constants.emplace(constant, value);
    program.data_end = module.data_end;
    program.imports = kept.imports;
    for (const Line& line : entry.imports)
        program.imports.push_back(line.text);
    program.functions = entry.functions;
    for (const FunctionText& function : kept.functions)
        if (std::ranges::none_of(entry.functions,
                                 [&](const FunctionText& newer) { return newer.name == function.name; }))
            program.functions.push_back(function);
    return program;
}

} // namespace rvm::host::repl
