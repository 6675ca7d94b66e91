// Sections of a module (core specification 5.5), each read once, in order.
#include <algorithm>
#include <unordered_set>

#include "constant.hpp"
#include "instruction.hpp"
#include "limits.hpp"
#include "module.hpp"
#include "type_section.hpp"

namespace rvm::wasm {
namespace {

enum class Section : std::uint8_t {
    custom,
    type,
    import,
    function,
    table,
    memory,
    global,
    export_,
    start,
    element,
    code,
    data,
    data_count,
    tag
};

/// Position of a section in the required order; 0: unknown.
int order_of(std::uint8_t id, Features features) {
    switch (static_cast<Section>(id)) {
    case Section::type:
    case Section::import:
    case Section::function:
    case Section::table:
    case Section::memory:
        return id;
    case Section::tag:
        return features.has(Feature::exceptions) ? 6 : 0;
    case Section::global:
    case Section::export_:
    case Section::start:
    case Section::element:
        return id + 1;
    case Section::data_count:
        return features.has(Feature::bulk_memory) ? 11 : 0;
    case Section::code:
        return 12;
    case Section::data:
        return 13;
    default:
        return 0;
    }
}

class Decoder {
  public:
    Decoder(std::span<const std::uint8_t> bytes, Features features, std::shared_ptr<TypeSpace> space)
        : features_(features), reader_(bytes) {
        module_.bytes = bytes;
        module_.features = features;
        module_.type_space = std::move(space);
    }

    Module run() {
        if (module_.bytes.size() > limits::module_bytes) over_limit(0, "the module is too large", limits::module_bytes);
        header();
        int last = 0;
        while (!reader_.at_end()) {
            const std::uint64_t at = reader_.offset();
            const std::uint8_t id = reader_.byte("a section");
            const std::uint32_t size = reader_.u32("a section's size");
            Reader body = reader_.part(size, "a section: length out of bounds");
            if (id == static_cast<std::uint8_t>(Section::custom)) {
                custom(body);
                continue;
            }
            const int order = order_of(id, features_);
            if (order == 0) malformed(at, "malformed section id " + std::to_string(id));
            if (order <= last) malformed(at, "unexpected section " + std::to_string(id) + ": out of order or twice");
            last = order;
            section(static_cast<Section>(id), body);
            if (!body.at_end()) malformed(body.offset(), "section size mismatch: bytes are left over");
        }
        finish();
        return std::move(module_);
    }

  private:
    void header() {
        const std::uint32_t magic = reader_.fixed<std::uint32_t>("the magic \\0asm");
        if (magic != 0x6d736100u) malformed(0, "magic header not detected: expected \\0asm");
        const std::uint32_t version = reader_.fixed<std::uint32_t>("the version");
        if (version != 1) malformed(4, "unknown binary version " + std::to_string(version) + ", expected 1");
    }

    void custom(Reader& body) {
        const std::string_view name = body.name("a custom section's name");
        module_.customs.push_back({name, range(body)});
    }

    void section(Section id, Reader& body) {
        switch (id) {
        case Section::type:
            read_type_section(body, module_);
            break;
        case Section::import:
            each(body, limits::imports, "imports", [&] { import(body); });
            break;
        case Section::function:
            each(body, limits::functions, "functions", [&] {
                module_.functions.push_back(type_index(body));
                ++defined_functions_;
            });
            break;
        case Section::table:
            each(body, limits::tables, "tables", [&] { table(body); });
            break;
        case Section::memory:
            each(body, limits::memories, "memories", [&] { memory(body); });
            break;
        case Section::tag:
            each(body, limits::tags, "tags", [&] { module_.tags.push_back(tag_type(body)); });
            break;
        case Section::global:
            each(body, limits::globals, "globals", [&] { global(body); });
            break;
        case Section::export_:
            each(body, UINT32_MAX, "exports", [&] { export_item(body); });
            break;
        case Section::start:
            start(body);
            break;
        case Section::element:
            each(body, UINT32_MAX, "element segments", [&] { element(body); });
            break;
        case Section::data_count:
            module_.has_data_count = true;
            module_.data_count = body.u32("the data count");
            break;
        case Section::code:
            each(body, limits::functions, "function bodies", [&] { code(body); });
            break;
        case Section::data:
            each(body, UINT32_MAX, "data segments", [&] { data(body); });
            break;
        case Section::custom:
            break;
        }
    }

