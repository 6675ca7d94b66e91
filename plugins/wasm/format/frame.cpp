#include "format/frame.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "format/cancelling.hpp"
#include "format/tracing.hpp"
#include "hosts/wasi/process.hpp"
#include "keccak/keccak.hpp"
#include "module/costs.hpp"
#include "run/instance_pool.hpp"

namespace rvm::wasm::format {
namespace {

using engine::Trap;
using hosts::FrameContext;
using hosts::HostTables;

/// What outlives a frame at its depth: the output, which the caller reads, and memory for the next one.
struct Scratch {
    std::vector<std::uint8_t> output;
    hosts::StorageCache cache;
};
Scratch& scratch_of(rvm_frame& frame) {
    auto& kept = *static_cast<Scratch**>(frame.scratch);
    if (kept == nullptr) kept = new Scratch;
    constexpr std::size_t large = 1u << 20u;
    kept->output.clear();
    if (kept->output.capacity() > large) kept->output.shrink_to_fit();
    kept->cache.clear();
    return *kept;
}

} // namespace

std::vector<std::uint8_t>& output_of(rvm_frame& frame) { return scratch_of(frame).output; }

rvm_status status_of(Trap trap) noexcept {
    switch (trap) {
    case Trap::none:
        return RVM_OK;
    case Trap::out_of_gas:
        return RVM_TRAP_OUT_OF_GAS;
    case Trap::memory_bounds:
    case Trap::table_bounds:
        return RVM_TRAP_MEMORY;
    case Trap::division_by_zero:
    case Trap::integer_overflow:
    case Trap::invalid_conversion:
        return RVM_TRAP_ARITHMETIC;
    case Trap::stack:
    case Trap::depth:
        return RVM_TRAP_STACK;
    default:
        return RVM_TRAP_ILLEGAL;
    }
}

namespace {

/// Machines wait here for the next frame of their thread: a nested call finds one warm.
class MachineOfFrame {
  public:
    MachineOfFrame() {
        auto& idle = waiting();
        if (idle.empty()) {
            machine_ = std::make_unique<Machine>();
        } else {
            machine_ = std::move(idle.back());
            idle.pop_back();
        }
    }
    ~MachineOfFrame() {
        constexpr std::size_t kept = 16;
        machine_->reset();
        if (waiting().size() < kept) waiting().push_back(std::move(machine_));
    }
    MachineOfFrame(const MachineOfFrame&) = delete;
    MachineOfFrame& operator=(const MachineOfFrame&) = delete;
    Machine* operator->() const noexcept { return machine_.get(); }
    Machine& operator*() const noexcept { return *machine_; }

  private:
    static std::vector<std::unique_ptr<Machine>>& waiting() {
        thread_local std::vector<std::unique_ptr<Machine>> machines = [] {
            std::vector<std::unique_ptr<Machine>> out;
            out.reserve(16); // the destructor must not fail
            return out;
        }();
        return machines;
    }
    std::unique_ptr<Machine> machine_;
};

bool reserve(void* user, std::uint64_t bytes) noexcept {
    const auto& frame = *static_cast<FrameContext*>(static_cast<hosts::User*>(user));
    return bytes <= INT64_MAX && frame.host->vm->reserve(frame.frame, static_cast<std::int64_t>(bytes)) == RVM_OK;
}

/// What a program of WASI sees inside a frame: the call's input, the block's time, randomness that everybody can
/// compute. What it writes to descriptor 1 is the frame's output.
wasi::Configuration surroundings(const Configuration& configuration, FrameContext& context) {
    const rvm_frame& frame = *context.frame;
    wasi::Configuration out;
    out.arguments = configuration.arguments;
    out.environment = configuration.environment;
    out.folder = configuration.folder;
    out.input = {frame.msg->input.data, frame.msg->input.size};
    constexpr std::uint64_t nanoseconds = 1'000'000'000;
    out.clock = frame.env[context.host->words.timestamp].limbs[0] * nanoseconds;
    keccak::Hasher hasher;
    std::uint8_t random[32];
    rvm_u256_to_bytes(&frame.env[context.host->words.prevrandao], random, sizeof random);
    hasher.update(random);
    hasher.update(frame.self->address.bytes);
    hasher.update(frame.msg->sender.bytes);
    const keccak::Digest seed = hasher.finish();
    std::copy(seed.begin(), seed.end(), out.seed);
    out.write = [&context](int descriptor, std::span<const std::uint8_t> bytes) {
        if (descriptor != 1) return true;
        if (!reserve(static_cast<hosts::User*>(&context), bytes.size())) return false;
        context.output->insert(context.output->end(), bytes.begin(), bytes.end());
        return true;
    };
    return out;
}

std::unique_ptr<Instance> instance_of(const rvm_artifact& artifact) {
    std::unique_ptr<Instance> ready = take_instance(*artifact.program);
    if (ready != nullptr) return ready;
    const auto resolve = [&](const Import& import) { return artifact.imports.resolve(import); };
    return std::make_unique<Instance>(artifact.program, resolve, MemoryLimits{});
}

/// Everything between the first unit paid and the last.
class Run {
  public:
    Run(const HostTables& host, const rvm_artifact& artifact, FrameContext& context, std::int64_t units)
        : host_(host), artifact_(artifact), context_(context), units_(units) {}

    [[nodiscard]] rvm_status run(rvm_result& result);
    [[nodiscard]] std::int64_t units() const noexcept { return units_; }

