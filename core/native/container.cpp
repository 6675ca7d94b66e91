#include "native/container.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "native/leb128.hpp"

namespace rvm::native {
namespace {

enum Section : std::uint8_t { imports = 1, functions, code, data, exports, debug, custom };

constexpr std::string_view section_names[] = {"header", "imports", "functions", "code",
                                              "data",   "exports", "debug",     "custom"};
constexpr std::size_t header_bytes = 8; // magic and version
constexpr std::uint32_t max_u32 = 0xffffffff;

/// Strict UTF-8 (Unicode 15, table 3-7) without control characters, so that every string can be shown and written.
bool is_text(ByteView bytes) noexcept {
    std::size_t i = 0;
    while (i < bytes.size()) {
        const std::uint8_t lead = bytes[i++];
        if (lead < 0x80) {
            if (lead < 0x20 || lead == 0x7f) return false;
            continue;
        }
        std::size_t more = 0;
        std::uint8_t low = 0x80;
        std::uint8_t high = 0xbf;
        if (lead >= 0xc2 && lead <= 0xdf)
            more = 1;
        else if (lead >= 0xe0 && lead <= 0xef) {
            more = 2;
            if (lead == 0xe0) low = 0xa0;
            if (lead == 0xed) high = 0x9f;
        } else if (lead >= 0xf0 && lead <= 0xf4) {
            more = 3;
            if (lead == 0xf0) low = 0x90;
            if (lead == 0xf4) high = 0x8f;
        } else
            return false;
        for (; more != 0; --more) {
            if (i == bytes.size() || bytes[i] < low || bytes[i] > high) return false;
            ++i;
            low = 0x80;
            high = 0xbf;
        }
    }
    return true;
}

/// Takes one container apart. Each step returns false after it has reported.
class Decoder {
  public:
    Decoder(ByteView bytes, std::string_view file, Report& report) : reader_(bytes), file_(file), report_(report) {}

    bool run(Container& out) {
        if (!header()) return false;
        std::uint8_t previous = 0;
        while (!reader_.at_end()) {
            const std::uint8_t id = *reader_.byte();
            section_ = id;
            if (id < imports || id > custom) {
                section_ = 0;
                return fail("unknown section", "a section id from 1 to 7", std::to_string(id));
            }
            if (id < previous || (id == previous && id != custom))
                return fail("section out of order", "ascending section ids", std::string{section_names[id]});
            previous = id;
            const auto size = reader_.unsigned_value();
            if (!size) return fail("section size is not a minimal LEB128 integer");
            if (*size == 0) return fail("an empty section is left out", "at least 1 byte", "0");
            if (*size > reader_.left())
                return fail("section is truncated", fmt::format("{} bytes", *size), fmt::format("{}", reader_.left()));
            end_ = reader_.position() + static_cast<std::size_t>(*size);
            if (!section(out)) return false;
            if (reader_.position() != end_)
                return fail("section has another size than its contents", fmt::format("end at byte {}", end_),
                            fmt::format("byte {}", reader_.position()));
        }
        section_ = code;
        if (bodies_ != out.functions.size())
            return fail("every function needs one body", fmt::format("{} bodies", out.functions.size()),
                        fmt::format("{}", bodies_));
        return true;
    }

