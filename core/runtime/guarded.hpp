// The walls of the C boundary: nothing thrown inside the host may unwind through a plugin (rule R5 of plugin.h).
#pragma once

#include <new>

#include <rvm/plugin.h>

#include "runtime/frame.hpp"

namespace rvm::runtime {

/// Runs `function`; an exception becomes a host failure.
template <class Function>
[[nodiscard]] rvm_status guarded(Function&& function) noexcept {
    try {
        return function();
    } catch (const std::bad_alloc&) {
        return RVM_E_NO_MEMORY;
    } catch (...) {
        return RVM_E_INTERNAL;
    }
}

/// A PURE item called the host: marks its guard frame, whose item traps from now on (RVM-K05).
[[gnu::cold]] inline rvm_status violated(rvm_frame* guard) noexcept {
    __atomic_fetch_or(&guard->flags, RVM_FRAME_VIOLATED, __ATOMIC_RELAXED);
    return RVM_TRAP_ILLEGAL;
}

/// Runs `function(Frame&)` for a real frame.
template <class Function>
[[nodiscard]] inline rvm_status in_frame(rvm_frame* frame, Function&& function) noexcept {
    if ((frame->flags & RVM_FRAME_GUARD) != 0) [[unlikely]]
        return violated(frame);
    return guarded([&] { return function(static_cast<Frame&>(*frame)); });
}

} // namespace rvm::runtime
