// Runs functions of instances: one stack, one budget.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "engine/context.hpp"
#include "run/objects.hpp"

namespace rvm::wasm {

/// Part of the rules: how deep calls go, counted from the code (see frame_height), not from the host's stack.
struct StackLimits {
    std::uint64_t words = 256 * 1024; ///< sum of the frame heights of all active functions
    std::uint64_t calls = 8 * 1024;   ///< active functions
};

/// An exception: its tag and the cells of its payload.
struct Exception {
    const TagObject* tag = nullptr;
    std::vector<Cell> cells;
};

/// Reusable; one thread at a time. Takes a fixed range of addresses, of which only touched pages cost memory.
class Machine {
  public:
    explicit Machine(const StackLimits& limits = {});
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Calls `callee`. cells: its arguments, replaced by its results; room for both. `units` is what may be spent and
    /// becomes what is left. Trap::exit: the host's failure or an end that a host function asked for.
    engine::Trap call(const Callable& callee, std::span<Cell> cells, std::int64_t& units) noexcept;

    /// After a trap: the word of code where it stopped, and the instance it ran in; null in host functions.
    [[nodiscard]] const engine::Word* stopped_at() const noexcept { return context_.pc; }
    [[nodiscard]] const void* stopped_in() const noexcept { return context_.instance; }

    /// After Trap::exit: it was an exception that nobody caught.
    [[nodiscard]] bool uncaught() const noexcept { return uncaught_; }

    /// For host functions that need more than the context gives them.
    void* user = nullptr;
    /// Asked before memories grow, when set: takes bytes of the execution's budget; false: it is spent.
    bool (*reserve)(void* user, std::uint64_t bytes) = nullptr;
    /// Exceptions that references name; freed with the machine.
    std::deque<Exception> exceptions;
    /// The exception on its way to a handler.
    Exception pending;
    [[nodiscard]] static Machine& of(engine::Context& context) noexcept;

    void set_uncaught() noexcept { uncaught_ = true; }

  private:
    /// The engine hands contexts to host functions: from there back to the machine.
    struct OwnContext : engine::Context {
        Machine* machine = nullptr;
    };
    OwnContext context_;
    StackLimits limits_;
    Cell* cells_ = nullptr;
    engine::Record* records_ = nullptr;
    std::size_t mapped_ = 0;
    bool uncaught_ = false;
};

} // namespace rvm::wasm