  private:
    bool fail(std::string message, std::string expected = {}, std::string found = {},
              ErrorCode error = ErrorCode::native_malformed) {
        Finding& finding = report_.error(
            error, std::string{file_}, fmt::format("section {}, byte {}", section_names[section_], reader_.position()),
            std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        return false;
    }

    bool header() {
        const auto magic = reader_.take(container_magic.size());
        if (!magic || as_text(*magic) != container_magic)
            return fail("the file does not begin with the magic of an .rvm container", "00 72 76 6d",
                        magic ? to_hex(*magic) : "fewer than 4 bytes", ErrorCode::native_not_container);
        const auto version = reader_.take(header_bytes - container_magic.size());
        if (!version) return fail("the version is missing", "4 bytes", fmt::format("{}", reader_.left()));
        std::uint32_t number = 0;
        for (std::size_t i = 0; i < version->size(); ++i)
            number |= std::uint32_t{(*version)[i]} << (8 * i);
        if (number > container_version)
            return fail(fmt::format("container version {} is newer than version {}, the newest this runtime reads",
                                    number, container_version),
                        fmt::format("version {}", container_version), fmt::format("version {}", number),
                        ErrorCode::native_version);
        if (number != container_version)
            return fail("there is no such container version", fmt::format("version {}", container_version),
                        fmt::format("version {}", number));
        return true;
    }

    /// A minimal integer inside the section.
    bool number(std::uint64_t& out, std::uint64_t max, std::string_view what) {
        const auto value = reader_.unsigned_value();
        if (!value || reader_.position() > end_)
            return fail(fmt::format("{} is not a minimal LEB128 integer within its section", what));
        if (*value > max)
            return fail(fmt::format("{} is too large", what), fmt::format("at most {}", max), std::to_string(*value));
        out = *value;
        return true;
    }

    /// A number of elements, each of at least `each` bytes: bounds what is allocated by what is there.
    bool count(std::uint64_t& out, std::uint64_t max, std::size_t each, std::string_view what) {
        if (!number(out, max, what)) return false;
        if (out == 0) return fail(fmt::format("{} is zero: an empty list is left out", what), "at least 1", "0");
        if (out > (end_ - reader_.position()) / each)
            return fail(fmt::format("{} needs more bytes than the section has", what));
        return true;
    }

    bool small(std::uint8_t& out, std::uint8_t max, std::string_view what) {
        if (reader_.position() >= end_) return fail(fmt::format("{} is missing", what));
        out = *reader_.byte();
        if (out > max)
            return fail(fmt::format("{} is too large", what), fmt::format("at most {}", max), std::to_string(out));
        return true;
    }

    bool bytes(ByteView& out, std::uint64_t size, std::string_view what) {
        if (size > end_ - reader_.position()) return fail(fmt::format("{} is truncated", what));
        out = *reader_.take(size);
        return true;
    }

    bool string(std::string& out, std::string_view what) {
        std::uint64_t size = 0;
        ByteView view;
        if (!number(size, max_name_bytes, what) || !bytes(view, size, what)) return false;
        if (!is_text(view)) return fail(fmt::format("{} is not UTF-8 text", what));
        out = as_text(view);
        return true;
    }

    bool identifier(std::string& out, std::string_view what) {
        if (!string(out, what)) return false;
        return is_identifier(out) || fail(fmt::format("{} is not an identifier", what),
                                          "a letter or '_', then letters, digits, '_', '.'", out);
    }

    bool section(Container& out) {
        switch (section_) {
        case imports:
            return read_imports(out);
        case functions:
            return read_functions(out);
        case code:
            return read_code(out);
        case data:
            return read_data(out);
        case exports:
            return read_exports(out);
        case debug:
            return read_debug(out);
        default:
            return read_custom(out);
        }
    }

    bool read_imports(Container& out) {
        std::uint64_t n = 0;
        if (!count(n, max_imports, 2, "number of imports")) return false;
        out.imports.resize(static_cast<std::size_t>(n));
        std::unordered_set<std::string> seen;
        for (Import& import : out.imports) {
            std::uint8_t kind = 0;
            if (!small(kind, static_cast<std::uint8_t>(ImportKind::format), "kind of an import")) return false;
            import.kind = static_cast<ImportKind>(kind);
            if (!string(import.id, "id of an import")) return false;
            if (import.id.empty()) return fail("id of an import is empty");
            if (!seen.insert(static_cast<char>('0' + kind) + import.id).second)
                return fail(fmt::format("{} {} is imported twice", import_kind_name(import.kind), import.id));
            if (import.kind != ImportKind::opcode) continue;
            if (!small(import.pops, max_window, "number of operands") ||
                !small(import.pushes, max_window, "number of results") ||
                !small(import.immediate_size, max_immediate, "immediate size"))
                return false;
        }
        return true;
    }

    bool read_functions(Container& out) {
        std::uint64_t n = 0;
        if (!count(n, max_functions, 2, "number of functions")) return false;
        out.functions.resize(static_cast<std::size_t>(n));
        for (FunctionBody& function : out.functions)
            if (!small(function.parameters, max_parameters, "number of parameters") ||
                !small(function.results, max_parameters, "number of results"))
                return false;
        return true;
    }

    bool read_code(Container& out) {
        const std::size_t payload = reader_.position();
        for (FunctionBody& function : out.functions) {
            std::uint64_t size = 0;
            if (!number(size, max_container_bytes, "size of a body")) return false;
            function.position = static_cast<std::uint32_t>(reader_.position() - payload);
            if (!bytes(function.code, size, "body of a function")) return false;
            ++bodies_;
        }
        return true;
    }

    bool read_data(Container& out) {
        std::uint64_t pages = 0;
        std::uint64_t n = 0;
        if (!number(pages, max_memory_pages, "number of memory pages") ||
            !number(n, max_container_bytes, "number of segments"))
            return false;
        if (pages == 0) return fail("a data section without memory is left out", "at least 1 page", "0");
        constexpr std::size_t smallest = 3; // offset, size and a byte
        if (n > (end_ - reader_.position()) / smallest) return fail("segments need more bytes than the section has");
        out.memory_pages = static_cast<std::uint32_t>(pages);
        out.segments.resize(static_cast<std::size_t>(n));
        const std::uint64_t limit = pages * page_bytes;
        std::uint64_t free_from = 0;
        for (Segment& segment : out.segments) {
            std::uint64_t offset = 0;
            std::uint64_t size = 0;
            if (!number(offset, limit, "offset of a segment") || !number(size, limit, "size of a segment"))
                return false;
            if (size == 0) return fail("a segment is empty: it is left out");
            if (offset < free_from)
                return fail("segments overlap or are out of order", fmt::format("offset {} or more", free_from),
                            std::to_string(offset));
            if (size > limit - offset)
                return fail("a segment lies outside memory", fmt::format("end at {} or before", limit),
                            std::to_string(offset + size));
            free_from = offset + size;
            segment.offset = static_cast<std::uint32_t>(offset);
            if (!bytes(segment.bytes, size, "segment")) return false;
        }
        return true;
    }

    bool read_exports(Container& out) {
        std::uint64_t n = 0;
        if (!count(n, max_functions, 2, "number of exports")) return false;
        out.exports.resize(static_cast<std::size_t>(n));
        const std::string* previous = nullptr;
        for (Export& item : out.exports) {
            std::uint64_t function = 0;
            if (!identifier(item.name, "name of an export")) return false;
            if (previous != nullptr && *previous >= item.name)
                return fail("exports are out of order or doubled", fmt::format("a name after {}", *previous),
                            item.name);
            previous = &item.name;
            if (!number(function, max_u32, "function of an export")) return false;
            if (function >= out.functions.size())
                return fail(fmt::format("export {} names a function that does not exist", item.name),
                            fmt::format("below {}", out.functions.size()), std::to_string(function));
            item.function = static_cast<std::uint32_t>(function);
        }
        return true;
    }

    bool read_debug(Container& out) {
        Debug& info = out.debug.emplace();
        if (!string(info.file, "name of the source file")) return false;
        if (out.functions.size() > end_ - reader_.position()) return fail("names of functions are missing");
        info.names.resize(out.functions.size());
        std::unordered_set<std::string_view> seen;
        for (std::string& name : info.names) {
            if (!identifier(name, "name of a function")) return false;
            if (!seen.insert(name).second) return fail(fmt::format("two functions are named {}", name));
        }
        std::uint64_t n = 0;
        if (!number(n, max_container_bytes, "number of lines")) return false;
        if (n > (end_ - reader_.position()) / 2) return fail("lines need more bytes than the section has");
        info.lines.resize(static_cast<std::size_t>(n));
        std::uint64_t pc = 0;
        bool first = true;
        for (DebugLine& line : info.lines) {
            std::uint64_t advance = 0;
            std::uint64_t number_of_line = 0;
            if (!number(advance, max_container_bytes, "advance of a line")) return false;
            if (!first && advance == 0) return fail("two lines for one position");
            first = false;
            pc += advance;
            if (pc > max_container_bytes) return fail("a line lies beyond the code");
            if (!number(number_of_line, max_u32, "line")) return false;
            if (number_of_line == 0) return fail("lines count from 1");
            line = {.pc = static_cast<std::uint32_t>(pc), .line = static_cast<std::uint32_t>(number_of_line)};
        }
        return true;
    }

    bool read_custom(Container& out) {
        Custom& item = out.customs.emplace_back();
        if (!string(item.name, "name of a custom section")) return false;
        return bytes(item.bytes, end_ - reader_.position(), "custom section");
    }

    Reader reader_;
    std::string_view file_;
    Report& report_;
    std::size_t end_ = 0;
    std::size_t bodies_ = 0;
    std::uint8_t section_ = 0;
};

void write_string(Bytes& out, std::string_view text) {
    write_unsigned(out, text.size());
    out.insert(out.end(), text.begin(), text.end());
}

void write_section(Bytes& out, Section id, const Bytes& payload) {
    if (payload.empty()) return;
    out.push_back(id);
    write_unsigned(out, payload.size());
    out.insert(out.end(), payload.begin(), payload.end());
}

Bytes imports_payload(const Container& container) {
    Bytes out;
    if (container.imports.empty()) return out;
    write_unsigned(out, container.imports.size());
    for (const Import& import : container.imports) {
        out.push_back(static_cast<std::uint8_t>(import.kind));
        write_string(out, import.id);
        if (import.kind == ImportKind::opcode)
            out.insert(out.end(), {import.pops, import.pushes, import.immediate_size});
    }
    return out;
}

Bytes functions_payload(const Container& container) {
    Bytes out;
    if (container.functions.empty()) return out;
    write_unsigned(out, container.functions.size());
    for (const FunctionBody& function : container.functions)
        out.insert(out.end(), {function.parameters, function.results});
    return out;
}

Bytes code_payload(const Container& container) {
    Bytes out;
    for (const FunctionBody& function : container.functions) {
        write_unsigned(out, function.code.size());
        out.insert(out.end(), function.code.begin(), function.code.end());
    }
    return out;
}

Bytes data_payload(const Container& container) {
    Bytes out;
    if (container.memory_pages == 0) return out;
    write_unsigned(out, container.memory_pages);
    write_unsigned(out, container.segments.size());
    for (const Segment& segment : container.segments) {
        write_unsigned(out, segment.offset);
        write_unsigned(out, segment.bytes.size());
        out.insert(out.end(), segment.bytes.begin(), segment.bytes.end());
    }
    return out;
}

Bytes exports_payload(const Container& container) {
    Bytes out;
    if (container.exports.empty()) return out;
    write_unsigned(out, container.exports.size());
    for (const Export& item : container.exports) {
        write_string(out, item.name);
        write_unsigned(out, item.function);
    }
    return out;
}

Bytes debug_payload(const Debug& info) {
    Bytes out;
    write_string(out, info.file);
    for (const std::string& name : info.names)
        write_string(out, name);
    write_unsigned(out, info.lines.size());
    std::uint32_t previous = 0;
    for (const DebugLine& line : info.lines) {
        write_unsigned(out, line.pc - previous);
        write_unsigned(out, line.line);
        previous = line.pc;
    }
    return out;
}

} // namespace

std::string_view import_kind_name(ImportKind kind) noexcept {
    switch (kind) {
    case ImportKind::opcode:
        return "opcode";
    case ImportKind::syscall:
        return "syscall";
    case ImportKind::env:
        return "env";
    case ImportKind::format:
        break;
    }
    return "format";
}

std::optional<std::uint32_t> Container::exported(std::string_view name) const noexcept {
    const auto found = std::ranges::lower_bound(exports, name, {}, &Export::name);
    if (found == exports.end() || found->name != name) return std::nullopt;
    return found->function;
}

bool is_container(ByteView bytes) noexcept {
    return bytes.size() >= container_magic.size() && as_text(bytes.first(container_magic.size())) == container_magic;
}

bool is_identifier(std::string_view text) noexcept {
    auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.empty() || text.size() > max_name_bytes || !letter(text.front())) return false;
    return std::ranges::all_of(text, [&](char c) { return letter(c) || digit(c) || c == '.'; });
}

std::optional<Container> decode_container(ByteView bytes, std::string_view file, Report& report) {
    if (bytes.size() > max_container_bytes) {
        Finding& finding =
            report.error(ErrorCode::native_malformed, std::string{file}, {}, "the container is too large");
        finding.expected = fmt::format("at most {} bytes", max_container_bytes);
        finding.found = fmt::format("{} bytes", bytes.size());
        return std::nullopt;
    }
    Container out;
    if (!Decoder{bytes, file, report}.run(out)) return std::nullopt;
    return out;
}

Bytes encode_container(const Container& container) {
    Bytes out(container_magic.begin(), container_magic.end());
    for (unsigned i = 0; i < 4; ++i)
        out.push_back(static_cast<std::uint8_t>(container_version >> (8 * i)));
    write_section(out, imports, imports_payload(container));
    write_section(out, functions, functions_payload(container));
    write_section(out, code, code_payload(container));
    write_section(out, data, data_payload(container));
    write_section(out, exports, exports_payload(container));
    if (container.debug) write_section(out, debug, debug_payload(*container.debug));
    for (const Custom& item : container.customs) {
        Bytes payload;
        write_string(payload, item.name);
        payload.insert(payload.end(), item.bytes.begin(), item.bytes.end());
        write_section(out, custom, payload);
    }
    return out;
}

} // namespace rvm::native
