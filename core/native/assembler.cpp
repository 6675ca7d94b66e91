#include "native/assembler.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "native/heights.hpp"
#include "native/leb128.hpp"
#include "native/parser.hpp"
#include "native/verifier.hpp"

namespace rvm::native {
namespace {

using Names = std::unordered_map<std::string_view, std::uint32_t>;

constexpr std::size_t max_text_bytes = std::size_t{16} << 20; ///< sixteen times the largest program

/// An instruction's place in the code section and in the text.
struct Origin {
    std::uint32_t pc;
    Place place;
};

std::size_t leb_size(std::uint64_t value) {
    Bytes bytes;
    write_unsigned(bytes, value);
    return bytes.size();
}

std::string_view last_component(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

class Emitter {
  public:
    Emitter(Module module, std::string_view file, Diagnostics& diagnostics)
        : module_(std::move(module)), file_(file), diagnostics_(diagnostics) {}

    std::optional<Bytes> run() {
        if (module_.functions.empty()) {
            fail(ErrorCode::asm_syntax, {}, "the text has no instruction", {"instructions, or func main", "", ""});
            return std::nullopt;
        }
        for (std::uint32_t i = 0; i < module_.functions.size(); ++i)
            functions_.emplace(module_.functions[i].name, i);
        for (FunctionText& function : module_.functions)
            emit_function(function);
        if (!diagnostics_.ok()) return std::nullopt;
        Container container;
        exports(container);
        data(container);
        if (!diagnostics_.ok()) return std::nullopt;
        finish(container);
        if (!self_check(container)) return std::nullopt;
        return bytes_;
    }

  private:
    void fail(ErrorCode code, Place place, std::string message, Diagnostics::Details details = {"", "", ""}) {
        diagnostics_.error(code, place, std::move(message), std::move(details));
    }

    // -- functions

    void emit_function(FunctionText& function) {
        labels_.clear();
        for (const Item& item : function.items) {
            if (item.op != Op::label) continue;
            const Use& use = item.names.front();
            if (!labels_.emplace(use.name, static_cast<std::uint32_t>(labels_.size())).second)
                fail(ErrorCode::asm_duplicate, use.place,
                     fmt::format("label {} is defined twice in {}", use.name, function.name));
        }
        for (Item& item : function.items)
            resolve_numbers(item);
        if (!diagnostics_.ok()) return;
        infer_heights(function, module_, labels_, functions_);
        Bytes& body = bodies_.emplace_back();
        std::vector<std::size_t> starts;
        starts.reserve(function.items.size());
        for (const Item& item : function.items) {
            starts.push_back(body.size());
            emit(body, item);
        }
        const std::size_t position = code_size_ + leb_size(body.size());
        code_size_ = position + body.size();
        for (std::size_t i = 0; i < starts.size(); ++i)
            locate(function.items[i], position + starts[i], i == 0);
        origins_.push_back(
            {static_cast<std::uint32_t>(code_size_), function.place}); // the end, for the verifier's errors
    }

    /// Adds the debug line of an instruction, and remembers where it came from.
    void locate(const Item& item, std::size_t position, bool first) {
        const auto pc = static_cast<std::uint32_t>(position);
        origins_.push_back({pc, item.place});
        if (module_.debug == DebugMode::written && item.line != 0) lines_.push_back({pc, item.line});
        if (module_.debug != DebugMode::automatic) return;
        if (first || lines_.empty() || lines_.back().line != item.place.line) lines_.push_back({pc, item.place.line});
    }

    /// Replaces an operand's terms by their sum.
    void resolve_numbers(Item& item) {
        if (item.operand.empty()) return;
        Term sum;
        sum.place = item.operand.front().place;
        for (const Term& term : item.operand) {
            std::uint64_t value = term.value;
            if (!term.name.empty()) {
                const auto found = module_.constants.find(term.name);
                if (found == module_.constants.end()) {
                    unknown("constant", {term.name, term.place}, constant_names());
                    continue;
                }
                value = found->second;
            }
            sum.value = term.negative ? sum.value - value : sum.value + value;
        }
        item.operand.assign(1, sum);
    }

    std::vector<std::string_view> constant_names() const {
        std::vector<std::string_view> out;
        for (const auto& [name, value] : module_.constants)
            out.push_back(name);
        std::ranges::sort(out); // hash order must not show in messages
        return out;
    }

    static std::vector<std::string_view> keys(const Names& names) {
        std::vector<std::string_view> out;
        for (const auto& [name, index] : names)
            out.push_back(name);
        std::ranges::sort(out);
        return out;
    }

    void unknown(std::string_view what, const Use& use, const std::vector<std::string_view>& known) {
        const std::string near = nearest(use.name, known);
        fail(ErrorCode::asm_unknown_name, use.place, fmt::format("unknown {} {}", what, use.name),
             {fmt::format("a {} of this program", what), std::string{use.name},
              near.empty() ? std::string{} : fmt::format("did you mean {}?", near)});
    }

    void reference(Bytes& out, const Use& use, const Names& names, std::string_view what) {
        const auto found = names.find(use.name);
        if (found == names.end())
            unknown(what, use, keys(names));
        else
            write_unsigned(out, found->second);
    }

    void small(Bytes& out, const Item& item, std::uint64_t max, std::string_view what) {
        const Term& operand = item.operand.front();
        if (operand.value > max)
            fail(ErrorCode::asm_range, operand.place, fmt::format("{} is out of range", what),
                 {fmt::format("0 to {}", max), std::to_string(static_cast<std::int64_t>(operand.value)), ""});
        out.push_back(static_cast<std::uint8_t>(operand.value));
    }

    void emit(Bytes& out, const Item& item) {
        out.push_back(static_cast<std::uint8_t>(item.op));
        switch (op_info(item.op).immediate) {
        case Immediate::none:
            break;
        case Immediate::word:
            write_signed(out, static_cast<std::int64_t>(item.operand.front().value));
            break;
        case Immediate::height:
            write_unsigned(out, item.height.value_or(0));
            break;
        case Immediate::label:
            reference(out, item.names.front(), labels_, "label");
            break;
        case Immediate::table:
            write_unsigned(out, item.names.size() - 1);
            for (const Use& use : item.names)
                reference(out, use, labels_, "label");
            break;
        case Immediate::function:
            reference(out, item.names.front(), functions_, "function");
            break;
        case Immediate::depth:
            small(out, item, max_pick, "depth");
            break;
        case Immediate::reg:
            small(out, item, register_count - 1, "register");
            break;
        case Immediate::width:
            small(out, item, 32, "width");
            break;
        case Immediate::topics:
            small(out, item, max_topics, "number of topics");
            break;
        case Immediate::import_opcode:
            plugin_immediate(out, item);
            break;
        case Immediate::import_syscall:
        case Immediate::import_env:
        case Immediate::import_format:
            write_unsigned(out, item.import);
            break;
        }
    }

    /// The import's index and its immediate, little-endian; negative numbers are cut to their low bytes.
    void plugin_immediate(Bytes& out, const Item& item) {
        write_unsigned(out, item.import);
        const unsigned bits = 8U * module_.imports[item.import].immediate_size;
        if (bits == 0) return;
        const Term& operand = item.operand.front();
        const auto number = static_cast<std::int64_t>(operand.value);
        if (bits < 64 && (operand.value >> bits) != 0 && number < -(std::int64_t{1} << (bits - 1)))
            fail(ErrorCode::asm_range, operand.place, "the immediate does not fit",
                 {fmt::format("{} bits", bits), std::to_string(number), ""});
        else if (bits < 64 && (operand.value >> bits) != 0 && number >= 0)
            fail(ErrorCode::asm_range, operand.place, "the immediate does not fit",
                 {fmt::format("{} bits", bits), std::to_string(operand.value), ""});
        for (unsigned shift = 0; shift < bits; shift += 8)
            out.push_back(static_cast<std::uint8_t>(operand.value >> shift));
    }

    // -- the rest of the container

    void exports(Container& container) {
        if (module_.exports.empty()) // the entry functions are known by their names
            for (const std::string_view entry : {entry_init, entry_main})
                if (const auto found = functions_.find(entry); found != functions_.end())
                    container.exports.push_back({std::string{entry}, found->second});
        for (const ExportText& item : module_.exports) {
            const auto found = functions_.find(item.function.name);
            if (found == functions_.end())
                unknown("function", item.function, keys(functions_));
            else
                container.exports.push_back({item.name, found->second});
        }
        std::ranges::sort(container.exports, {}, &Export::name);
    }

    void data(Container& container) {
        std::ranges::sort(module_.data, {}, [](const DataText& datum) {
            return std::tuple{datum.offset, datum.place.line, datum.place.column};
        });
        std::uint64_t free_from = 0;
        for (const DataText& datum : module_.data) {
            if (datum.offset < free_from)
                fail(ErrorCode::asm_range, datum.place, "the data overlaps other data",
                     {fmt::format("offset {} or more", free_from), std::to_string(datum.offset), ""});
            free_from = datum.offset + datum.bytes.size();
            container.segments.push_back({datum.offset, datum.bytes});
        }
        const std::uint64_t needed = (module_.data_end + page_bytes - 1) / page_bytes;
        const std::uint64_t wanted = std::max<std::uint64_t>(needed, module_.uses_memory ? 1 : 0);
        container.memory_pages = module_.memory_pages.value_or(static_cast<std::uint32_t>(wanted));
        if (container.memory_pages < (free_from + page_bytes - 1) / page_bytes)
            fail(ErrorCode::asm_range, module_.data.back().place, "the data does not fit the memory",
                 {fmt::format("memory {} or more", needed), fmt::format("memory {}", container.memory_pages), ""});
    }

    void finish(Container& container) {
        container.imports = module_.imports;
        for (std::size_t i = 0; i < module_.functions.size(); ++i) {
            FunctionBody body;
            body.parameters = module_.functions[i].parameters;
            body.results = module_.functions[i].results;
            body.code = bodies_[i];
            container.functions.push_back(body);
        }
        if (module_.debug != DebugMode::none) {
            Debug& debug = container.debug.emplace();
            debug.file = module_.debug == DebugMode::written ? module_.debug_file : debug_name();
            for (const FunctionText& function : module_.functions)
                debug.names.push_back(function.name);
            debug.lines = lines_;
        }
        for (const CustomText& custom : module_.customs)
            container.customs.push_back({custom.name, custom.bytes});
        bytes_ = encode_container(container);
    }

    /// The file's name without its folder, so that where a program was assembled does not change it.
    std::string debug_name() const {
        std::string out{last_component(file_)};
        std::erase_if(
            out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f; });
        if (out.size() > max_name_bytes) out.resize(max_name_bytes);
        return out;
    }

    /// Decodes and verifies what was made; the verifier's errors are told at their place in the text.
    bool self_check(const Container&) {
        Report report;
        const auto decoded = decode_container(bytes_, file_, report);
        std::uint32_t failed_pc = 0;
        if (decoded && verify(*decoded, file_, report, &failed_pc)) return true;
        const auto after = std::ranges::upper_bound(origins_, failed_pc, {}, &Origin::pc);
        const Place place = !decoded || after == origins_.begin() ? Place{} : std::prev(after)->place;
        for (const Finding& finding : report.findings())
            diagnostics_.relocate(finding, place);
        return false;
    }

    Module module_;
    std::string_view file_;
    Diagnostics& diagnostics_;
    Names functions_;
    Names labels_; ///< of the function being emitted
    std::vector<Bytes> bodies_;
    std::vector<DebugLine> lines_;
    std::vector<Origin> origins_; ///< ascending by pc
    std::size_t code_size_ = 0;
    Bytes bytes_;
};

} // namespace

std::optional<Bytes> assemble(std::string_view text, std::string_view file, const MnemonicResolver& resolver,
                              Report& report) {
    Diagnostics diagnostics{text, file, report};
    if (text.size() > max_text_bytes) {
        diagnostics.error(ErrorCode::asm_range, {}, "the text is too long",
                          {fmt::format("at most {} bytes", max_text_bytes), std::to_string(text.size()), ""});
        return std::nullopt;
    }
    Module module = parse_module(text, resolver, diagnostics);
    if (!diagnostics.ok()) return std::nullopt;
    return Emitter{std::move(module), file, diagnostics}.run();
}

} // namespace rvm::native
