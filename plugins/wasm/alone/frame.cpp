#include "alone/frame.hpp"

#include <algorithm>
#include <memory>

#include "alone/invocation.hpp"
#include "alone/outcome.hpp"
#include "alone/traced_imports.hpp"
#include "alone/watcher.hpp"
#include "format/cancelling.hpp"
#include "format/tracing.hpp"
#include "module/costs.hpp"
#include "run/instance.hpp"

namespace rvm::wasm::alone {
namespace {

using engine::Trap;

struct AloneContext : hosts::FrameContext {
    Watcher* watcher = nullptr;
    bool traced = false;
};

void on_block(void* user, engine::Context& context, std::uint64_t price) {
    auto& self = static_cast<AloneContext&>(*static_cast<hosts::FrameContext*>(static_cast<hosts::User*>(user)));
    if (self.watcher != nullptr && self.watcher->entered) {
        const Program& program = static_cast<const Instance*>(context.instance)->program();
        self.watcher->entered(
            {context.depth(), program, program.code.block_position(context.pc), price, context.gas_left()});
    }
    self.traced ? format::trace_block(user, context, price) : format::poll_cancelled(self, context);
}

/// The function that an invocation names; UINT32_MAX when there is none, or it takes other arguments.
std::uint32_t function_of(const Module& module, const Invocation& call) {
    const Export* item = module.find_export(call.function);
    if (item == nullptr || item->kind != ExternKind::function) return UINT32_MAX;
    std::size_t at = 0;
    for (const ValueType type : module.parameters(module.functions[item->index])) {
        if (at + type.cells() > call.arguments.size()) return UINT32_MAX;
        const Cell argument = call.arguments[at];
        if (type.is_reference() && (argument != 0 || !type.nullable())) return UINT32_MAX; // nothing could be meant
        if ((type == i32 || type == f32) && argument > UINT32_MAX) return UINT32_MAX;
        at += type.cells();
    }
    return at == call.arguments.size() ? item->index : UINT32_MAX;
}

std::size_t result_cells(const Module& module, std::uint32_t function) {
    std::size_t cells = 0;
    for (const ValueType type : module.results(module.functions[function]))
        cells += type.cells();
    return cells;
}

class Run {
  public:
    Run(AloneContext& context, const rvm_artifact& artifact, Invocation call, std::uint32_t function,
        std::int64_t units)
        : context_(context), artifact_(artifact), call_(std::move(call)), function_(function), units_(units) {}

    /// RVM_OK, and what is in outcome() counts; or a failure of the host.
    [[nodiscard]] rvm_status run();
    [[nodiscard]] Outcome& outcome() noexcept { return outcome_; }
    [[nodiscard]] std::int64_t units() const noexcept { return units_; }
    /// Where a trap happened; 0: in no function.
    [[nodiscard]] std::uint32_t position() const noexcept { return position_; }

  private:
    bool write(int descriptor, std::span<const std::uint8_t> bytes);
    [[nodiscard]] bool pay_instance() noexcept;
    void call(Instance& instance, std::uint32_t function, std::span<Cell> cells);

