#include "native/verifier.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "native/leb128.hpp"

namespace rvm::native {
namespace {

/// A label seen in the function being read.
struct Label {
    std::uint32_t instruction;
    std::uint32_t height;
};

/// A place that names a label: checked and replaced by the label's instruction when the function has been read.
struct Reference {
    std::uint32_t slot;    ///< index into code, or into targets
    std::uint32_t ordinal; ///< of the label
    std::uint32_t height;  ///< at the jump
    std::uint32_t pc;
    bool in_table;
};

class Verifier {
  public:
    Verifier(const Container& container, std::string_view file, Report& report)
        : container_(container), file_(file), report_(report) {}

    std::optional<Program> run() {
        if (!entries()) return std::nullopt;
        program_.functions.resize(container_.functions.size());
        for (std::size_t i = 0; i < container_.functions.size(); ++i) {
            program_.functions[i].parameters = container_.functions[i].parameters;
            program_.functions[i].results = container_.functions[i].results;
        }
        if (container_.debug) next_line_ = container_.debug->lines.begin();
        for (function_ = 0; function_ < container_.functions.size(); ++function_)
            if (!function()) return std::nullopt;
        if (container_.debug && next_line_ != container_.debug->lines.end())
            return pc_ = next_line_->pc, fail("a debug line does not stand at an instruction"), std::nullopt;
        rest();
        return std::move(program_);
    }

    /// Where the last instruction read stands.
    [[nodiscard]] std::uint32_t pc() const noexcept { return pc_; }

