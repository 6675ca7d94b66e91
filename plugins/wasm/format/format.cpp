#include "format/format.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <rvm/plugin.hpp>

#include "format/prices.hpp"
#include "module/costs.hpp"
#include "module/names.hpp"

/// What the host caches for a code: opaque to it.
struct rvm_artifact {
    std::shared_ptr<const rvm::wasm::Program> program;
    rvm::wasm::format::Environment environment;
    const rvm::wasm::Export* execute = nullptr;
    const rvm::wasm::Export* deploy = nullptr;
};

namespace rvm::wasm::format {
namespace {

constexpr const char* rule_names[] = {"wasm/1", nullptr};
constexpr std::uint8_t magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
/// Rules `wasm/1`: core 2.0 with vectors, and what of 3.0 is finished.
constexpr Features features_of_rules = Features::all();

rvm_status status_of(engine::Trap trap) noexcept {
    switch (trap) {
    case engine::Trap::none:
        return RVM_OK;
    case engine::Trap::out_of_gas:
        return RVM_TRAP_OUT_OF_GAS;
    case engine::Trap::memory_bounds:
    case engine::Trap::table_bounds:
        return RVM_TRAP_MEMORY;
    case engine::Trap::division_by_zero:
    case engine::Trap::integer_overflow:
    case engine::Trap::invalid_conversion:
        return RVM_TRAP_ARITHMETIC;
    case engine::Trap::stack:
    case engine::Trap::depth:
        return RVM_TRAP_STACK;
    default:
        return RVM_TRAP_ILLEGAL;
    }
}

/// Machines wait here for the next frame of their thread: a nested call finds one warm.
std::vector<std::unique_ptr<Machine>>& idle_machines() {
    thread_local std::vector<std::unique_ptr<Machine>> idle;
    return idle;
}
std::unique_ptr<Machine> take_machine() {
    auto& idle = idle_machines();
    if (idle.empty()) return std::make_unique<Machine>();
    std::unique_ptr<Machine> machine = std::move(idle.back());
    idle.pop_back();
    return machine;
}
void give_back(std::unique_ptr<Machine> machine) {
    constexpr std::size_t kept = 16;
    machine->user = nullptr;
    machine->reserve = nullptr;
    machine->exceptions.clear();
    if (idle_machines().size() < kept) idle_machines().push_back(std::move(machine));
}

const Export* entry(const Module& module, std::string_view name) {
    const Export* item = module.find_export(name);
    if (item == nullptr || item->kind != ExternKind::function) return nullptr;
    const FunctionType& type = module.types[module.functions[item->index]];
    return type.parameters == 0 && type.results == 0 ? item : nullptr;
}

bool reserve(void* user, std::uint64_t bytes) noexcept {
    const auto& frame = *static_cast<FrameContext*>(user);
    return frame.host->vm->reserve(frame.frame, static_cast<std::int64_t>(bytes)) == RVM_OK;
}

} // namespace

Format::Format() {
    table_.struct_size = sizeof table_;
    table_.id = "wasm";
    table_.summary = "WebAssembly modules, metered, on the 64-bit engine";
    table_.rules = rule_names;
    table_.units_per_gas = costs::units_per_gas;
    table_.native_stack_per_frame = 8192; // execute(), the engine's loop, a host function
    table_.self = this;
    table_.probe = [](const void*, rvm_view code) noexcept -> std::uint32_t {
        const bool ours = code.size >= sizeof magic && std::memcmp(code.data, magic, sizeof magic) == 0;
        return ours ? RVM_PROBE_YES : RVM_PROBE_NO;
    };
    table_.compile = [](const void* self, rvm_view code, std::uint32_t, std::uint32_t, rvm_artifact** out,
                        rvm_error* error) noexcept {
        return sdk::guard(error, [&] { return static_cast<const Format*>(self)->compile(code, out, error); });
    };
    table_.release = [](const void*, rvm_artifact* artifact) noexcept { delete artifact; };
    table_.execute = [](const void* self, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) noexcept {
        return sdk::guard(nullptr, [&] { return static_cast<const Format*>(self)->execute(artifact, frame, result); });
    };
    table_.deployed = [](const void* self, rvm_frame* frame, rvm_view* code, const char**) noexcept {
        return sdk::guard(nullptr, [&] { return static_cast<const Format*>(self)->deployed(frame, code); });
    };
    table_.fault_name = [](const void*, std::uint32_t detail) noexcept -> const char* {
        return detail == 0 ? nullptr : engine::trap_text(static_cast<engine::Trap>(detail));
    };
}

rvm_status Format::compile(rvm_view code, rvm_artifact** out, rvm_error* error) const {
    *out = nullptr;
    try {
        auto program = wasm::compile({code.data, code.size}, features_of_rules, std::make_shared<TypeSpace>());
        const Module& module = program->module;
        auto artifact = std::make_unique<rvm_artifact>(
            rvm_artifact{program, Environment(module, host_), entry(module, "execute"), entry(module, "deploy")});
        if (artifact->execute == nullptr) {
            invalid(0, "a program exports a function execute: () -> (), this module does not");
        }
        *out = artifact.release();
        return RVM_OK;
    } catch (const ModuleError& refusal) {
        sdk::set_error(error, RVM_TRAP_INVALID_CODE, refusal.what());
        return RVM_TRAP_INVALID_CODE;
    }
}

rvm_status Format::execute(const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) const {
    const Module& module = artifact->program->module;
    const bool creating = (frame->flags & RVM_FRAME_CREATE) != 0;
    FrameContext context{&host_, frame, result, RVM_OK, false};
    const auto most = static_cast<std::int64_t>(INT64_MAX / costs::units_per_gas);
    std::int64_t units =
        std::min(std::max<std::int64_t>(frame->gas, 0), most) * static_cast<std::int64_t>(costs::units_per_gas);
    const auto settle = [&](rvm_status status) {
        frame->gas = std::min(frame->gas, units / static_cast<std::int64_t>(costs::units_per_gas));
        return status;
    };

    std::uint64_t pages = 0;
    for (const MemoryType& memory : module.memories) {
        pages += std::min<std::uint64_t>(memory.limits.minimum, limits::pages32);
    }
    if (host_.vm->reserve(frame, static_cast<std::int64_t>(pages * limits::page_bytes)) != RVM_OK)
        return RVM_TRAP_MEMORY;
    std::unique_ptr<Instance> instance;
    try {
        instance = std::make_unique<Instance>(
            artifact->program, [&](const Import& import) { return artifact->environment.resolve(import); },
            MemoryLimits{});
    } catch (const ModuleError&) { // more pages or elements than the rules allow
        return RVM_TRAP_MEMORY;
    }
    const std::uint64_t price = instance->initial_price();
    if (price > static_cast<std::uint64_t>(units)) return units = 0, settle(RVM_TRAP_OUT_OF_GAS);
    units -= static_cast<std::int64_t>(price);

    std::unique_ptr<Machine> machine = take_machine();
    machine->user = &context;
    machine->reserve = reserve;
    engine::Trap trap = instance->initialize();
    const auto call = [&](std::uint32_t function) {
        if (trap == engine::Trap::none) trap = machine->call(*instance->function(function), {}, units);
    };
    if (module.start != UINT32_MAX) call(module.start);
    if (!creating) {
        call(artifact->execute->index);
    } else if (artifact->deploy != nullptr) {
        call(artifact->deploy->index);
    }
    if (trap != engine::Trap::none) {
        result->detail = static_cast<std::uint32_t>(trap);
        if (machine->stopped_in() == instance.get() && machine->stopped_at() != nullptr) {
            result->fault_position = artifact->program->position(machine->stopped_at());
        }
    }
    const bool uncaught = machine->uncaught();
    give_back(std::move(machine));
    if (trap == engine::Trap::exit) {
        if (context.ended) {
            if (context.status == RVM_TRAP_REVERT) result->detail = 0;
            return settle(context.status);
        }
        return settle(uncaught ? RVM_TRAP_ILLEGAL : RVM_E_NO_MEMORY);
    }
    if (trap == engine::Trap::none && creating) result->output = frame->program; // the module deploys itself
    return settle(status_of(trap));
}

rvm_status Format::deployed(rvm_frame* frame, rvm_view* code) const {
    const rvm_status paid = rvm_charge(frame, code->size * prices::code_byte);
    if (paid != RVM_OK) return paid;
    rvm_artifact* artifact = nullptr;
    const rvm_status status = compile(*code, &artifact, nullptr);
    delete artifact;
    return status;
}

} // namespace rvm::wasm::format
