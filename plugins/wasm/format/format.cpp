#include "format/format.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <rvm/plugin.hpp>

#include "alone/frame.hpp"
#include "format/address.hpp"
#include "format/frame.hpp"
#include "hosts/prices.hpp"
#include "module/costs.hpp"
#include "module/names.hpp"

namespace rvm::wasm::format {
namespace {

constexpr std::uint8_t magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};

/// An exported function with as many i32 parameters and results as said; UINT32_MAX: there is none.
std::uint32_t exported(const Module& module, std::string_view name, std::size_t parameters, std::size_t results) {
    const Export* item = module.find_export(name);
    if (item == nullptr || item->kind != ExternKind::function) return UINT32_MAX;
    const std::uint32_t type = module.functions[item->index];
    const auto all_i32 = [](std::span<const ValueType> types, std::size_t count) {
        return types.size() == count && std::all_of(types.begin(), types.end(), [](ValueType t) { return t == i32; });
    };
    if (!all_i32(module.parameters(type), parameters) || !all_i32(module.results(type), results)) return UINT32_MAX;
    if (item->index < module.imported_functions) {
        invalid(0,
                "the export " + std::string(name) + " is an import; the entry of a program is a function of its own");
    }
    return item->index;
}

void find_entry(rvm_artifact& artifact) {
    using Entry = rvm_artifact::Entry;
    struct Candidate {
        Entry entry;
        const char* name;
        std::size_t cells; ///< parameters and results
    };
    const Module& module = artifact.program->module;
    artifact.deploy = exported(module, "deploy", 0, 0);
    for (const Candidate& candidate :
         {Candidate{Entry::execute, "execute", 0}, Candidate{Entry::user_entrypoint, "user_entrypoint", 1},
          Candidate{Entry::start, "_start", 0}}) {
        artifact.entry = candidate.entry;
        artifact.function = exported(module, candidate.name, candidate.cells, candidate.cells);
        if (artifact.function != UINT32_MAX) return;
    }
    invalid(0, "a program exports execute: () -> (), user_entrypoint: (i32) -> (i32) or _start: () -> (); this module "
               "exports none of them");
}

std::uint32_t put_text(const std::string& source, char* text, std::uint64_t text_size) noexcept {
    if (text_size == 0) return 0;
    const std::size_t size = std::min<std::size_t>(source.size(), text_size - 1);
    std::memcpy(text, source.data(), size);
    text[size] = '\0';
    return 1;
}

/// "in FUNCTION, byte N", from the name section or the exports.
std::uint32_t source_of(rvm_view code, std::uint64_t position, char* text, std::uint64_t text_size) {
    const Module module = decode({code.data, code.size}, Features::all(), std::make_shared<TypeSpace>());
    const std::uint32_t function = function_at(module, position);
    if (function == UINT32_MAX) return 0;
    return put_text("in " + FunctionNames(module).of(function) + ", byte " + std::to_string(position), text, text_size);
}

} // namespace

Format::Format() {
    table_.struct_size = sizeof table_;
    table_.id = "wasm";
    table_.summary = "WebAssembly modules, metered, on the 64-bit engine";
    table_.rules = Configuration::rules;
    table_.units_per_gas = costs::units_per_gas;
    table_.scratch_bytes = scratch_bytes();
    table_.native_stack_per_frame = stack_per_frame();
    table_.self = this;
    table_.probe = [](const void*, rvm_view code) noexcept -> std::uint32_t {
        const bool ours = code.size >= sizeof magic && std::memcmp(code.data, magic, sizeof magic) == 0;
        return ours ? RVM_PROBE_YES : RVM_PROBE_NO;
    };
    table_.compile = [](const void* self, rvm_view code, std::uint32_t rules, std::uint32_t, rvm_artifact** out,
                        rvm_error* error) noexcept {
        return sdk::guard(error, [&] { return static_cast<const Format*>(self)->compile(code, rules, out, error); });
    };
    table_.release = [](const void*, rvm_artifact* artifact) noexcept { delete artifact; };
    table_.execute = [](const void* self, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) noexcept {
        const auto& format = *static_cast<const Format*>(self);
        return sdk::guard(nullptr,
                          [&] {
                              return Configuration::is_alone(frame->rules)
                                         ? alone::run_frame(format.host_, *artifact, *frame, *result)
                                         : run_frame(format.configuration_, format.host_, *artifact, *frame, *result);
                          });
    };
    table_.scratch_release = [](const void*, void* scratch) noexcept { release_scratch(scratch); };
    table_.deployed = [](const void* self, rvm_frame* frame, rvm_view* code, const char**) noexcept {
        return sdk::guard(nullptr, [&] { return static_cast<const Format*>(self)->deployed(frame, code); });
    };
    table_.code_hash = [](const void*, rvm_view code, rvm_bytes32* out) noexcept { code_hash(code, out); };
    table_.create_address = [](const void*, const rvm_address* creator, std::uint64_t nonce, const rvm_bytes32* salt,
                               rvm_view init_code,
                               rvm_address* out) noexcept { *out = create_address(*creator, nonce, salt, init_code); };
    table_.fault_name = [](const void*, std::uint32_t detail) noexcept -> const char* {
        return detail == 0 ? nullptr : engine::trap_text(static_cast<engine::Trap>(detail));
    };
    table_.source_of = [](const void*, rvm_view code, std::uint64_t position, char* text,
                          std::uint64_t text_size) noexcept -> std::uint32_t {
        std::uint32_t found = 0;
        (void)sdk::guard(nullptr, [&] { found = source_of(code, position, text, text_size); });
        return found;
    };
}

rvm_status Format::compile(rvm_view code, std::uint32_t rules, rvm_artifact** out, rvm_error* error) const {
    *out = nullptr;
    try {
        auto program =
            wasm::compile({code.data, code.size}, configuration_.features(rules), std::make_shared<TypeSpace>());
        const Module& module = program->module;
        const bool alone = Configuration::is_alone(rules);
        const hosts::Grants grants{alone ? nullptr : &host_, alone || configuration_.wasi};
        auto artifact = std::make_unique<rvm_artifact>(rvm_artifact{program, hosts::Imports(module, grants)});
        if (!alone) {
            find_entry(*artifact);
            artifact->made = instantiation_of(module);
        }
        *out = artifact.release();
        return RVM_OK;
    } catch (const ModuleError& refusal) {
        sdk::set_error(error, RVM_TRAP_INVALID_CODE, refusal.what());
        return RVM_TRAP_INVALID_CODE;
    }
}

rvm_status Format::deployed(rvm_frame* frame, rvm_view* code) const {
    const rvm_status paid = rvm_charge(frame, code->size * prices::code_byte);
    if (paid != RVM_OK) return paid;
    rvm_artifact* artifact = nullptr;
    const rvm_status status = compile(*code, frame->rules, &artifact, nullptr);
    delete artifact;
    return status;
}

} // namespace rvm::wasm::format
