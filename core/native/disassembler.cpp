#include "native/disassembler.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "native/parser.hpp"

namespace rvm::native {
namespace {

constexpr std::size_t bytes_per_line = 32; ///< of data

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string hex_items(ByteView bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += bytes_per_line) {
        if (at != 0) out += ",\n    ";
        out += fmt::format("hex \"{}\"", to_hex(bytes.subspan(at, std::min(bytes_per_line, bytes.size() - at))));
    }
    return out;
}

/// Writes one verified container.
class Writer {
  public:
    Writer(const Container& container, const Program& program) : container_(container), program_(program) {}

    std::string run() {
        debug();
        imports();
        memory();
        exports();
        for (std::uint32_t i = 0; i < container_.functions.size(); ++i)
            function(i);
        for (const Custom& item : container_.customs) {
            out_ += fmt::format("\ncustom {}", in_quotes(item.name));
            if (!item.bytes.empty()) out_ += " = " + hex_items(item.bytes);
            out_ += '\n';
        }
        return std::move(out_);
    }

  private:
    void debug() {
        if (container_.debug) {
            out_ += fmt::format(".file {}\n", in_quotes(container_.debug->file));
            next_line_ = container_.debug->lines.begin();
        } else {
            out_ += ".nodebug\n";
        }
    }

    /// Opcodes are written by a name: their id where that is a free word, else a made one.
    std::string alias_of(const Import& import, std::size_t index) {
        std::string alias = import.id;
        auto taken = [&] {
            return !is_identifier(alias) || find_opcode(alias) >= 0 || is_keyword(alias) || aliases_.contains(alias) ||
                   std::ranges::any_of(container_.imports, [&](const Import& other) {
                       return &other != &import && other.kind == ImportKind::opcode && other.id == alias;
                   });
        };
        if (taken()) alias = fmt::format("import{}", index);
        while (taken())
            alias += '_';
        aliases_.insert(alias);
        return alias;
    }

    void imports() {
        names_.resize(container_.imports.size());
        for (std::size_t i = 0; i < container_.imports.size(); ++i) {
            const Import& import = container_.imports[i];
            out_ += fmt::format("import {} {}", import_kind_name(import.kind), in_quotes(import.id));
            names_[i] = in_quotes(import.id);
            if (import.kind == ImportKind::opcode) {
                names_[i] = alias_of(import, i);
                if (names_[i] != import.id) out_ += fmt::format(" as {}", names_[i]);
                out_ += fmt::format(" {} -> {}", import.pops, import.pushes);
                if (import.immediate_size != 0) out_ += fmt::format(" imm {}", import.immediate_size);
            }
            out_ += '\n';
        }
    }

    void memory() {
        out_ += fmt::format("memory {}\n", container_.memory_pages);
        for (std::size_t i = 0; i < container_.segments.size(); ++i) {
            const Segment& segment = container_.segments[i];
            out_ += fmt::format("data d{} at {} = {}\n", i, segment.offset, hex_items(segment.bytes));
        }
    }

    std::string function_name(std::uint32_t index) const {
        return container_.debug ? container_.debug->names[index] : fmt::format("f{}", index);
    }

    void exports() {
        for (const Export& item : container_.exports)
            out_ += fmt::format("export {} = {}\n", item.name, function_name(item.function));
    }

    void function(std::uint32_t index) {
        const FunctionBody& body = container_.functions[index];
        out_ += fmt::format("\nfunc {}", function_name(index));
        if (body.parameters != 0) out_ += fmt::format(" {}", body.parameters);
        if (body.results != 0) out_ += fmt::format(" -> {}", body.results);
        out_ += '\n';
        const std::uint32_t first = program_.functions[index].first;
        const std::uint32_t end = index + 1 < program_.functions.size()
                                      ? program_.functions[index + 1].first
                                      : static_cast<std::uint32_t>(program_.code.size());
        labels_.clear();
        for (std::uint32_t i = first; i < end; ++i)
            if (is_written(i) && program_.code[i].op == Op::label)
                labels_.emplace(i, static_cast<std::uint32_t>(labels_.size()));
        for (std::uint32_t i = first; i < end; ++i)
            if (is_written(i)) instruction(i);
    }