    /// A vector: its count, then `item` that often. Every item takes a byte at least, so the count is bounded.
    template <class Item>
    void each(Reader& body, std::uint32_t limit, const char* what, Item item) {
        const std::uint64_t at = body.offset();
        const std::uint32_t count = body.u32(what);
        if (count > limit) over_limit(at, std::to_string(count) + " " + what, limit);
        for (std::uint32_t i = 0; i < count; ++i) {
            item();
        }
    }

    std::uint32_t type_index(Reader& body) {
        const std::uint64_t at = body.offset();
        const std::uint32_t index = body.u32("a type index");
        if (index >= module_.types.size()) invalid(at, "unknown type " + std::to_string(index));
        return module_.type_first[index];
    }

    std::uint32_t tag_type(Reader& body) {
        const std::uint64_t at = body.offset();
        if (body.byte("a tag's attribute") != 0) malformed(at, "malformed tag attribute, expected 0");
        const std::uint32_t type = type_index(body);
        if (module_.types[type].results != 0) invalid(at, "non-empty tag result type " + module_.type_text(type));
        return type;
    }

    Limits read_limits(Reader& body, bool table) {
        const std::uint64_t at = body.offset();
        const std::uint8_t flags = body.byte("limits");
        const std::uint8_t known = features_.has(Feature::memory64) ? 5 : 1;
        if ((flags & ~known) != 0) malformed(at, "malformed limits flags " + std::to_string(flags));
        Limits out;
        out.is64 = (flags & 4u) != 0;
        out.minimum = out.is64 ? body.u64("limits") : body.u32("limits");
        out.maximum = UINT64_MAX;
        if ((flags & 1u) != 0) {
            out.maximum = out.is64 ? body.u64("limits") : body.u32("limits");
            if (out.maximum < out.minimum) invalid(at, "size minimum must not be greater than maximum");
        }
        const std::uint64_t bound = table ? UINT64_MAX : out.is64 ? limits::pages64 : limits::pages32;
        if (out.minimum > bound || ((flags & 1u) != 0 && out.maximum > bound)) {
            invalid(at, "memory size must be at most " + std::to_string(bound) + " pages");
        }
        return out;
    }

    TableType table_type(Reader& body) {
        TableType out;
        out.element = read_reference_type_1(body);
        out.limits = read_limits(body, true);
        return out;
    }

    /// Element types of tables and segments: before reference types, only funcref.
    ValueType read_reference_type_1(Reader& body) {
        if (features_.has(Feature::reference_types)) {
            return read_reference_type(body, features_, module_.type_first);
        }
        const std::uint64_t at = body.offset();
        if (body.byte("an element type") != 0x70) malformed(at, "malformed element type, expected funcref");
        return funcref;
    }

    void table(Reader& body) {
        const std::uint64_t at = body.offset();
        const bool has_initial = features_.has(Feature::function_references) && body.peek("a table") == 0x40;
        if (has_initial) {
            body.byte("a table");
            if (body.byte("a table") != 0) malformed(at, "malformed table");
        }
        TableType type = table_type(body);
        if (has_initial) {
            type.initial = constant(body, type.element);
        } else if (!type.element.has_default()) {
            invalid(at, "type mismatch: a table of " + type.element.text() + " needs an initial value");
        }
        module_.tables.push_back(type);
        count_of(module_.tables.size(), Feature::reference_types, "tables", at);
    }

    void memory(Reader& body) {
        const std::uint64_t at = body.offset();
        module_.memories.push_back({read_limits(body, false)});
        count_of(module_.memories.size(), Feature::multi_memory, "memories", at);
    }

    void count_of(std::size_t count, Feature feature, const char* what, std::uint64_t at) {
        if (count > 1 && !features_.has(feature)) invalid(at, std::string("multiple ") + what);
    }

    GlobalType global_type(Reader& body) {
        GlobalType out;
        out.type = read_value_type(body, features_, module_.type_first);
        const std::uint64_t at = body.offset();
        const std::uint8_t mutability = body.byte("a mutability");
        if (mutability > 1) malformed(at, "malformed mutability " + std::to_string(mutability));
        out.is_mutable = mutability == 1;
        return out;
    }

