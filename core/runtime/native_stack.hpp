// Room on the C stack for deep call chains: top-level executions run on the caller's stack when enough of it is left,
// else on a pooled one, on the same thread.
#pragma once

#include <cstddef>
#include <memory>

namespace rvm::runtime {

/// A mapped stack with a guard page below it. Reused by the executions of one world; not thread-safe.
class NativeStack {
  public:
    NativeStack() = default;
    ~NativeStack();
    NativeStack(const NativeStack&) = delete;
    NativeStack& operator=(const NativeStack&) = delete;

    /// Runs `function(argument)` where at least `bytes` of stack are left. `function` must not throw.
    /// false when a stack of that size cannot be mapped; nothing ran then.
    [[nodiscard]] bool run(std::size_t bytes, void (*function)(void*), void* argument);

  private:
    [[nodiscard]] bool grow(std::size_t bytes);
    void* base_ = nullptr; ///< lowest address of the mapping, the guard page
    std::size_t size_ = 0; ///< of the whole mapping
};

/// Bytes of C stack that an execution may need: `max_depth` + 1 frames of a format that uses `per_frame` bytes between
/// its execute() and the nested host call, the host's own functions between them, and the largest leaf.
[[nodiscard]] std::size_t native_stack_need(std::size_t max_depth, std::size_t per_frame) noexcept;

/// Bytes of stack left on this thread; 0 when the stack pointer is outside what the thread is known to own (an
/// embedder's own fibre).
[[nodiscard]] std::size_t native_stack_left() noexcept;

} // namespace rvm::runtime
