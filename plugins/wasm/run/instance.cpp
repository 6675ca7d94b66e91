#include "run/instance.hpp"

#include <algorithm>
#include <cstring>

#include "module/instruction.hpp"

namespace rvm::wasm {

bool matches_across(const HomedType& sub, const HomedType& super) noexcept {
    if (!sub.type.has_index() || !super.type.has_index()) return matches(sub.type, super.type);
    if (sub.type.nullable() && !super.type.nullable()) return false;
    return sub.home->type_ids[sub.type.index()] == super.home->type_ids[super.type.index()];
}

namespace {

bool same_across(const HomedType& a, const HomedType& b) noexcept {
    return matches_across(a, b) && matches_across(b, a);
}

bool limits_fit(const Limits& found, const Limits& wanted) noexcept {
    return found.is64 == wanted.is64 && found.minimum >= wanted.minimum && found.maximum <= wanted.maximum;
}

std::string import_text(const Import& import) { return std::string(import.module) + "." + std::string(import.name); }

/// Operands of a constant expression. Hardly one needs more than the few that are at hand.
class ConstantStack {
  public:
    void push(Cell cell) {
        size_ < near_cells ? static_cast<void>(near_[size_] = cell) : far_.push_back(cell);
        ++size_;
    }
    [[nodiscard]] Cell pop() noexcept {
        --size_;
        if (size_ < near_cells) return near_[size_];
        const Cell cell = far_.back();
        far_.pop_back();
        return cell;
    }
    /// The one value that is left: one cell, or two of a v128.
    void copy_value(Cell out[2]) const noexcept {
        out[0] = near_[0];
        out[1] = size_ > 1 ? near_[1] : 0;
    }