  private:
    bool fail(std::string message, std::string expected = {}, std::string found = {}, std::string hint = {}) {
        std::string where = fmt::format("pc {}", pc_);
        if (function_ < container_.functions.size())
            where = container_.debug ? fmt::format("function {}, pc {}", container_.debug->names[function_], pc_)
                                     : fmt::format("function {}, pc {}", function_, pc_);
        Finding& finding =
            report_.error(ErrorCode::native_invalid_code, std::string{file_}, std::move(where), std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        finding.hint = std::move(hint);
        return false;
    }

    bool entries() {
        function_ = static_cast<std::uint32_t>(container_.functions.size());
        const auto main = container_.exported(entry_main);
        if (!main) return fail("the program exports no function main", "an export \"main\"", "none");
        program_.main = *main;
        program_.init = container_.exported(entry_init);
        for (const std::uint32_t entry : {*main, program_.init.value_or(*main)}) {
            function_ = entry;
            if (container_.functions[entry].parameters != 0)
                return fail("an entry function takes no parameters", "0",
                            std::to_string(container_.functions[entry].parameters));
        }
        return true;
    }

    [[nodiscard]] bool is_entry(std::uint32_t function) const noexcept {
        return function == program_.main || function == program_.init;
    }

    /// Appends an instruction at the current pc.
    Instruction& emit(Op op) {
        program_.positions.push_back(pc_);
        Instruction& instruction = program_.code.emplace_back();
        instruction.op = op;
        return instruction;
    }

    /// Opens a block: the instructions from here to its end are paid by this label.
    void open_block(bool written) {
        block_ = static_cast<std::uint32_t>(program_.code.size());
        emit(Op::label).small = written ? 0 : 1;
    }

    bool function() {
        const FunctionBody& body = container_.functions[function_];
        Function& out = program_.functions[function_];
        out.first = static_cast<std::uint32_t>(program_.code.size());
        labels_.clear();
        references_.clear();
        reachable_ = true;
        height_ = body.parameters;
        max_height_ = height_;
        Reader reader{body.code};
        pc_ = body.position;
        open_block(false);
        while (!reader.at_end()) {
            pc_ = body.position + static_cast<std::uint32_t>(reader.position());
            if (container_.debug && next_line_ != container_.debug->lines.end() && next_line_->pc == pc_) ++next_line_;
            if (!instruction(reader)) return false;
        }
        pc_ = body.position + static_cast<std::uint32_t>(body.code.size());
        if (reachable_) { // falls off the end: returns
            if (!leaves_results("the end of the function")) return false;
            Instruction& end = emit(Op::ret);
            end.small = 1;
        }
        out.max_height = max_height_;
        return resolve();
    }

    bool leaves_results(std::string_view what) {
        const std::uint8_t results = container_.functions[function_].results;
        if (is_entry(function_) || height_ == results) return true;
        return fail(fmt::format("{} does not leave exactly the function's results", what),
                    fmt::format("{} words on the stack", results), fmt::format("{}", height_));
    }

    bool instruction(Reader& reader) {
        const std::uint8_t byte = *reader.byte();
        const OpInfo& info = op_table[byte];
        if (info.mnemonic.empty())
            return fail("undefined opcode", "a byte of the opcode table", fmt::format("{:#04x}", byte));
        const auto op = static_cast<Op>(byte);
        if (op == Op::label) return label(reader);
        if (!reachable_)
            return fail("the instruction cannot be reached", "a label", std::string{info.mnemonic},
                        "control never passes the instruction before it; remove this one or give it a label");
        const auto index = static_cast<std::uint32_t>(program_.code.size());
        Instruction& out = emit(op);
        out.pops = info.pops;
        out.pushes = info.pushes;
        if (!immediate(reader, info, index)) return false;
        return effect(info, index);
    }

    bool label(Reader& reader) {
        const auto height = reader.unsigned_value(max_function_height);
        if (!height)
            return fail("height of a label is not a minimal integer in range",
                        fmt::format("0 to {}", max_function_height));
        if (reachable_ && *height != height_)
            return fail("the stack heights at a label differ", fmt::format("{} as the label says", *height),
                        fmt::format("{} on falling into it", height_));
        height_ = static_cast<std::uint32_t>(*height);
        max_height_ = std::max(max_height_, height_);
        reachable_ = true;
        labels_.push_back({static_cast<std::uint32_t>(program_.code.size()), height_});
        open_block(true);
        program_.code.back().index = height_;
        return true;
    }

    bool small_immediate(Reader& reader, Instruction& out, std::uint8_t max, std::string_view what) {
        const auto value = reader.byte();
        if (!value) return truncated();
        if (*value > max)
            return fail(fmt::format("{} is out of range", what), fmt::format("0 to {}", max), std::to_string(*value));
        out.small = *value;
        return true;
    }

    bool truncated() { return fail("the instruction's immediate is missing or not a minimal integer"); }

    bool import_index(Reader& reader, Instruction& out, ImportKind kind) {
        const auto value = reader.unsigned_value();
        if (!value) return truncated();
        if (*value >= container_.imports.size())
            return fail("there is no such import", fmt::format("below {}", container_.imports.size()),
                        std::to_string(*value));
        const Import& import = container_.imports[static_cast<std::size_t>(*value)];
        if (import.kind != kind)
            return fail(fmt::format("import {} is of another kind", import.id), std::string{import_kind_name(kind)},
                        std::string{import_kind_name(import.kind)});
        out.index = static_cast<std::uint32_t>(*value);
        return true;
    }

    bool immediate(Reader& reader, const OpInfo& info, std::uint32_t index) {
        Instruction& out = program_.code[index];
        switch (info.immediate) {
        case Immediate::none:
            if (out.op == Op::ret) return out.pops = 0, leaves_results("ret");
            return true;
        case Immediate::height:
            return true; // label() reads it
        case Immediate::word: {
            const auto value = reader.signed_value();
            if (!value) return truncated();
            out.value = static_cast<std::uint64_t>(*value);
            return true;
        }
        case Immediate::label: {
            const auto ordinal = reader.unsigned_value(max_container_bytes);
            if (!ordinal) return truncated();
            references_.push_back({index, static_cast<std::uint32_t>(*ordinal), height_ - out.pops, pc_, false});
            return true;
        }
        case Immediate::table:
            return jump_table(reader, index);
        case Immediate::function:
            return call(reader, out);
        case Immediate::depth:
            if (!small_immediate(reader, out, max_pick, "depth")) return false;
            out.pops = static_cast<std::uint8_t>(out.small + 1);
            out.pushes = static_cast<std::uint8_t>(out.small + 2);
            return true;
        case Immediate::reg:
            return small_immediate(reader, out, register_count - 1, "register");
        case Immediate::width:
            if (!small_immediate(reader, out, 32, "width")) return false;
            if (out.small != 8 && out.small != 16 && out.small != 32)
                return fail("width is out of range", "8, 16 or 32", std::to_string(out.small));
            return true;
        case Immediate::topics:
            if (!small_immediate(reader, out, max_topics, "number of topics")) return false;
            out.pops = static_cast<std::uint8_t>(2 + out.small);
            return true;
        case Immediate::import_opcode:
            return plugin_opcode(reader, out);
        case Immediate::import_syscall:
            return import_index(reader, out, ImportKind::syscall);
        case Immediate::import_env:
            return import_index(reader, out, ImportKind::env);
        case Immediate::import_format:
            return format_index(reader, out);
        }
        return fail("the opcode table names an unknown immediate");
    }

    bool jump_table(Reader& reader, std::uint32_t index) {
        const auto entries = reader.unsigned_value();
        if (!entries) return truncated();
        if (*entries >= reader.left())
            return fail("the jump table is longer than the code", fmt::format("below {}", reader.left()),
                        std::to_string(*entries));
        program_.code[index].index = static_cast<std::uint32_t>(program_.targets.size());
        program_.code[index].value = *entries;
        for (std::uint64_t i = 0; i <= *entries; ++i) {
            const auto ordinal = reader.unsigned_value(max_container_bytes);
            if (!ordinal) return truncated();
            references_.push_back({static_cast<std::uint32_t>(program_.targets.size()),
                                   static_cast<std::uint32_t>(*ordinal), height_ - 1, pc_, true});
            program_.targets.push_back(0);
        }
        return true;
    }

    bool call(Reader& reader, Instruction& out) {
        const auto value = reader.unsigned_value();
        if (!value) return truncated();
        if (*value >= container_.functions.size())
            return fail("there is no such function", fmt::format("below {}", container_.functions.size()),
                        std::to_string(*value));
        out.index = static_cast<std::uint32_t>(*value);
        if (is_entry(out.index)) return fail("an entry function cannot be called from within the program");
        out.pops = container_.functions[out.index].parameters;
        out.pushes = container_.functions[out.index].results;
        return true;
    }

    bool plugin_opcode(Reader& reader, Instruction& out) {
        if (!import_index(reader, out, ImportKind::opcode)) return false;
        const Import& import = container_.imports[out.index];
        const auto bytes = reader.take(import.immediate_size);
        if (!bytes) return truncated();
        for (std::size_t i = 0; i < bytes->size(); ++i)
            out.value |= std::uint64_t{(*bytes)[i]} << (8 * i);
        out.pops = import.pops;
        out.pushes = import.pushes;
        return true;
    }

    /// 0 stands for no import; the instruction keeps that encoding.
    bool format_index(Reader& reader, Instruction& out) {
        const auto value = reader.unsigned_value();
        if (!value) return truncated();
        if (*value == 0) return true;
        if (*value > container_.imports.size())
            return fail("there is no such import", fmt::format("at most {}", container_.imports.size()),
                        std::to_string(*value));
        const Import& import = container_.imports[static_cast<std::size_t>(*value - 1)];
        if (import.kind != ImportKind::format)
            return fail(fmt::format("import {} is of another kind", import.id), "format",
                        std::string{import_kind_name(import.kind)});
        out.index = static_cast<std::uint32_t>(*value);
        return true;
    }

    bool effect(const OpInfo& info, std::uint32_t index) {
        const Instruction& out = program_.code[index];
        if (height_ < out.pops) {
            std::string_view name = info.mnemonic;
            if (info.immediate == Immediate::import_opcode) name = container_.imports[out.index].id; // as it is written
            return fail(fmt::format("{} needs more operands than the stack has", name),
                        fmt::format("{} operand{}", out.pops, out.pops == 1 ? "" : "s"), std::to_string(height_));
        }
        height_ = height_ - out.pops + out.pushes;
        if (height_ > max_function_height)
            return fail("the function needs too much stack", fmt::format("at most {} words", max_function_height),
                        std::to_string(height_));
        max_height_ = std::max(max_height_, height_);
        program_.code[block_].value += info.price;
        if ((info.flags & OpFlags::ends) != 0) reachable_ = false;
        if ((info.flags & OpFlags::branches) != 0) open_block(false);
        return true;
    }

    /// Every label is known now: checks the references and turns them into instruction indices.
    bool resolve() {
        for (const Reference& reference : references_) {
            pc_ = reference.pc;
            if (reference.ordinal >= labels_.size())
                return fail("there is no such label", fmt::format("below {}", labels_.size()),
                            std::to_string(reference.ordinal));
            const Label& label = labels_[reference.ordinal];
            if (label.height != reference.height)
                return fail("the stack heights at a label differ", fmt::format("{} as the label says", label.height),
                            fmt::format("{} on jumping to it", reference.height));
            if (reference.in_table)
                program_.targets[reference.slot] = label.instruction;
            else
                program_.code[reference.slot].index = label.instruction;
        }
        return true;
    }

    void rest() {
        program_.imports = container_.imports;
        program_.memory_pages = container_.memory_pages;
        for (const Segment& segment : container_.segments) {
            program_.segments.push_back({segment.offset, static_cast<std::uint32_t>(segment.bytes.size()),
                                         static_cast<std::uint32_t>(program_.data.size())});
            program_.data.insert(program_.data.end(), segment.bytes.begin(), segment.bytes.end());
        }
        if (container_.debug) {
            program_.lines = container_.debug->lines;
            program_.source_file = container_.debug->file;
        }
        program_.code.shrink_to_fit();
        program_.positions.shrink_to_fit();
    }

    const Container& container_;
    std::string_view file_;
    Report& report_;
    Program program_;
    std::vector<Label> labels_;
    std::vector<Reference> references_;
    std::vector<DebugLine>::const_iterator next_line_;
    std::uint32_t function_ = 0;
    std::uint32_t pc_ = 0;
    std::uint32_t block_ = 0; ///< label that pays for the instruction being read
    std::uint32_t height_ = 0;
    std::uint32_t max_height_ = 0;
    bool reachable_ = true;
};

} // namespace

std::uint32_t line_at(const std::vector<DebugLine>& lines, std::uint64_t pc) noexcept {
    const auto after =
        std::ranges::upper_bound(lines, pc, {}, [](const DebugLine& line) { return std::uint64_t{line.pc}; });
    return after == lines.begin() ? 0 : std::prev(after)->line;
}

std::optional<Program> verify(const Container& container, std::string_view file, Report& report,
                              std::uint32_t* failed_pc) {
    Verifier verifier{container, file, report};
    auto program = verifier.run();
    if (!program && failed_pc != nullptr) *failed_pc = verifier.pc();
    return program;
}

std::optional<Program> load_program(ByteView bytes, std::string_view file, Report& report) {
    const auto container = decode_container(bytes, file, report);
    if (!container) return std::nullopt;
    return verify(*container, file, report);
}

bool check(ByteView bytes, std::string_view file, Report& report) {
    return load_program(bytes, file, report).has_value();
}

} // namespace rvm::native