    [[nodiscard]] bool is_written(std::uint32_t index) const {
        const Instruction& instruction = program_.code[index];
        return !((instruction.op == Op::label || instruction.op == Op::ret) && instruction.small != 0);
    }

    std::string label(std::uint32_t instruction) const { return fmt::format("l{}", labels_.at(instruction)); }

    void instruction(std::uint32_t index) {
        const Instruction& in = program_.code[index];
        if (container_.debug && next_line_ != container_.debug->lines.end() &&
            next_line_->pc == program_.positions[index]) {
            out_ += fmt::format("  .line {}\n", next_line_->line);
            ++next_line_;
        }
        if (in.op == Op::label) {
            out_ += label(index) + ':';
            if (in.index != 0) out_ += fmt::format(" [{}]", in.index);
            out_ += '\n';
            return;
        }
        const OpInfo& info = op_info(in.op);
        out_ += "    ";
        switch (info.immediate) {
        case Immediate::label:
            out_ += fmt::format("{} {}", info.mnemonic, label(in.index));
            break;
        case Immediate::table:
            jump_table(in);
            break;
        case Immediate::function:
            out_ += fmt::format("{} {}", info.mnemonic, function_name(in.index));
            break;
        case Immediate::import_opcode:
            out_ += names_[in.index];
            if (container_.imports[in.index].immediate_size != 0) out_ += fmt::format(" {}", in.value);
            break;
        case Immediate::import_syscall:
        case Immediate::import_env:
            out_ += fmt::format("{} {}", info.mnemonic, names_[in.index]);
            break;
        case Immediate::import_format:
            out_ += info.mnemonic;
            if (in.index != 0) out_ += fmt::format(" {}", names_[in.index - 1]);
            break;
        default:
            out_ += describe(program_, index);
        }
        out_ += '\n';
    }

    void jump_table(const Instruction& in) {
        out_ += "jumptable [";
        for (std::uint64_t i = 0; i < in.value; ++i)
            out_ += (i == 0 ? "" : ", ") + label(program_.targets[in.index + i]);
        out_ += "] else " + label(program_.targets[in.index + in.value]);
    }

    const Container& container_;
    const Program& program_;
    std::string out_;
    std::vector<std::string> names_; ///< how each import is written
    std::unordered_set<std::string> aliases_;
    std::unordered_map<std::uint32_t, std::uint32_t> labels_; ///< instruction -> ordinal within the function
    std::vector<DebugLine>::const_iterator next_line_;
};

} // namespace

std::string describe(const Program& program, std::uint32_t instruction) {
    const Instruction& in = program.code[instruction];
    const OpInfo& info = op_info(in.op);
    switch (info.immediate) {
    case Immediate::word:
        return fmt::format("{} {}", info.mnemonic, static_cast<std::int64_t>(in.value));
    case Immediate::reg:
        return fmt::format("{} r{}", info.mnemonic, in.small);
    case Immediate::depth:
    case Immediate::width:
    case Immediate::topics:
        return fmt::format("{} {}", info.mnemonic, in.small);
    case Immediate::label:
        return fmt::format("{} {}", info.mnemonic, program.positions[in.index]);
    case Immediate::function:
        return fmt::format("{} {}", info.mnemonic, in.index);
    case Immediate::import_opcode:
        return program.imports[in.index].id;
    case Immediate::import_syscall:
    case Immediate::import_env:
        return fmt::format("{} {}", info.mnemonic, in_quotes(program.imports[in.index].id));
    case Immediate::import_format:
        if (in.index != 0) return fmt::format("{} {}", info.mnemonic, in_quotes(program.imports[in.index - 1].id));
        break;
    case Immediate::none:
    case Immediate::height:
    case Immediate::table:
        break;
    }
    return std::string{info.mnemonic};
}

std::optional<std::string> disassemble(ByteView bytes, Report& report) {
    const auto container = decode_container(bytes, {}, report);
    if (!container) return std::nullopt;
    const auto program = verify(*container, {}, report);
    if (!program) return std::nullopt;
    return Writer{*container, *program}.run();
}

} // namespace rvm::native
