// Assembly text after parsing, before names are resolved.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "native/container.hpp"
#include "native/lexer.hpp"
#include "native/opcodes.hpp"

namespace rvm::native {

/// A name as used somewhere. Texts view into the assembly text.
struct Use {
    std::string_view name;
    Place place;
};

/// A summand of an operand: a number, or a name of a constant or datum.
struct Term {
    std::uint64_t value = 0;
    std::string_view name; ///< empty: `value`
    bool negative = false;
    Place place;
};

/// One instruction or label.
struct Item {
    Op op{};
    Place place;
    std::uint32_t line = 0;              ///< debug line to record here; 0: none
    std::uint32_t import = 0;            ///< import index; create: index + 1, or 0
    std::optional<std::uint32_t> height; ///< label: as written
    std::vector<Term> operand;           ///< numbers
    std::vector<Use> names;              ///< label: its name; jumps: targets; call: the function
};

struct FunctionText {
    std::string name;
    Place place;
    std::uint8_t parameters = 0;
    std::uint8_t results = 0;
    std::vector<Item> items;
};

struct DataText {
    std::uint32_t offset = 0;
    Bytes bytes;
    Place place;
};

struct ExportText {
    std::string name;
    Use function;
};

struct CustomText {
    std::string name;
    Bytes bytes;
};

/// Where debug lines come from.
enum class DebugMode : std::uint8_t {
    automatic, ///< from the places of this text
    written,   ///< from .file and .line
    none       ///< .nodebug
};

struct Module {
    std::vector<FunctionText> functions;
    std::vector<Import> imports;
    std::vector<DataText> data;
    std::vector<ExportText> exports;
    std::vector<CustomText> customs;
    std::unordered_map<std::string_view, std::uint64_t> constants; ///< constants, and offsets and sizes of data
    std::optional<std::uint32_t> memory_pages;                     ///< as written
    std::uint64_t data_end = 0;                                    ///< first free byte of memory
    bool uses_memory = false;
    DebugMode debug = DebugMode::automatic;
    std::string debug_file;
    std::deque<std::string> owned; ///< texts that are not in the assembly text but viewed
};

} // namespace rvm::native