  private:
    static constexpr std::size_t near_cells = 8;
    Cell near_[near_cells];
    std::vector<Cell> far_;
    std::size_t size_ = 0;
};

[[noreturn]] void refuse(const Import& import, const std::string& why) {
    throw ModuleError(ModuleError::Kind::link, 0,
                      "import " + import_text(import) + " (" + name(import.kind) + "): " + why);
}

} // namespace

Instance::Instance(std::shared_ptr<const Program> program, const Resolver& resolve, const MemoryLimits& limits)
    : program_(std::move(program)) {
    const Module& m = module();
    functions.reserve(m.functions.size());
    globals.reserve(m.globals.size());
    global_cells.reserve(m.globals.size());
    for (const Import& import : m.imports) {
        const std::optional<Extern> found = resolve(import);
        if (!found) refuse(import, "unknown import: nothing provides it");
        if (found->kind != import.kind) {
            refuse(import, std::string("incompatible import type: found a ") + name(found->kind));
        }
        link(import, *found);
    }
    own_functions_.resize(m.functions.size() - m.imported_functions);
    for (std::size_t i = 0; i < own_functions_.size(); ++i) {
        const std::uint32_t type = m.functions[m.imported_functions + i];
        own_functions_[i] = {program_->code.entry(static_cast<std::uint32_t>(i)), m.type_ids[type], this, 0};
        functions.push_back(&own_functions_[i]);
    }
    for (std::size_t i = m.imported_memories; i < m.memories.size(); ++i) {
        if (m.memories[i].limits.minimum > limits.pages) {
            over_limit(0,
                       "memory " + std::to_string(i) + " begins with " + std::to_string(m.memories[i].limits.minimum) +
                           " pages",
                       limits.pages);
        }
        memories.push_back(&own_memories_.emplace_back(m.memories[i], limits));
    }
    for (std::size_t i = m.imported_tags; i < m.tags.size(); ++i) {
        tags.push_back(&own_tags_.emplace_back(TagObject{m.type_ids[m.tags[i]]}));
    }
    for (std::size_t i = m.imported_globals; i < m.globals.size(); ++i) {
        GlobalObject& global = own_globals_.emplace_back();
        global.type = {m.globals[i].type, &m};
        global.is_mutable = m.globals[i].is_mutable;
        evaluate(m.globals[i].initial, global.cells);
        globals.push_back(&global);
    }
    for (std::size_t i = m.imported_tables; i < m.tables.size(); ++i) {
        const TableType& type = m.tables[i];
        if (type.limits.minimum > limits.table_elements) {
            over_limit(
                0, "table " + std::to_string(i) + " begins with " + std::to_string(type.limits.minimum) + " elements",
                limits.table_elements);
        }
        TableObject& table = own_tables_.emplace_back();
        table.element = {type.element, &m};
        table.limits = type.limits;
        table.most = std::min(type.limits.maximum, limits.table_elements);
        fill(table, type);
        tables.push_back(&table);
    }
    for (const TableObject* table : tables) {
        table_views.push_back(&table->view);
    }
    for (GlobalObject* global : globals) {
        global_cells.push_back(global->cells);
    }
    dropped_data.resize(m.data.size());
    dropped_elements.resize(m.elements.size());
    if (!m.features.has(Feature::bulk_memory)) check_segments();
}

void Instance::fill(TableObject& table, const TableType& type) const {
    Cell initial[2] = {0, 0};
    if (type.initial.size != 0) evaluate(type.initial, initial);
    table.cells.assign(type.limits.minimum, initial[0]);
    table.refresh();
}

void Instance::reset() {
    const Module& m = module();
    for (LinearMemory& memory : own_memories_) {
        memory.reset();
    }
    for (std::size_t i = 0; i < own_globals_.size(); ++i) {
        const GlobalType& type = m.globals[m.imported_globals + i];
        if (type.is_mutable) evaluate(type.initial, own_globals_[i].cells);
    }
    for (std::size_t i = 0; i < own_tables_.size(); ++i) {
        fill(own_tables_[i], m.tables[m.imported_tables + i]);
    }
    dropped_data.assign(m.data.size(), false);
    dropped_elements.assign(m.elements.size(), false);
}

/// Before bulk memory, a module whose segments do not fit was not linked at all.
void Instance::check_segments() const {
    const Module& m = module();
    const auto refuse_segment = [](Range at, const char* what) {
        throw ModuleError(ModuleError::Kind::link, at.offset, std::string(what) + " segment does not fit");
    };
    Cell offset[2];
    for (const ElementSegment& segment : m.elements) {
        evaluate(segment.offset, offset);
        const std::uint64_t size = tables[segment.table]->cells.size();
        if (segment.count > size || offset[0] > size - segment.count) refuse_segment(segment.items, "elements");
    }
    for (const DataSegment& segment : m.data) {
        evaluate(segment.offset, offset);
        if (!memories[segment.memory]->holds(offset[0], segment.bytes.size)) refuse_segment(segment.bytes, "data");
    }
}

void Instance::link(const Import& import, const Extern& found) {
    const Module& m = module();
    switch (import.kind) {
    case ExternKind::function: {
        const std::uint32_t type = m.functions[import.index];
        if (found.function->signature != m.type_ids[type]) {
            refuse(import, "incompatible import type: expected " + m.type_text(type));
        }
        functions.push_back(found.function);
        break;
    }
    case ExternKind::table: {
        const TableType& wanted = m.tables[import.index];
        Limits now = found.table->limits;
        now.minimum = found.table->cells.size();
        if (!limits_fit(now, wanted.limits) || !same_across(found.table->element, {wanted.element, &m})) {
            refuse(import, "incompatible import type");
        }
        tables.push_back(found.table);
        break;
    }
    case ExternKind::memory:
        if (!limits_fit(found.memory->type().limits, m.memories[import.index].limits)) {
            refuse(import, "incompatible import type: " + std::to_string(found.memory->pages()) + " pages");
        }
        memories.push_back(found.memory);
        break;
    case ExternKind::global: {
        const GlobalType& wanted = m.globals[import.index];
        const HomedType type{wanted.type, &m};
        const bool fits =
            found.global->is_mutable == wanted.is_mutable &&
            (wanted.is_mutable ? same_across(found.global->type, type) : matches_across(found.global->type, type));
        if (!fits) refuse(import, "incompatible import type: expected " + wanted.type.text());
        globals.push_back(found.global);
        break;
    }
    case ExternKind::tag:
        if (found.tag->type != m.type_ids[m.tags[import.index]]) refuse(import, "incompatible import type");
        tags.push_back(found.tag);
        break;
    }
}

void Instance::evaluate(Range expression, Cell out[2]) const {
    const Module& m = module();
    Reader reader(m.part(expression), expression.offset);
    ConstantStack stack; // of cells; a v128 takes two
    Instruction in;
    for (;;) {
        read_instruction(reader, m.features, m.type_first, in);
        const auto binary = [&](auto operation) {
            const Cell second = stack.pop();
            stack.push(operation(stack.pop(), second));
        };
        switch (in.op) {
        case Op::ref_null:
            stack.push(0);
            break;
        case Op::ref_func:
            stack.push(reinterpret_cast<Cell>(functions[in.index]));
            break;
        case Op::v128_const: {
            Cell halves[2];
            std::memcpy(halves, in.bytes, sizeof halves);
            stack.push(halves[0]);
            stack.push(halves[1]);
            break;
        }
        case Op::global_get:
            stack.push(globals[in.index]->cells[0]);
            if (globals[in.index]->type.type.is_vector()) stack.push(globals[in.index]->cells[1]);
            break;
        case Op::i32_add:
            binary([](Cell a, Cell b) { return (a + b) & 0xffff'ffff; });
            break;
        case Op::i32_sub:
            binary([](Cell a, Cell b) { return (a - b) & 0xffff'ffff; });
            break;
        case Op::i32_mul:
            binary([](Cell a, Cell b) { return (a * b) & 0xffff'ffff; });
            break;
        case Op::i64_add:
            binary([](Cell a, Cell b) { return a + b; });
            break;
        case Op::i64_sub:
            binary([](Cell a, Cell b) { return a - b; });
            break;
        case Op::i64_mul:
            binary([](Cell a, Cell b) { return a * b; });
            break;
        case Op::end:
            stack.copy_value(out);
            return;
        default: // numeric constants: the expression was judged
            stack.push(in.value);
            break;
        }
    }
}

/// The next item of a segment of expressions. Each is one instruction: nothing else that is constant gives a reference.
Cell Instance::read_item(Reader& items) const {
    Cell cell = 0;
    switch (plain_opcodes[items.byte("an item")].op) {
    case Op::ref_func:
        cell = reinterpret_cast<Cell>(functions[items.u32("a function index")]);
        break;
    case Op::global_get:
        cell = globals[items.u32("a global index")]->cells[0];
        break;
    default: // ref.null
        items.s33("a heap type");
        break;
    }
    items.byte("end");
    return cell;
}

void Instance::read_elements(std::uint32_t segment, std::uint64_t from, std::span<Cell> to) const {
    const ElementSegment& items = module().elements[segment];
    Reader reader(module().part(items.items), items.items.offset);
    const auto next = [&] {
        return items.expressions ? read_item(reader)
                                 : reinterpret_cast<Cell>(functions[reader.u32("a function index")]);
    };
    for (; from > 0; --from)
        next();
    for (Cell& cell : to)
        cell = next();
}

engine::Trap Instance::initialize() noexcept {
    try {
        return write_segments();
    } catch (const std::bad_alloc&) {
        return engine::Trap::exit; // the host's failure, not the program's
    }
}

engine::Trap Instance::write_segments() {
    const Module& m = module();
    for (std::uint32_t i = 0; i < m.elements.size(); ++i) {
        const ElementSegment& segment = m.elements[i];
        if (segment.mode == SegmentMode::passive) continue;
        if (segment.mode == SegmentMode::active) {
            Cell offset[2];
            evaluate(segment.offset, offset);
            TableObject& table = *tables[segment.table];
            const std::uint64_t size = table.cells.size();
            if (segment.count > size || offset[0] > size - segment.count) return engine::Trap::table_bounds;
            read_elements(i, 0, std::span(table.cells).subspan(offset[0], segment.count));
        }
        dropped_elements[i] = true;
    }
    for (std::uint32_t i = 0; i < m.data.size(); ++i) {
        const DataSegment& segment = m.data[i];
        if (segment.mode != SegmentMode::active) continue;
        Cell offset[2];
        evaluate(segment.offset, offset);
        const LinearMemory& memory = *memories[segment.memory];
        if (!memory.holds(offset[0], segment.bytes.size)) return engine::Trap::memory_bounds;
        if (segment.bytes.size != 0) {
            std::memcpy(memory.data() + offset[0], m.bytes.data() + segment.bytes.offset, segment.bytes.size);
        }
        dropped_data[i] = true;
    }
    return engine::Trap::none;
}

std::optional<Extern> Instance::find_export(std::string_view wanted) const noexcept {
    const Export* item = module().find_export(wanted);
    if (item == nullptr) return std::nullopt;
    Extern found;
    found.kind = item->kind;
    switch (item->kind) {
    case ExternKind::function:
        found.function = functions[item->index];
        break;
    case ExternKind::table:
        found.table = tables[item->index];
        break;
    case ExternKind::memory:
        found.memory = memories[item->index];
        break;
    case ExternKind::global:
        found.global = globals[item->index];
        break;
    case ExternKind::tag:
        found.tag = tags[item->index];
        break;
    }
    return found;
}

} // namespace rvm::wasm
