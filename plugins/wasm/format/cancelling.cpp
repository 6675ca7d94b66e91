#include "format/cancelling.hpp"

namespace rvm::wasm::format {
namespace {

constexpr std::int64_t quantum = 10'000'000; ///< units: some milliseconds

bool cancelled(hosts::FrameContext& context) noexcept {
    if ((context.frame->flags & RVM_FRAME_CANCELLABLE) == 0) return false;
    if (context.host->vm->cancelled(context.frame) == 0 && (context.stops == nullptr || !context.stops())) return false;
    context.status = RVM_E_CANCELLED;
    return context.ended = true;
}

} // namespace

engine::Trap call_cancellable(Machine& machine, Instance& instance, std::uint32_t function, std::span<Cell> cells,
                              std::int64_t& units, hosts::FrameContext& context) noexcept {
    machine.slice = (context.frame->flags & RVM_FRAME_CANCELLABLE) != 0 ? quantum : 0;
    engine::Trap trap = machine.call(instance, function, cells, units);
    while (trap == engine::Trap::yield) {
        if (cancelled(context)) return engine::Trap::exit;
        trap = machine.resume(cells, units);
    }
    return context.ended ? engine::Trap::exit : trap;
}

void poll_cancelled(hosts::FrameContext& frame, engine::Context& context) noexcept {
    if (!cancelled(frame)) return;
    context.gas = 0; // nothing is left for the next block
    context.reserve_gas = 0;
}

} // namespace rvm::wasm::format