    AloneContext& context_;
    const rvm_artifact& artifact_;
    Invocation call_;
    std::uint32_t function_;
    std::int64_t units_;
    std::uint32_t position_ = 0;
    Machine machine_;
    Outcome outcome_;
};

bool Run::write(int descriptor, std::span<const std::uint8_t> bytes) {
    Stream& to = outcome_.streams[descriptor - 1];
    if (bytes.size() > call_.output_limit - to.size) return false;
    to.size += bytes.size();
    const auto kept = std::min<std::uint64_t>(bytes.size(), kept_output - to.kept.size());
    to.kept.insert(to.kept.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept));
    if (context_.watcher != nullptr && context_.watcher->wrote) context_.watcher->wrote(descriptor, bytes);
    return true;
}

bool Run::pay_instance() noexcept {
    const std::uint64_t price = instantiation_of(artifact_.program->module).units;
    if (price <= static_cast<std::uint64_t>(units_)) return units_ -= static_cast<std::int64_t>(price), true;
    units_ = 0;
    outcome_.trap = Trap::out_of_gas;
    return false;
}

/// Whether somebody looking on wants the run of this thread to end.
bool watcher_stops() {
    const Watcher* const watcher = Watcher::current();
    return watcher != nullptr && watcher->stops && watcher->stops();
}

void Run::call(Instance& instance, std::uint32_t function, std::span<Cell> cells) {
    if (outcome_.trap != Trap::none) return;
    outcome_.trap = format::call_cancellable(machine_, instance, function, cells, units_, context_);
    if (outcome_.trap == Trap::none || machine_.stopped_in() != &instance || machine_.stopped_at() == nullptr) return;
    position_ = artifact_.program->position(machine_.stopped_at());
}

rvm_status Run::run() {
    call_.surroundings.write = [this](int descriptor, std::span<const std::uint8_t> bytes) {
        return write(descriptor, bytes);
    };
    wasi::Process process(std::move(call_.surroundings));
    context_.process = &process;
    machine_.user = static_cast<hosts::User*>(&context_);
    context_.stops = watcher_stops;
    if (context_.traced || (context_.watcher != nullptr && context_.watcher->entered)) machine_.on_block = on_block;

    if (!pay_instance()) return RVM_OK;
    std::optional<TracedImports> traced;
    if (context_.traced) traced.emplace(artifact_);
    std::unique_ptr<Instance> instance;
    try {
        instance = std::make_unique<Instance>(
            artifact_.program,
            [&](const Import& import) { return traced ? traced->resolve(import) : artifact_.imports.resolve(import); },
            MemoryLimits{});
    } catch (const ModuleError& error) {
        outcome_.refusal = error.what();
        return RVM_OK;
    }
    const Module& module = artifact_.program->module;
    outcome_.trap = instance->initialize();
    if (module.start != UINT32_MAX) call(*instance, module.start, {});
    std::vector<Cell> cells = std::move(call_.arguments);
    const std::size_t results = result_cells(module, function_);
    cells.resize(std::max(cells.size(), results));
    call(*instance, function_, cells);
    if (outcome_.trap == Trap::exit) {
        if (context_.ended) return context_.status;
        if (!process.exited()) return machine_.uncaught() ? RVM_OK : RVM_E_NO_MEMORY;
        outcome_.trap = Trap::none;
        outcome_.exit_code = process.exit_code();
        return RVM_OK;
    }
    if (outcome_.trap != Trap::none) return RVM_OK;
    cells.resize(results);
    // What a reference points to is gone with the instance: whether it is null is all that can be told.
    std::size_t at = 0;
    for (const ValueType type : module.results(module.functions[function_])) {
        if (type.is_reference()) cells[at] = cells[at] == 0 ? 0 : 1;
        at += type.cells();
    }
    outcome_.results = std::move(cells);
    return RVM_OK;
}

} // namespace

rvm_status run_frame(const hosts::HostTables& host, const rvm_artifact& artifact, rvm_frame& frame,
                     rvm_result& result) {
    if ((frame.flags & RVM_FRAME_CREATE) != 0) return RVM_TRAP_ILLEGAL;
    std::optional<Invocation> call = decode_invocation({frame.msg->input.data, frame.msg->input.size});
    if (!call) return RVM_TRAP_ILLEGAL;
    const std::uint32_t function = function_of(artifact.program->module, *call);
    if (function == UINT32_MAX) return RVM_TRAP_ILLEGAL;

    std::vector<std::uint8_t>& output = format::output_of(frame);
    AloneContext context;
    context.host = &host;
    context.frame = &frame;
    context.output = &output;
    context.watcher = Watcher::current();
    context.traced = (frame.flags & RVM_FRAME_TRACED) != 0 && host.trace != nullptr;

    constexpr auto units_per_gas = static_cast<std::int64_t>(costs::units_per_gas);
    const std::int64_t gas = std::clamp<std::int64_t>(frame.gas, 0, INT64_MAX / units_per_gas);
    Run run(context, artifact, std::move(*call), function, gas * units_per_gas);
    if (const rvm_status failed = run.run(); failed != RVM_OK) return failed;
    frame.gas = std::min(frame.gas, run.units() / units_per_gas);
    const Outcome& outcome = run.outcome();
    if (outcome.trap != Trap::none) {
        result.detail = static_cast<std::uint32_t>(outcome.trap);
        result.fault_position = run.position();
        if (context.traced && run.position() != 0) // there is an instruction to tell of
            format::trace_fault(host, frame, run.units(), run.position(), format::status_of(outcome.trap));
    }
    output = encode(outcome);
    result.output = {output.data(), output.size()};
    return outcome.succeeded() ? RVM_OK : RVM_TRAP_REVERT;
}

} // namespace rvm::wasm::alone