  private:
    [[nodiscard]] bool pay_instance() noexcept;
    void call(Instance& instance, std::uint32_t function, std::span<Cell> cells = {}) {
        if (trap_ != Trap::none) return;
        trap_ = call_cancellable(*machine_, instance, function, cells, units_, context_);
    }
    [[nodiscard]] rvm_status ended() const noexcept;

    const HostTables& host_;
    const rvm_artifact& artifact_;
    FrameContext& context_;
    std::int64_t units_;
    MachineOfFrame machine_;
    Trap trap_ = Trap::none;
};

bool Run::pay_instance() noexcept {
    if (artifact_.made.units > static_cast<std::uint64_t>(units_)) return units_ = 0, false;
    units_ -= static_cast<std::int64_t>(artifact_.made.units);
    return true;
}

rvm_status Run::run(rvm_result& result) {
    rvm_frame& frame = *context_.frame;
    const bool creating = (frame.flags & RVM_FRAME_CREATE) != 0;
    const bool traced = (frame.flags & RVM_FRAME_TRACED) != 0 && host_.trace != nullptr;
    constexpr std::uint64_t stack = StackLimits::first_words * StackLimits::bytes_per_word;
    if (!reserve(static_cast<hosts::User*>(&context_), artifact_.made.bytes + stack)) return RVM_TRAP_MEMORY;
    if (!pay_instance()) {
        result.detail = static_cast<std::uint32_t>(Trap::out_of_gas);
        if (traced) trace_fault(host_, frame, units_, 0, RVM_TRAP_OUT_OF_GAS);
        return RVM_TRAP_OUT_OF_GAS;
    }
    std::unique_ptr<Instance> instance;
    try {
        instance = instance_of(artifact_);
    } catch (const ModuleError&) { // more pages or elements than the rules allow
        return RVM_TRAP_MEMORY;
    }
    machine_->user = static_cast<hosts::User*>(&context_);
    machine_->reserve = reserve;
    if (traced) machine_->on_block = trace_block;

    trap_ = instance->initialize();
    if (instance->module().start != UINT32_MAX) call(*instance, instance->module().start);
    Cell given = 0; // to user_entrypoint, and from it
    if (creating) {
        if (artifact_.deploy != UINT32_MAX) call(*instance, artifact_.deploy);
    } else if (artifact_.entry == rvm_artifact::Entry::user_entrypoint) {
        given = frame.msg->input.size & UINT32_MAX;
        call(*instance, artifact_.function, {&given, 1});
    } else {
        call(*instance, artifact_.function);
    }
    rvm_status status = trap_ == Trap::exit ? ended() : status_of(trap_);
    if (trap_ == Trap::none && given != 0) status = RVM_TRAP_REVERT;
    if (trap_ != Trap::none && status != RVM_OK && status != RVM_TRAP_REVERT) {
        result.detail = static_cast<std::uint32_t>(trap_);
        if (machine_->stopped_in() == instance.get() && machine_->stopped_at() != nullptr) {
            result.fault_position = artifact_.program->position(machine_->stopped_at());
        }
        if (traced && status > RVM_OK) trace_fault(host_, frame, units_, result.fault_position, status);
    }
    keep_instance(std::move(instance));
    return status;
}

/// Why Trap::exit came.
rvm_status Run::ended() const noexcept {
    if (context_.ended) return context_.status;
    if (context_.process != nullptr && context_.process->exited()) {
        return context_.process->exit_code() == 0 ? RVM_OK : RVM_TRAP_REVERT;
    }
    return machine_->uncaught() ? RVM_TRAP_ILLEGAL : RVM_E_NO_MEMORY;
}

} // namespace

std::uint64_t scratch_bytes() noexcept { return sizeof(Scratch*); }

void release_scratch(void* scratch) noexcept { delete *static_cast<Scratch**>(scratch); }

std::uint64_t stack_per_frame() noexcept {
    constexpr std::uint64_t frame_and_host_function = 8192; // run_frame(), a host function, what they call of ours
    return frame_and_host_function + engine::run_stack_bytes();
}

rvm_status run_frame(const Configuration& configuration, const HostTables& host, const rvm_artifact& artifact,
                     rvm_frame& frame, rvm_result& result) {
    Scratch& scratch = scratch_of(frame);
    FrameContext context;
    context.host = &host;
    context.frame = &frame;
    context.output = &scratch.output;
    if (artifact.imports.caches_slots()) context.cache = &scratch.cache;
    std::optional<wasi::Process> process;
    if (artifact.imports.uses_wasi()) context.process = &process.emplace(surroundings(configuration, context));

    constexpr auto units_per_gas = static_cast<std::int64_t>(costs::units_per_gas);
    const std::int64_t gas = std::clamp<std::int64_t>(frame.gas, 0, INT64_MAX / units_per_gas);
    Run run(host, artifact, context, gas * units_per_gas);
    const rvm_status status = run.run(result);
    frame.gas = std::min(frame.gas, run.units() / units_per_gas);
    const bool creating = (frame.flags & RVM_FRAME_CREATE) != 0;
    if (status == RVM_OK && creating) {
        result.output = frame.program; // the module deploys itself
    } else if (status == RVM_OK || status == RVM_TRAP_REVERT) {
        result.output = {scratch.output.data(), scratch.output.size()};
    }
    return status;
}

} // namespace rvm::wasm::format
