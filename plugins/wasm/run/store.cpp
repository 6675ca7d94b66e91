#include "run/store.hpp"

#include "module/type_section.hpp"

namespace rvm::wasm {
namespace {

using spectest::Outcome;
using spectest::Value;

/// print and its kind: takes its arguments, returns nothing.
engine::Trap ignore(engine::Context&, Cell*, std::uint64_t) noexcept { return engine::Trap::none; }
constexpr HostCall ignoring{ignore, 0};

Outcome::Kind kind_of(engine::Trap trap) {
    switch (trap) {
    case engine::Trap::none:
        return Outcome::Kind::ok;
    case engine::Trap::stack:
    case engine::Trap::depth:
    case engine::Trap::out_of_gas:
        return Outcome::Kind::exhaustion;
    default:
        return Outcome::Kind::trap;
    }
}

Outcome refusal(const ModuleError& error) {
    switch (error.kind()) {
    case ModuleError::Kind::malformed:
        return {Outcome::Kind::malformed, error.what()};
    case ModuleError::Kind::link:
        return {Outcome::Kind::unlinkable, error.what()};
    default:
        return {Outcome::Kind::invalid, error.what()};
    }
}

} // namespace

EngineBackend::EngineBackend(Features features, std::int64_t units) : features_(features), units_(units) {
    limits_.pages = limits::pages32;
    limits_.table_elements = limits::table_elements;
    add_host_module();
}

Outcome EngineBackend::compile(std::span<const std::uint8_t> bytes, std::uint32_t* module) {
    bytes_.emplace_back(bytes.begin(), bytes.end());
    try {
        programs_.push_back(wasm::compile(bytes_.back(), features_, types_));
    } catch (const ModuleError& error) {
        return refusal(error);
    }
    *module = static_cast<std::uint32_t>(programs_.size() - 1);
    return {};
}

Outcome EngineBackend::instantiate(std::uint32_t module, std::uint32_t* instance) {
    try {
        instances_.push_back(std::make_unique<Instance>(
            programs_[module], [&](const Import& import) { return resolve(import); }, limits_));
    } catch (const ModuleError& error) {
        return refusal(error);
    }
    *instance = static_cast<std::uint32_t>(instances_.size() - 1);
    Instance& made = *instances_.back();
    const engine::Trap trap = made.initialize();
    if (trap != engine::Trap::none) return {kind_of(trap), engine::trap_text(trap)};
    if (made.module().start == UINT32_MAX) return {};
    return run(made, made.module().start, {});
}

void EngineBackend::register_as(std::uint32_t instance, std::string_view name) {
    registered_[std::string(name)] = instance;
}

Outcome EngineBackend::run(Instance& instance, std::uint32_t function, std::span<Cell> cells) {
    left_ = units_;
    const engine::Trap trap = machine_.call(instance, function, cells, left_);
    if (trap == engine::Trap::exit && machine_.uncaught()) return {Outcome::Kind::exception, "uncaught exception"};
    return {kind_of(trap), trap == engine::Trap::none ? "" : engine::trap_text(trap)};
}

Outcome EngineBackend::invoke(std::uint32_t instance, std::string_view function, std::span<const Value> arguments,
                              std::vector<Value>& results) {
    const std::optional<Extern> found = instances_[instance]->find_export(function);
    if (!found || found->kind != ExternKind::function) {
        return {Outcome::Kind::missing, "no exported function " + std::string(function)};
    }
    const Module& module = instances_[instance]->module();
    const std::uint32_t index = module.find_export(function)->index;
    const std::uint32_t type = module.functions[index];
    std::vector<Cell> cells;
    for (const Value& value : arguments) {
        cells.push_back(value.low);
        if (value.type.is_vector()) cells.push_back(value.high);
    }
    std::size_t result_cells = 0;
    for (const ValueType result : module.results(type)) {
        result_cells += result.cells();
    }
    cells.resize(std::max(cells.size(), result_cells));
    const Outcome outcome = run(*instances_[instance], index, cells);
    if (!outcome.ok()) return outcome;
    std::size_t at = 0;
    for (const ValueType result : module.results(type)) {
        results.push_back({result, cells[at], result.is_vector() ? cells[at + 1] : 0});
        at += result.cells();
    }
    return outcome;
}

Outcome EngineBackend::get(std::uint32_t instance, std::string_view global, Value& result) {
    const std::optional<Extern> found = instances_[instance]->find_export(global);
    if (!found || found->kind != ExternKind::global) {
        return {Outcome::Kind::missing, "no exported global " + std::string(global)};
    }
    result = {found->global->type.type, found->global->cells[0], found->global->cells[1]};
    return {};
}

std::optional<Extern> EngineBackend::resolve(const Import& import) {
    if (import.module == "spectest" && registered_.find("spectest") == registered_.end()) return host_item(import);
    const auto module = registered_.find(import.module);
    if (module == registered_.end()) return std::nullopt;
    return instances_[module->second]->find_export(import.name);
}

// -- the module "spectest", as the specification's interpreter/README.md describes it

void EngineBackend::add_host_module() {
    const auto function = [&](const char* name, std::initializer_list<ValueType> parameters) {
        host_functions_[name] = {nullptr, function_type_id(*types_, {parameters.begin(), parameters.size()}, {}),
                                 nullptr, reinterpret_cast<std::uint64_t>(&ignoring)};
    };
    function("print", {});
    function("print_i32", {i32});
    function("print_i64", {i64});
    function("print_f32", {f32});
    function("print_f64", {f64});
    function("print_i32_f32", {i32, f32});
    function("print_f64_f64", {f64, f64});
    const auto global = [&](const char* name, ValueType type, Cell bits) {
        GlobalObject& object = host_globals_[name];
        object.type = {type, nullptr};
        object.cells[0] = bits;
    };
    global("global_i32", i32, 666);
    global("global_i64", i64, 666);
    global("global_f32", f32, 0x4426a666);         // 666.6
    global("global_f64", f64, 0x4084d4cccccccccd); // 666.6
    host_table_ = {{funcref, nullptr}, {10, 20, false}, 20, std::vector<Cell>(10), {}};
    host_table64_ = {{funcref, nullptr}, {10, 20, true}, 20, std::vector<Cell>(10), {}};
    host_table_.refresh();
    host_table64_.refresh();
    host_memories_.emplace_back(MemoryType{{1, 2, false}}, limits_);
}

std::optional<Extern> EngineBackend::host_item(const Import& import) {
    Extern found;
    if (const auto function = host_functions_.find(import.name); function != host_functions_.end()) {
        found.kind = ExternKind::function;
        found.function = &function->second;
        return found;
    }
    if (const auto global = host_globals_.find(import.name); global != host_globals_.end()) {
        found.kind = ExternKind::global;
        found.global = &global->second;
        return found;
    }
    if (import.name == "table" || import.name == "table64") {
        found.kind = ExternKind::table;
        found.table = import.name == "table" ? &host_table_ : &host_table64_;
        return found;
    }
    if (import.name == "memory") {
        found.kind = ExternKind::memory;
        found.memory = &host_memories_[0];
        return found;
    }
    return std::nullopt;
}

} // namespace rvm::wasm