    void global(Reader& body) {
        GlobalType type = global_type(body);
        type.initial = constant(body, type.type);
        module_.globals.push_back(type);
    }

    void import(Reader& body) {
        Import out;
        out.module = body.name("an import's module");
        out.name = body.name("an import's name");
        const std::uint64_t at = body.offset();
        const std::uint8_t kind = body.byte("an import's kind");
        const std::uint8_t last = features_.has(Feature::exceptions) ? 4 : 3;
        if (kind > last) malformed(at, "malformed import kind " + std::to_string(kind));
        out.kind = static_cast<ExternKind>(kind);
        switch (out.kind) {
        case ExternKind::function:
            out.index = module_.imported_functions++;
            module_.functions.push_back(type_index(body));
            break;
        case ExternKind::table:
            out.index = module_.imported_tables++;
            module_.tables.push_back(table_type(body));
            count_of(module_.tables.size(), Feature::reference_types, "tables", at);
            break;
        case ExternKind::memory:
            out.index = module_.imported_memories++;
            memory(body);
            break;
        case ExternKind::global:
            out.index = module_.imported_globals++;
            module_.globals.push_back(global_type(body));
            break;
        case ExternKind::tag:
            out.index = module_.imported_tags++;
            module_.tags.push_back(tag_type(body));
            break;
        }
        module_.imports.push_back(out);
    }

    std::size_t count_of_kind(ExternKind kind) const {
        switch (kind) {
        case ExternKind::function:
            return module_.functions.size();
        case ExternKind::table:
            return module_.tables.size();
        case ExternKind::memory:
            return module_.memories.size();
        case ExternKind::global:
            return module_.globals.size();
        case ExternKind::tag:
            return module_.tags.size();
        }
        return 0;
    }

    void export_item(Reader& body) {
        Export out;
        const std::uint64_t at = body.offset();
        out.name = body.name("an export's name");
        if (!export_names_.insert(out.name).second) invalid(at, "duplicate export name " + std::string(out.name));
        const std::uint64_t kind_at = body.offset();
        const std::uint8_t kind = body.byte("an export's kind");
        if (kind > (features_.has(Feature::exceptions) ? 4 : 3)) malformed(kind_at, "malformed export kind");
        out.kind = static_cast<ExternKind>(kind);
        out.index = body.u32("an index");
        if (out.index >= count_of_kind(out.kind)) {
            invalid(kind_at, std::string("unknown ") + name(out.kind) + " " + std::to_string(out.index));
        }
        if (out.kind == ExternKind::function) declare(out.index);
        module_.exports.push_back(out);
    }

    void start(Reader& body) {
        const std::uint64_t at = body.offset();
        module_.start = function_index(body);
        const FunctionType& type = module_.types[module_.functions[module_.start]];
        if (type.parameters != 0 || type.results != 0) {
            invalid(at,
                    "start function: expected () -> (), found " + module_.type_text(module_.functions[module_.start]));
        }
    }

    std::uint32_t function_index(Reader& body) {
        const std::uint64_t at = body.offset();
        const std::uint32_t index = body.u32("a function index");
        if (index >= module_.functions.size()) invalid(at, "unknown function " + std::to_string(index));
        return index;
    }

