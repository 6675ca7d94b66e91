// Modules, linking, instantiation (core specification 4.5).
#include "reference.hpp"

#include <cstring>

#include "interpreter.hpp"
#include "module/type_section.hpp"

namespace rvm::wasm::reference {
namespace {

using spectest::Outcome;
using spectest::Value;
using Kind = Outcome::Kind;

[[noreturn]] void unlinkable(const Import& import) {
    throw ModuleError(ModuleError::Kind::link, 0,
                      "import " + std::string(import.module) + "." + std::string(import.name));
}

bool limits_fit(std::uint64_t size, const Limits& found, const Limits& wanted) {
    return found.is64 == wanted.is64 && size >= wanted.minimum && found.maximum <= wanted.maximum;
}

/// Types of two modules whose type spaces are one.
bool fits(ValueType sub, const Module* sub_home, ValueType super, const Module* super_home) {
    if (!sub.has_index() || !super.has_index()) return matches(sub, super);
    return (super.nullable() || !sub.nullable()) &&
           sub_home->type_ids[sub.index()] == super_home->type_ids[super.index()];
}

} // namespace

Backend::Backend(Features features, std::int64_t units, Most most) : features_(features), budget_(units), most_(most) {
    const auto function = [&](const char* name, std::initializer_list<ValueType> parameters) {
        host_functions_[name] = {function_type_id(*types_, {parameters.begin(), parameters.size()}, {}), nullptr, 0};
    };
    function("print", {});
    function("print_i32", {i32});
    function("print_i64", {i64});
    function("print_f32", {f32});
    function("print_f64", {f64});
    function("print_i32_f32", {i32, f32});
    function("print_f64_f64", {f64, f64});
    host_globals_["global_i32"] = {{i32, false, {}}, 666, nullptr};
    host_globals_["global_i64"] = {{i64, false, {}}, 666, nullptr};
    host_globals_["global_f32"] = {{f32, false, {}}, 0x4426a666, nullptr};
    host_globals_["global_f64"] = {{f64, false, {}}, 0x4084d4cccccccccd, nullptr};
    host_table_ = {{10, 20, false}, funcref, nullptr, std::vector<std::uint64_t>(10)};
    host_table64_ = {{10, 20, true}, funcref, nullptr, std::vector<std::uint64_t>(10)};
    host_memory_ = {{1, 2, false}, std::vector<std::uint8_t>(limits::page_bytes)};
}

Outcome Backend::compile(std::span<const std::uint8_t> bytes, std::uint32_t* module) {
    bytes_.emplace_back(bytes.begin(), bytes.end());
    try {
        Module module_read = decode(bytes_.back(), features_, types_);
        validate_bodies(module_read);
        modules_.push_back(std::move(module_read));
    } catch (const ModuleError& error) {
        return {error.kind() == ModuleError::Kind::malformed ? Kind::malformed : Kind::invalid, error.what()};
    }
    *module = static_cast<std::uint32_t>(modules_.size() - 1);
    return {};
}

void Backend::link(Instance& made, const Import& import) {
    const Module& m = *made.module;
    const auto module = registered_.find(import.module);
    const Instance* from = module == registered_.end() ? nullptr : &instances_[module->second];
    const Export* item = from == nullptr ? nullptr : from->module->find_export(import.name);
    const bool host = from == nullptr && import.module == "spectest";
    if (!host && (item == nullptr || item->kind != import.kind)) unlinkable(import);
    switch (import.kind) {
    case ExternKind::function: {
        const auto known = host_functions_.find(import.name);
        if (host && known == host_functions_.end()) unlinkable(import);
        Function* found = host ? &known->second : from->functions[item->index];
        if (found->type != m.type_ids[m.functions[import.index]]) unlinkable(import);
        made.functions.push_back(found);
        break;
    }
    case ExternKind::table: {
        if (host && import.name != "table" && import.name != "table64") unlinkable(import);
        Table* own = import.name == "table" ? &host_table_ : &host_table64_;
        Table* found = host ? own : from->tables[item->index];
        const TableType& wanted = m.tables[import.index];
        if (!limits_fit(found->items.size(), found->limits, wanted.limits) ||
            !fits(found->element, found->home, wanted.element, &m) ||
            !fits(wanted.element, &m, found->element, found->home)) {
            unlinkable(import);
        }
        made.tables.push_back(found);
        break;
    }
    case ExternKind::memory: {
        if (host && import.name != "memory") unlinkable(import);
        Memory* found = host ? &host_memory_ : from->memories[item->index];
        if (!limits_fit(found->bytes.size() / limits::page_bytes, found->limits, m.memories[import.index].limits)) {
            unlinkable(import);
        }
        made.memories.push_back(found);
        break;
    }
    case ExternKind::global: {
        const auto known = host_globals_.find(import.name);
        if (host && known == host_globals_.end()) unlinkable(import);
        Global* found = host ? &known->second : from->globals[item->index];
        const GlobalType& wanted = m.globals[import.index];
        if (found->type.is_mutable != wanted.is_mutable || !fits(found->type.type, found->home, wanted.type, &m) ||
            (wanted.is_mutable && !fits(wanted.type, &m, found->type.type, found->home))) {
            unlinkable(import);
        }
        made.globals.push_back(found);
        break;
    }
    case ExternKind::tag:
        if (host || from->tags[item->index]->type != m.type_ids[m.tags[import.index]]) unlinkable(import);
        made.tags.push_back(from->tags[item->index]);
        break;
    }
}

void Backend::allocate(Instance& made) {
    const Module& m = *made.module;
    for (auto i = m.imported_functions; i < m.functions.size(); ++i) {
        made.functions.push_back(&functions_.emplace_back(Function{m.type_ids[m.functions[i]], &made, i}));
    }
    for (std::size_t i = m.imported_memories; i < m.memories.size(); ++i) {
        const Limits& limits = m.memories[i].limits;
        if (limits.minimum > most_.pages) over_limit(0, "pages", most_.pages);
        made.memories.push_back(
            &memories_.emplace_back(Memory{limits, std::vector<std::uint8_t>(limits.minimum * limits::page_bytes)}));
    }
    for (std::size_t i = m.imported_globals; i < m.globals.size(); ++i) {
        made.globals.push_back(&globals_.emplace_back(Global{m.globals[i], evaluate(made, m.globals[i].initial), &m}));
    }
    for (std::size_t i = m.imported_tables; i < m.tables.size(); ++i) {
        const TableType& type = m.tables[i];
        if (type.limits.minimum > most_.elements) over_limit(0, "elements", most_.elements);
        const std::uint64_t initial = type.initial.size == 0 ? 0 : evaluate(made, type.initial);
        made.tables.push_back(&tables_.emplace_back(
            Table{type.limits, type.element, &m, std::vector<std::uint64_t>(type.limits.minimum, initial)}));
    }
    for (std::size_t i = m.imported_tags; i < m.tags.size(); ++i) {
        made.tags.push_back(&tags_.emplace_back(Tag{m.type_ids[m.tags[i]], m.types[m.tags[i]].parameters}));
    }
    made.dropped_data.resize(m.data.size());
    made.dropped_elements.resize(m.elements.size());
}

/// Version 1.0 linked no module whose segments do not fit.
void Backend::check_segments(const Instance& made) const {
    const Module& m = *made.module;
    const auto check = [](std::uint64_t at, std::uint64_t count, std::uint64_t size) {
        if (at > size || count > size - at) throw ModuleError(ModuleError::Kind::link, 0, "a segment does not fit");
    };
    for (const ElementSegment& segment : m.elements)
        check(evaluate(made, segment.offset), segment.count, made.tables[segment.table]->items.size());
    for (const DataSegment& segment : m.data)
        check(evaluate(made, segment.offset), segment.bytes.size, made.memories[segment.memory]->bytes.size());
}

void Backend::write_segments(Instance& made) {
    const Module& m = *made.module;
    for (std::uint32_t i = 0; i < m.elements.size(); ++i) {
        const ElementSegment& segment = m.elements[i];
        if (segment.mode == SegmentMode::passive) continue;
        if (segment.mode == SegmentMode::active) {
            const std::uint64_t at = evaluate(made, segment.offset);
            std::vector<std::uint64_t>& items = made.tables[segment.table]->items;
            if (at > items.size() || segment.count > items.size() - at)
                throw Trap{Kind::trap, "out of bounds table access"};
            const std::vector<std::uint64_t> values = element_values(made, i);
            std::copy(values.begin(), values.end(), items.begin() + static_cast<std::ptrdiff_t>(at));
        }
        made.dropped_elements[i] = true;
    }
    for (std::uint32_t i = 0; i < m.data.size(); ++i) {
        const DataSegment& segment = m.data[i];
        if (segment.mode != SegmentMode::active) continue;
        const std::uint64_t at = evaluate(made, segment.offset);
        std::vector<std::uint8_t>& bytes = made.memories[segment.memory]->bytes;
        if (at > bytes.size() || segment.bytes.size > bytes.size() - at)
            throw Trap{Kind::trap, "out of bounds memory access"};
        const std::span<const std::uint8_t> from = m.part(segment.bytes);
        std::copy(from.begin(), from.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
        made.dropped_data[i] = true;
    }
}

Outcome Backend::instantiate(std::uint32_t module, std::uint32_t* instance) {
    units_ = budget_;
    Instance& made = instances_.emplace_back();
    made.module = &modules_[module];
    *instance = static_cast<std::uint32_t>(instances_.size() - 1);
    try {
        for (const Import& import : made.module->imports) {
            link(made, import);
        }
        allocate(made);
        if (!features_.has(Feature::bulk_memory)) check_segments(made);
        write_segments(made);
        if (made.module->start != UINT32_MAX) {
            Interpreter(units_, most_, exceptions_).call(*made.functions[made.module->start], {});
        }
    } catch (const ModuleError& error) {
        return {Kind::unlinkable, error.what()};
    } catch (const Trap& trap) {
        return {trap.kind, trap.text};
    } catch (const Exception&) {
        return {Kind::exception, "uncaught exception"};
    }
    return {};
}

void Backend::register_as(std::uint32_t instance, std::string_view name) { registered_[std::string(name)] = instance; }

Outcome Backend::invoke(std::uint32_t instance, std::string_view function, std::span<const Value> arguments,
                        std::vector<Value>& results) {
    const Instance& from = instances_[instance];
    const Export* item = from.module->find_export(function);
    if (item == nullptr || item->kind != ExternKind::function) return {Kind::missing, "no such function"};
    std::vector<std::uint64_t> values;
    for (const Value& value : arguments) {
        values.push_back(value.low);
    }
    units_ = budget_;
    try {
        const std::vector<std::uint64_t> out =
            Interpreter(units_, most_, exceptions_).call(*from.functions[item->index], values);
        const std::span<const ValueType> types = from.module->results(from.module->functions[item->index]);
        for (std::size_t i = 0; i < out.size(); ++i) {
            results.push_back({types[i], out[i], 0});
        }
        return {};
    } catch (const Trap& trap) {
        return {trap.kind, trap.text};
    } catch (const Exception&) {
        return {Kind::exception, "uncaught exception"};
    }
}

Outcome Backend::get(std::uint32_t instance, std::string_view global, Value& result) {
    const Instance& from = instances_[instance];
    const Export* item = from.module->find_export(global);
    if (item == nullptr || item->kind != ExternKind::global) return {Kind::missing, "no such global"};
    result = {from.globals[item->index]->type.type, from.globals[item->index]->value, 0};
    return {};
}

} // namespace rvm::wasm::reference
