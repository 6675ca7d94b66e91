#include "verbs/loaded.hpp"

#include <algorithm>
#include <chrono>

#include "module/costs.hpp"
#include "module/error.hpp"
#include "module/names.hpp"

namespace rvm::wasm::verbs {

Features features_named(const std::string& name) {
    if (name == "core1") return Features::core1();
    if (name == "core2-without-vectors") return Features::core2_without_vectors();
    if (name == "core2") return Features::core2();
    if (name.empty() || name == "all") return Features::all();
    throw Refusal(RVM_EXIT_USAGE,
                  "--features: expected core1, core2-without-vectors, core2 or all, found '" + name + "'");
}

namespace {

constexpr const char* start_name = "_start";

hosts::Imports imports_of(const LoadedFile& file) {
    try {
        return {file.program->module, {.host = nullptr, .wasi = true}};
    } catch (const ModuleError& error) {
        throw Refusal(RVM_EXIT_TRAPPED, file.path + ": " + error.what());
    }
}

} // namespace

LoadedFile::LoadedFile(const std::string& file, Features features) : path(file), bytes(read_file(file)) {
    try {
        program = compile(bytes, features, std::make_shared<TypeSpace>());
    } catch (const ModuleError& error) {
        throw Refusal(RVM_EXIT_TRAPPED, path + ": " + error.what());
    }
}

Call::Call(const Words& words)
    : file_(words.rest().empty() ? throw Refusal(RVM_EXIT_USAGE, "which file?") : words.rest()[0],
            features_named(words.value("--features"))),
      imports_(imports_of(file_)), is_command_(!words.has("--invoke")) {
    const Module& module = file_.program->module;
    const std::string name = is_command_ ? start_name : words.value("--invoke");
    const Export* item = module.find_export(name);
    if (item == nullptr || item->kind != ExternKind::function) {
        std::string known;
        for (const Export& each : module.exports) {
            if (each.kind == ExternKind::function) known += (known.empty() ? "" : ", ") + std::string(each.name);
        }
        throw Refusal(RVM_EXIT_USAGE, file_.path + ": no exported function '" + name +
                                          "', there is: " + (known.empty() ? "none" : known) +
                                          (is_command_ ? "; name one with --invoke NAME" : ""));
    }
    function_ = item->index;
    const std::uint32_t type = module.functions[function_];
    const std::size_t given = is_command_ ? 0 : words.rest().size() - 1;
    if (given != module.parameters(type).size()) {
        throw Refusal(RVM_EXIT_USAGE, "'" + name + "' has type " + module.type_text(type) + ": expected " +
                                          std::to_string(module.parameters(type).size()) + " arguments, found " +
                                          std::to_string(given));
    }
    std::size_t result_cells = 0;
    for (const ValueType result : module.results(type)) {
        result_cells += result.cells();
    }
    for (std::size_t i = 0; i < given; ++i) {
        arguments_.push_back(parse_value(module.parameters(type)[i], words.rest()[i + 1]));
    }
    cells_.resize(std::max(result_cells, arguments_.size()));
}

Call::Result Call::run(std::int64_t units, wasi::Configuration surroundings) {
    const Module& module = file_.program->module;
    Result out{};
    try {
        instance_ = std::make_unique<Instance>(
            file_.program, [&](const Import& import) { return imports_.resolve(import); }, MemoryLimits{});
    } catch (const ModuleError& error) {
        throw Refusal(RVM_EXIT_TRAPPED, file_.path + ": " + error.what());
    }
    process_.emplace(std::move(surroundings));
    user_.process = &*process_;
    machine_.user = static_cast<hosts::User*>(&user_);
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
        out.trap = machine_.call(*instance_->function(module.start), {}, left);
    }
    if (out.trap == engine::Trap::none) {
        std::copy(arguments_.begin(), arguments_.end(), cells_.begin());
        out.trap = machine_.call(*instance_->function(function_), cells_, left);
    }
    out.units = static_cast<std::uint64_t>(units - left);
    if (out.trap == engine::Trap::exit && process_->exited()) {
        out.trap = engine::Trap::none;
        out.exit_code = static_cast<std::int32_t>(process_->exit_code());
        return out;
    }
    if (out.trap != engine::Trap::none) {
        const bool known = machine_.stopped_in() == instance_.get();
        out.where = known ? place_of(file_.program->position(machine_.stopped_at())) : "instantiation";
        return out;
    }
    std::size_t at = 0;
    for (const ValueType type : module.results(module.functions[function_])) {
        out.types.push_back(type);
        out.values.push_back(value_text(type, cells_[at], type.is_vector() ? cells_[at + 1] : 0));
        at += type.cells();
    }
    return out;
}

std::string Call::place_of(std::uint32_t byte) {
    const std::uint32_t function = function_at(file_.program->module, byte);
    if (function == UINT32_MAX) return "a function, byte " + std::to_string(byte);
    auto found = names_.find(function);
    if (found == names_.end()) found = names_.emplace(function, function_name(file_.program->module, function)).first;
    return found->second + ", byte " + std::to_string(byte);
}

void Call::trace(std::function<void(const Block&)> to) {
    user_.call = this;
    user_.trace = std::move(to);
    machine_.on_block = [](void* user, engine::Context& context, std::uint64_t price) {
        auto& self = *static_cast<TracedUser*>(static_cast<hosts::User*>(user));
        const Program& program = static_cast<const Instance*>(context.instance)->program();
        self.trace(
            {context.depth(), self.call->place_of(program.code.block_position(context.pc)), price, context.gas_left()});
    };
}

double Call::time(std::int64_t units) {
    std::copy(arguments_.begin(), arguments_.end(), cells_.begin());
    const auto begin = std::chrono::steady_clock::now();
    const engine::Trap trap = machine_.call(*instance_->function(function_), cells_, units);
    const auto end = std::chrono::steady_clock::now();
    if (trap != engine::Trap::none) throw Refusal(RVM_EXIT_TRAPPED, std::string("trap: ") + engine::trap_text(trap));
    return std::chrono::duration<double, std::milli>(end - begin).count();
}

std::uint64_t gas_of(std::uint64_t units) noexcept {
    return units / costs::units_per_gas + (units % costs::units_per_gas != 0 ? 1 : 0);
}

std::int64_t units_of(const Words& words) {
    constexpr std::uint64_t most = static_cast<std::uint64_t>(INT64_MAX) / 2 / costs::units_per_gas;
    return static_cast<std::int64_t>(std::min(words.number("--gas", most), most) * costs::units_per_gas);
}

} // namespace rvm::wasm::verbs
