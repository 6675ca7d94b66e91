#include "native/plugin.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <new>

#include <fmt/format.h>

#include "native/disassembler.hpp"
#include "native/engine_frame.hpp"
#include "native/interpreter.hpp"
#include "native/link.hpp"
#include "native/machine.hpp"
#include "native/translator.hpp"

namespace rvm::native {
namespace {

constexpr const char* format_id = "native";
constexpr const char* rule_names[] = {"native/1", nullptr};
/// C stack between execute() and a nested host call; the largest seen is stated in README.md.
constexpr std::uint64_t stack_per_frame = 4096;

void fill(rvm_error* error, rvm_status code, std::string_view text) noexcept {
    if (error == nullptr) return;
    error->code = code;
    const std::size_t size = std::min(text.size(), sizeof error->message - 1);
    std::memcpy(error->message, text.data(), size);
    error->message[size] = '\0';
}

void put(char* text, std::uint64_t size, std::string_view from) noexcept {
    if (size == 0) return;
    const std::size_t copied = std::min<std::size_t>(from.size(), static_cast<std::size_t>(size) - 1);
    std::memcpy(text, from.data(), copied);
    text[copied] = '\0';
}

ByteView bytes_of(rvm_view view) noexcept { return {view.data, static_cast<std::size_t>(view.size)}; }

const HostTables& tables(const void* self) noexcept { return *static_cast<const HostTables*>(self); }

/// Decodes, verifies and links; nullptr with findings when the code cannot run here.
std::unique_ptr<Artifact> build(const HostTables& host, rvm_view code, Report& report) {
    auto artifact = std::make_unique<Artifact>();
    auto program = load_program(bytes_of(code), {}, report);
    if (!program) return nullptr;
    artifact->program = std::move(*program);
    if (!link(*artifact, host, {}, report)) return nullptr;
    artifact->code = translate(*artifact);
    return artifact;
}

uint32_t probe(const void*, rvm_view code) { return is_container(bytes_of(code)) ? RVM_PROBE_YES : RVM_PROBE_NO; }

rvm_status compile(const void* self, rvm_view code, uint32_t, uint32_t, rvm_artifact** out, rvm_error* error) {
    try {
        Report report;
        auto artifact = build(tables(self), code, report);
        if (artifact == nullptr) {
            fill(error, RVM_E_UNSUPPORTED, report.text());
            return RVM_TRAP_INVALID_CODE;
        }
        *out = reinterpret_cast<rvm_artifact*>(artifact.release());
        return RVM_OK;
    } catch (const std::bad_alloc&) {
        fill(error, RVM_E_NO_MEMORY, "no memory to compile a native program");
        return RVM_E_NO_MEMORY;
    } catch (...) {
        fill(error, RVM_E_EXCEPTION, "exception while compiling a native program");
        return RVM_E_EXCEPTION;
    }
}

void release(const void*, rvm_artifact* artifact) { delete reinterpret_cast<Artifact*>(artifact); }

rvm_status execute(const void* self, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) {
    return execute_frame(*reinterpret_cast<const Artifact*>(artifact), tables(self), *frame, *result);
}

void scratch_release(const void*, void* scratch) { release_scratch(*static_cast<Scratch*>(scratch)); }

/// Only programs that would run here become code; the price is flat up to a size, then per byte.
rvm_status deployed(const void* self, rvm_frame* frame, rvm_view* code, const char**) {
    const auto size = static_cast<std::int64_t>(std::min<std::uint64_t>(code->size, max_container_bytes));
    const std::int64_t beyond = std::max<std::int64_t>(0, size - gas::deployment_flat_bytes);
    const std::int64_t price = gas::deployment + beyond * gas::deployment_byte;
    if (const rvm_status status = rvm_charge(frame, static_cast<std::uint64_t>(price)); status != RVM_OK) return status;
    try {
        Report report;
        return build(tables(self), *code, report) != nullptr ? RVM_OK : RVM_TRAP_INVALID_CODE;
    } catch (...) {
        return RVM_E_NO_MEMORY;
    }
}

void create_address(const void*, const rvm_address* creator, uint64_t nonce, const rvm_bytes32* salt,
                    rvm_view init_code, rvm_address* out) {
    *out = creation_address(*creator, nonce, salt, init_code);
}

/// `at` is a position (pc); from anywhere before an instruction it goes on to that instruction. For whole programs
/// disassemble() is the better way: this verifies the program again for each instruction.
uint64_t disassemble_one(const void*, rvm_view code, uint64_t at, char* text, uint64_t text_size) {
    try {
        Report report;
        const auto program = load_program(bytes_of(code), {}, report);
        if (!program) return 0;
        const auto& positions = program->positions;
        std::size_t index = static_cast<std::size_t>(std::ranges::lower_bound(positions, at) - positions.begin());
        while (index < positions.size() && program->code[index].small != 0 &&
               (program->code[index].op == Op::label || program->code[index].op == Op::ret))
            ++index; // not written in the code
        if (index == positions.size()) return 0;
        put(text, text_size, describe(*program, static_cast<std::uint32_t>(index)));
        const auto next = std::ranges::upper_bound(positions, positions[index]);
        return next == positions.end() ? positions[index] + 1 - at : *next - at;
    } catch (...) {
        return 0;
    }
}

/// A program that reverts by itself has no fault.
const char* fault_name(const void*, uint32_t detail) {
    return detail == static_cast<uint32_t>(Fault::none) ? nullptr : fault_text(detail);
}

uint32_t source_of(const void*, rvm_view code, uint64_t position, char* text, uint64_t text_size) {
    try {
        Report report;
        const auto container = decode_container(bytes_of(code), {}, report);
        if (!container || !container->debug) return 0;
        const std::uint32_t line = line_at(container->debug->lines, position);
        if (line == 0) return 0;
        put(text, text_size, fmt::format("{}:{}", container->debug->file, line));
        return 1;
    } catch (...) {
        return 0;
    }
}

struct Instance {
    rvm_plugin plugin{};
    HostTables host{};
    rvm_format format{};
    rvm_contribution contributions[2]{};
};

rvm_format make_format(const HostTables* self) noexcept {
    rvm_format out{};
    out.struct_size = sizeof out;
    out.id = format_id;
    out.summary = "native rvm bytecode: 64-bit stack machine with imports by name";
    out.rules = rule_names;
    out.units_per_gas = 1;
    out.scratch_bytes = scratch_bytes();
    out.native_stack_per_frame = stack_per_frame + engine::run_stack_bytes();
    out.self = self;
    out.probe = probe;
    out.compile = compile;
    out.release = release;
    out.execute = execute;
    out.scratch_release = scratch_release;
    out.deployed = deployed;
    out.create_address = create_address;
    out.disassemble = disassemble_one;
    out.fault_name = fault_name;
    out.source_of = source_of;
    return out;
}

template <typename T>
bool interface(const rvm_host* host, const char* id, bool required, const T** out, rvm_error* error) noexcept {
    *out = static_cast<const T*>(host->get_interface(host->ctx, id));
    if (*out != nullptr || !required) return true;
    fill(error, RVM_E_UNSUPPORTED, id);
    return false;
}

rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error* error) {
    auto* instance = new (std::nothrow) Instance;
    if (instance == nullptr) return RVM_E_NO_MEMORY;
    HostTables& tables = instance->host;
    tables.host = host;
    if (!interface(host, RVM_HOST_VM, true, &tables.vm, error) ||
        !interface(host, RVM_HOST_STATE, true, &tables.state, error) ||
        !interface(host, RVM_HOST_ITEMS, false, &tables.items, error) ||
        !interface(host, RVM_HOST_TRACE, false, &tables.trace, error)) {
        delete instance;
        return RVM_E_UNSUPPORTED;
    }
    tables.env_number = host->env_key(host->ctx, "block.number");
    tables.env_timestamp = host->env_key(host->ctx, "block.timestamp");
    tables.env_chain_id = host->env_key(host->ctx, "chain.id");
    constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    if (tables.env_number == none || tables.env_timestamp == none || tables.env_chain_id == none) {
        fill(error, RVM_E_UNSUPPORTED, "the host keeps no more environment words");
        delete instance;
        return RVM_E_UNSUPPORTED;
    }
    instance->format = make_format(&tables);
    instance->contributions[0] = {RVM_KIND_FORMAT, &instance->format};
    rvm_plugin& plugin = instance->plugin;
    plugin.struct_size = sizeof plugin;
    plugin.self = instance;
    plugin.contributions = [](void* self) -> const rvm_contribution* {
        return static_cast<Instance*>(self)->contributions;
    };
    plugin.destroy = [](void* self) { delete static_cast<Instance*>(self); };
    *out = &plugin;
    return RVM_OK;
}

constexpr const char* provides[] = {"rvm.format/1:native", nullptr};

constexpr rvm_descriptor descriptor{
    sizeof(rvm_descriptor),
    0,
    "org.rvm.native",
    "0.1.0",
    "Native bytecode",
    "rvm",
    "MIT",
    "The native format: stack code of 64-bit words with opcodes and syscalls from plugins",
    nullptr,
    provides,
    nullptr};

} // namespace
} // namespace rvm::native

extern "C" const rvm_entry rvm_native_entry = RVM_ENTRY_INIT(&rvm::native::descriptor, rvm::native::create);
