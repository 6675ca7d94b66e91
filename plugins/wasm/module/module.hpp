// A decoded module: what the bytes say, compactly. Function bodies, segments and names stay in the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "features.hpp"
#include "type_space.hpp"
#include "value_type.hpp"

namespace rvm::wasm {

/// Bytes [offset, offset + size) of the module.
struct Range {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
};

/// Where the parameters and results of a function type are in Module::type_pool.
struct FunctionType {
    std::uint32_t first = 0;
    std::uint16_t parameters = 0;
    std::uint16_t results = 0;
};

struct Limits {
    std::uint64_t minimum = 0;
    std::uint64_t maximum = 0; ///< UINT64_MAX: none
    bool is64 = false;         ///< addresses are i64
    [[nodiscard]] ValueType address() const noexcept { return is64 ? i64 : i32; }
};

struct TableType {
    ValueType element;
    Limits limits;
    Range initial; ///< constant expression; size 0: null
};
struct MemoryType {
    Limits limits; ///< pages
};
struct GlobalType {
    ValueType type;
    bool is_mutable = false;
    Range initial; ///< constant expression; size 0 for imports
};

enum class ExternKind : std::uint8_t { function = 0, table = 1, memory = 2, global = 3, tag = 4 };
[[nodiscard]] const char* name(ExternKind kind) noexcept;

/// The n-th import of a kind is item n of that kind; `index` is n.
struct Import {
    std::string_view module;
    std::string_view name;
    ExternKind kind = ExternKind::function;
    std::uint32_t index = 0;
};
struct Export {
    std::string_view name;
    ExternKind kind = ExternKind::function;
    std::uint32_t index = 0;
};

enum class SegmentMode : std::uint8_t { active, passive, declarative };

struct ElementSegment {
    SegmentMode mode = SegmentMode::passive;
    bool expressions = false; ///< items are constant expressions, else function indices
    std::uint32_t table = 0;
    ValueType type;
    Range offset; ///< constant expression, active only
    std::uint32_t count = 0;
    Range items; ///< encoded
};
struct DataSegment {
    SegmentMode mode = SegmentMode::passive;
    std::uint32_t memory = 0;
    Range offset;
    Range bytes;
};

struct CustomSection {
    std::string_view name;
    Range contents;
};

struct Module {
    std::span<const std::uint8_t> bytes; ///< outlives the module
    Features features;
    std::shared_ptr<TypeSpace> type_space;

    std::vector<FunctionType> types;
    std::vector<ValueType> type_pool;
    std::vector<std::uint32_t> type_first; ///< index -> first index of an equal type
    std::vector<TypeId> type_ids;          ///< index -> identity in type_space
    std::vector<Import> imports;
    std::vector<std::uint32_t> functions; ///< type indices; imports first
    std::vector<TableType> tables;
    std::vector<MemoryType> memories;
    std::vector<GlobalType> globals;
    std::vector<std::uint32_t> tags; ///< type indices
    std::vector<Export> exports;
    std::vector<ElementSegment> elements;
    std::vector<DataSegment> data;
    std::vector<Range> bodies; ///< of the functions that are not imported: locals and instructions
    std::vector<CustomSection> customs;
    std::vector<bool> declared; ///< functions that ref.func may name in bodies
    std::uint32_t imported_functions = 0;
    std::uint32_t imported_tables = 0;
    std::uint32_t imported_memories = 0;
    std::uint32_t imported_globals = 0;
    std::uint32_t imported_tags = 0;
    std::uint32_t start = UINT32_MAX; ///< function, UINT32_MAX: none
    bool has_data_count = false;
    std::uint32_t data_count = 0;

    [[nodiscard]] std::span<const ValueType> parameters(std::uint32_t type) const noexcept {
        return {type_pool.data() + types[type].first, types[type].parameters};
    }
    [[nodiscard]] std::span<const ValueType> results(std::uint32_t type) const noexcept {
        return {type_pool.data() + types[type].first + types[type].parameters, types[type].results};
    }
    [[nodiscard]] std::span<const std::uint8_t> part(Range range) const noexcept {
        return bytes.subspan(range.offset, range.size);
    }
    /// The export of this name, or nullptr.
    [[nodiscard]] const Export* find_export(std::string_view name) const noexcept;
    /// "(i32 i64) -> (f32)"
    [[nodiscard]] std::string type_text(std::uint32_t type) const;
};

/// Reads all sections and checks everything but the function bodies (core specification 3.4 and 5.5): after it,
/// every index outside bodies is in range and every constant expression has its type. Throws ModuleError.
[[nodiscard]] Module decode(std::span<const std::uint8_t> bytes, Features features,
                            std::shared_ptr<TypeSpace> type_space);

} // namespace rvm::wasm