    void element(Reader& body) {
        const std::uint64_t at = body.offset();
        const std::uint32_t flags = body.u32("an element segment");
        // Flag 2 alone only names the table; the rest came with bulk memory and reference types.
        const bool general = features_.has(Feature::bulk_memory) && features_.has(Feature::reference_types);
        if ((!general && flags != 0 && flags != 2) || flags > 7) {
            malformed(at, "malformed elements segment kind " + std::to_string(flags));
        }
        ElementSegment out;
        const bool has_index_or_declares = (flags & 2u) != 0;
        const bool is_active = (flags & 1u) == 0;
        out.expressions = (flags & 4u) != 0;
        out.mode = is_active               ? SegmentMode::active
                   : has_index_or_declares ? SegmentMode::declarative
                                           : SegmentMode::passive;
        if (is_active) {
            if (has_index_or_declares) out.table = body.u32("a table index");
            if (out.table >= module_.tables.size()) invalid(at, "unknown table " + std::to_string(out.table));
            out.offset = constant(body, module_.tables[out.table].limits.address());
        }
        out.type = features_.has(Feature::function_references) && !out.expressions ? funcref.as_non_null() : funcref;
        if ((flags & 3u) != 0) {
            if (out.expressions) {
                out.type = read_reference_type(body, features_, module_.type_first);
            } else if (body.byte("an element kind") != 0) {
                malformed(at, "malformed element kind, expected 0");
            }
        }
        if (is_active && !matches(out.type, module_.tables[out.table].element)) {
            invalid(at, "type mismatch: elements of " + out.type.text() + " in a table of " +
                            module_.tables[out.table].element.text());
        }
        out.count = body.u32("an element segment");
        const std::uint64_t first = body.offset();
        for (std::uint32_t i = 0; i < out.count; ++i) {
            if (out.expressions) {
                constant(body, out.type);
            } else {
                declare(function_index(body));
            }
        }
        out.items = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(body.offset() - first)};
        module_.elements.push_back(out);
    }

    void code(Reader& body) {
        const std::uint64_t at = body.offset();
        const std::uint32_t size = body.u32("a function body's size");
        if (size > limits::function_bytes) over_limit(at, "a function body is too large", limits::function_bytes);
        Reader function = body.part(size, "a function body");
        module_.bodies.push_back(range(function));
    }

    void data(Reader& body) {
        const std::uint64_t at = body.offset();
        const std::uint32_t flags = body.u32("a data segment");
        DataSegment out;
        if (!features_.has(Feature::bulk_memory)) {
            out.memory = flags;
            out.mode = SegmentMode::active;
        } else {
            if (flags > 2) malformed(at, "malformed data segment kind " + std::to_string(flags));
            out.mode = flags == 1 ? SegmentMode::passive : SegmentMode::active;
            if (flags == 2) out.memory = body.u32("a memory index");
        }
        if (out.mode == SegmentMode::active) {
            if (out.memory >= module_.memories.size()) invalid(at, "unknown memory " + std::to_string(out.memory));
            out.offset = constant(body, module_.memories[out.memory].limits.address());
        }
        const std::uint32_t size = body.u32("a data segment's size");
        Reader contents = body.part(size, "a data segment");
        out.bytes = range(contents);
        module_.data.push_back(out);
    }

    void finish() {
        if (module_.bodies.size() != defined_functions_) {
            malformed(reader_.offset(),
                      "function and code section have inconsistent lengths: " + std::to_string(defined_functions_) +
                          " and " + std::to_string(module_.bodies.size()));
        }
        if (module_.has_data_count && module_.data.size() != module_.data_count) {
            malformed(reader_.offset(),
                      "data count and data section have inconsistent lengths: " + std::to_string(module_.data_count) +
                          " and " + std::to_string(module_.data.size()));
        }
        module_.declared.resize(module_.functions.size());
    }

    void declare(std::uint32_t function) {
        if (module_.declared.size() < module_.functions.size()) module_.declared.resize(module_.functions.size());
        module_.declared[function] = true;
    }

    Range constant(Reader& body, ValueType expected) {
        return check_constant(body, module_, expected, [&](std::uint32_t function) { declare(function); });
    }

    Range range(const Reader& body) const {
        return {static_cast<std::uint32_t>(body.offset()), static_cast<std::uint32_t>(body.left())};
    }

    Features features_;
    Reader reader_;
    Module module_;
    std::uint32_t defined_functions_ = 0;
    std::unordered_set<std::string_view> export_names_;
};

} // namespace

Module decode(std::span<const std::uint8_t> bytes, Features features, std::shared_ptr<TypeSpace> type_space) {
    Module module = Decoder(bytes, features, std::move(type_space)).run();
    const auto shrink = [](auto&... lists) { (lists.shrink_to_fit(), ...); }; // it may stay for long
    shrink(module.types, module.type_pool, module.type_first, module.type_ids, module.imports, module.functions,
           module.tables, module.memories, module.globals, module.tags, module.exports, module.elements, module.data,
           module.bodies, module.customs);
    return module;
}

} // namespace rvm::wasm
