// Runs functions of instances: one stack, one budget.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "engine/context.hpp"
#include "run/objects.hpp"

namespace rvm::wasm {

class Instance;

/// Part of the rules: how deep calls go, counted from the code (see frame_height), not from the host's stack.
struct StackLimits {
    std::uint64_t words = 256 * 1024; ///< sum of the frame heights of all active functions
    std::uint64_t calls = 8 * 1024;   ///< active functions
    /// What a machine begins with. It grows in powers of two, each step asking `reserve`.
    static constexpr std::uint64_t first_words = 512;
    static constexpr std::uint64_t first_calls = 128;
    /// What a word of height takes of the memory budget: its cell, and the record of its call.
    static constexpr std::uint64_t bytes_per_word = 16;
};

/// An exception: its tag and the cells of its payload.
struct Exception {
    const TagObject* tag = nullptr;
    std::size_t operands = 0; ///< values of the payload
    std::vector<Cell> cells;
};

/// Reusable; one thread at a time. Takes a fixed range of addresses, of which only touched pages cost memory.
class Machine {
  public:
    explicit Machine(const StackLimits& limits = {});
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Calls a function of `instance`. cells: its arguments, replaced by its results; room for both. `units` is what
    /// may be spent and becomes what is left. Trap::exit: the host's failure or an end that a host function asked for.
    /// A function of the host that the instance imports works on this instance's memory, as when its code calls it.
    engine::Trap call(Instance& instance, std::uint32_t function, std::span<Cell> cells, std::int64_t& units) noexcept;

    /// Units of a quantum; 0: a call runs to its end. With it, a call ends with Trap::yield at the entry of the block
    /// that the quantum cannot pay, however deep in calls; nothing may happen to the machine then but resume(). What a
    /// quantum leaves does not change what the whole costs.
    std::int64_t slice = 0;
    /// Goes on after Trap::yield. `cells` and `units` as for call().
    engine::Trap resume(std::span<Cell> cells, std::int64_t& units) noexcept;

    /// Called at the entry of every block that costs anything, before it is paid, when set. For tracers.
    void (*on_block)(void* user, engine::Context& context, std::uint64_t price) = nullptr;

    /// As it was made: for machines that wait for the next program. What it was cannot be told afterwards.
    void reset() noexcept;

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
    /// Takes bytes of the execution's budget, if there is one.
    [[nodiscard]] bool take(std::uint64_t bytes) noexcept { return reserve == nullptr || reserve(user, bytes); }
    // The engine's cold paths, see engine::Hooks.
    engine::Trap more_stack(std::uint64_t height) noexcept;
    engine::Trap more_gas(std::uint64_t price) noexcept;

  private:
    /// The engine hands contexts to host functions: from there back to the machine.
    struct OwnContext : engine::Context {
        Machine* machine = nullptr;
    };
    void prepare(std::int64_t units) noexcept;
    engine::Trap call_host(const Callable& callee, std::span<Cell> cells, std::int64_t& units) noexcept;
    engine::Trap run(std::span<Cell> cells, std::int64_t& units) noexcept;
    void grant(std::int64_t units) noexcept;

    OwnContext context_;
    StackLimits limits_;
    std::uint64_t words_ = 0; ///< that the running program may use now
    std::uint64_t calls_ = 0;
    Cell* cells_ = nullptr;
    engine::Record* records_ = nullptr;
    std::size_t mapped_ = 0;
    bool uncaught_ = false;
};

} // namespace rvm::wasm
