// The container `.rvm`, version 1: what a native program is as bytes.
//
//   magic "\0rvm", version (u32 little-endian), then sections in ascending order of id, each at most once except
//   custom: id (1 byte), size (LEB128), payload. An empty section is left out. Integers are minimal unsigned LEB128.
//
//   1 imports    count, then: kind (1), id (string); kind opcode also pops (1), pushes (1), immediate_size (1)
//   2 functions  count, then: parameters (1), results (1)
//   3 code       one body for each function: size, bytes
//   4 data       pages of memory at the start, count, then segments: offset, size, bytes; ascending, disjoint, not
//   empty 5 exports    count, then: name (string), function index; ascending by name 6 debug      source file (string),
//   one name (string) for each function, count, then lines: pc advance, line 7 custom     name (string), bytes; any
//   number, in the author's order
//
// A string is its size and UTF-8 bytes. The encoding is canonical: decode accepts exactly what encode writes, so
// encode(decode(bytes)) == bytes. A position (pc) is an offset into the payload of the code section.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/report.hpp>

#include "base/bytes.hpp"
#include "native/limits.hpp"

namespace rvm::native {

inline constexpr std::string_view container_magic{"\0rvm", 4};

/// What an import names. The values are those of the encoding.
enum class ImportKind : std::uint8_t {
    opcode = 0,  ///< a plugin's opcode, by its stable id
    syscall = 1, ///< a syscall, by its stable id
    env = 2,     ///< an environment word, by its key ("block.basefee")
    format = 3   ///< an execution format that `create` names
};

[[nodiscard]] std::string_view import_kind_name(ImportKind kind) noexcept;

struct Import {
    ImportKind kind{};
    std::string id;
    std::uint8_t pops = 0;           ///< opcodes only: what the verifier relies on and linking compares
    std::uint8_t pushes = 0;         ///< opcodes only
    std::uint8_t immediate_size = 0; ///< opcodes only: bytes after the import index
    bool operator==(const Import&) const = default;
};

struct FunctionBody {
    std::uint8_t parameters = 0;
    std::uint8_t results = 0;
    std::uint32_t position = 0; ///< pc of the first instruction; set by decode, ignored by encode
    ByteView code;              ///< not owned
};

struct Segment {
    std::uint32_t offset = 0;
    ByteView bytes; ///< not owned
};

struct Export {
    std::string name;
    std::uint32_t function = 0;
};

struct DebugLine {
    std::uint32_t pc = 0;   ///< start of an instruction
    std::uint32_t line = 0; ///< from 1
    bool operator==(const DebugLine&) const = default;
};

struct Debug {
    std::string file;               ///< as the author named it; never opened
    std::vector<std::string> names; ///< of every function: identifiers, distinct
    std::vector<DebugLine> lines;   ///< ascending by pc
};

struct Custom {
    std::string name;
    ByteView bytes; ///< not owned
};

/// A container taken apart. Byte views point into the bytes that were decoded, or that the maker of the object keeps.
struct Container {
    std::vector<Import> imports;
    std::vector<FunctionBody> functions;
    std::uint32_t memory_pages = 0;
    std::vector<Segment> segments;
    std::vector<Export> exports;
    std::optional<Debug> debug;
    std::vector<Custom> customs;

    /// Index of the function exported under `name`.
    [[nodiscard]] std::optional<std::uint32_t> exported(std::string_view name) const noexcept;
};

/// Whether the bytes begin like a container; says nothing about the rest.
[[nodiscard]] bool is_container(ByteView bytes) noexcept;

/// Takes `bytes` apart in one pass. Errors (RVM-N01 to N03) name `file`, the section and the byte offset. The result
/// views into `bytes`.
[[nodiscard]] std::optional<Container> decode_container(ByteView bytes, std::string_view file, Report& report);

/// The canonical bytes of a container. Does not check it: decode and verify do.
[[nodiscard]] Bytes encode_container(const Container& container);

/// A name that assembly can write: a letter or '_', then letters, digits, '_' and '.', at most max_name_bytes.
[[nodiscard]] bool is_identifier(std::string_view text) noexcept;

} // namespace rvm::native
