#include "verbs/loaded.hpp"

#include <algorithm>
#include <chrono>

#include "module/costs.hpp"
#include "module/error.hpp"

namespace rvm::wasm::verbs {

Features features_named(const std::string& name) {
    if (name == "core1") return Features::core1();
    if (name == "core2-without-vectors") return Features::core2_without_vectors();
    if (name == "core2") return Features::core2();
    if (name.empty() || name == "all") return Features::all();
    throw Refusal(Fault::command_line,
                  "--features: expected core1, core2-without-vectors, core2 or all, found '" + name + "'");
}

namespace {

constexpr const char* start_name = "_start";
constexpr std::int64_t slice = 10'000'000; ///< units between two looks for Ctrl-C: some milliseconds

} // namespace

hosts::Imports imports_of(const std::string& path, const Module& module) {
    try {
        return {module, {.host = nullptr, .wasi = true}};
    } catch (const ModuleError& error) {
        throw Refusal(Fault::refused, path + ": " + error.what());
    }
}

LoadedFile::LoadedFile(const std::string& file, Features features) : path(file), bytes(read_file(file)) {
    try {
        program = compile(bytes, features, std::make_shared<TypeSpace>());
    } catch (const ModuleError& error) {
        throw Refusal(Fault::refused, path + ": " + error.what());
    }
}

const std::string& file_of(const Words& words) {
    if (words.rest().empty()) throw Refusal(Fault::command_line, "which file?");
    return words.rest()[0];
}

Target target_of(const Words& words, const Module& module) {
    Target out;
    out.is_command = !words.has("--invoke");
    out.name = out.is_command ? start_name : words.value("--invoke");
    const Export* item = module.find_export(out.name);
    if (item == nullptr || item->kind != ExternKind::function) {
        std::string known;
        for (const Export& each : module.exports) {
            if (each.kind == ExternKind::function) known += (known.empty() ? "" : ", ") + std::string(each.name);
        }
        throw Refusal(Fault::command_line, file_of(words) + ": no exported function '" + out.name +
                                               "', there is: " + (known.empty() ? "none" : known) +
                                               (out.is_command ? "; name one with --invoke NAME" : ""));
    }
    out.function = item->index;
    const std::uint32_t type = module.functions[out.function];
    const auto parameters = module.parameters(type);
    const std::size_t given = out.is_command ? 0 : words.rest().size() - 1;
    if (given != parameters.size()) {
        throw Refusal(Fault::command_line, "'" + out.name + "' has type " + module.type_text(type) + ": expected " +
                                               std::to_string(parameters.size()) + " arguments, found " +
                                               std::to_string(given));
    }
    for (std::size_t i = 0; i < given; ++i)
        out.arguments.push_back(parse_value(parameters[i], words.rest()[i + 1]));
    return out;
}

std::vector<Value> values_of(std::span<const ValueType> types, std::span<const Cell> cells) {
    std::vector<Value> out;
    std::size_t at = 0;
    for (const ValueType type : types) {
        out.push_back({type, value_text(type, cells[at], type.is_vector() ? cells[at + 1] : 0)});
        at += type.cells();
    }
    return out;
}

engine::Trap Call::call(std::uint32_t function, std::span<Cell> cells, std::int64_t& units) {
    machine_.slice = slice;
    engine::Trap trap = machine_.call(*instance_, function, cells, units);
    while (trap == engine::Trap::yield) {
        if (io_.cancelled()) throw Refusal(Fault::trapped, file_.path + ": interrupted");
        trap = machine_.resume(cells, units);
    }
    return trap;
}

Call::Call(const Io& io, const Words& words)
    : io_(io), file_(file_of(words), features_named(words.value("--features"))),
      imports_(imports_of(file_.path, file_.program->module)), target_(target_of(words, file_.program->module)) {
    const Module& module = file_.program->module;
    std::size_t result_cells = 0;
    for (const ValueType result : module.results(module.functions[target_.function]))
        result_cells += result.cells();
    cells_.resize(std::max(result_cells, target_.arguments.size()));
}

Call::Result Call::run(std::int64_t units) {
    const Module& module = file_.program->module;
    Result out{};
    try {
        instance_ = std::make_unique<Instance>(
            file_.program, [&](const Import& import) { return imports_.resolve(import); }, MemoryLimits{});
    } catch (const ModuleError& error) {
        throw Refusal(Fault::refused, file_.path + ": " + error.what());
    }
    wasi::Configuration surroundings;
    surroundings.write = [](int, std::span<const std::uint8_t>) { return true; };
    process_.emplace(std::move(surroundings));
    user_.process = &*process_;
    machine_.user = &user_;
    std::int64_t left = units;
    const std::uint64_t price = instance_->initial_price();
    out.trap = price > static_cast<std::uint64_t>(units) ? engine::Trap::out_of_gas : instance_->initialize();
    if (out.trap == engine::Trap::out_of_gas) {
        out.units = static_cast<std::uint64_t>(units);
        out.where = "instantiation";
        return out;
    }
    left -= static_cast<std::int64_t>(price);
    if (out.trap == engine::Trap::none && module.start != UINT32_MAX) {
        out.trap = call(module.start, {}, left);
    }
    if (out.trap == engine::Trap::none) {
        std::copy(target_.arguments.begin(), target_.arguments.end(), cells_.begin());
        out.trap = call(target_.function, cells_, left);
    }
    out.units = static_cast<std::uint64_t>(units - left);
    if (out.trap == engine::Trap::exit && process_->exited()) {
        out.trap = engine::Trap::none;
        return out;
    }
    if (out.trap != engine::Trap::none) {
        const bool known = machine_.stopped_in() == instance_.get() && machine_.stopped_at() != nullptr;
        out.where = known ? Places(module).at(file_.program->position(machine_.stopped_at())) : "instantiation";
        return out;
    }
    out.values = values_of(module.results(module.functions[target_.function]), cells_);
    return out;
}

std::string Places::at(std::uint32_t byte) const {
    const std::uint32_t function = function_at(module_, byte);
    if (function == UINT32_MAX) return "a function, byte " + std::to_string(byte);
    return names_.of(function) + ", byte " + std::to_string(byte);
}

double Call::time(std::int64_t units) {
    std::copy(target_.arguments.begin(), target_.arguments.end(), cells_.begin());
    const auto begin = std::chrono::steady_clock::now();
    const engine::Trap trap = call(target_.function, cells_, units);
    const auto end = std::chrono::steady_clock::now();
    if (trap != engine::Trap::none) throw Refusal(Fault::trapped, std::string("trap: ") + engine::trap_text(trap));
    return std::chrono::duration<double, std::milli>(end - begin).count();
}

std::uint64_t gas_of(std::uint64_t units) noexcept {
    return units / costs::units_per_gas + (units % costs::units_per_gas != 0 ? 1 : 0);
}

std::int64_t gas_given(const Words& words) {
    constexpr std::uint64_t most = static_cast<std::uint64_t>(INT64_MAX) / 2 / costs::units_per_gas;
    return static_cast<std::int64_t>(std::min(words.number("--gas", most), most));
}

std::int64_t units_of(const Words& words) { return gas_given(words) * static_cast<std::int64_t>(costs::units_per_gas); }

} // namespace rvm::wasm::verbs
