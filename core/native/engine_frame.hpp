// One frame on the fast engine: the environment of register code made by translate(). Same results, gas, memory, state,
// traps and accounting as the reference interpreter, whose operations it uses.
#pragma once

#include "engine/context.hpp"
#include "native/machine.hpp"

namespace rvm::native {

/// Runs one frame, like interpret(). Traced frames go to the reference interpreter, which shows every instruction.
rvm_status execute_frame(const Artifact& artifact, const HostTables& host, rvm_frame& frame,
                         rvm_result& result) noexcept;

/// What the translator makes of an instruction that is more than arithmetic; null when it is arithmetic or control.
/// `immediate` of the call is the instruction's index.
struct EngineCall {
    engine::HostFunction host = nullptr; ///< may charge gas or run other programs
    engine::LeafFunction leaf = nullptr; ///< only reads, or writes memory
};
[[nodiscard]] EngineCall engine_call(Op op) noexcept;

/// An imported opcode that depends on its operands alone, for the engine to call; `run` is null for any other one.
[[nodiscard]] engine::Item engine_item(const LinkedImport& import) noexcept;

/// Ends the frame successfully with nothing: an entry function that returns with an empty stack.
[[nodiscard]] engine::HostFunction engine_end() noexcept;

class EngineFrame : private Machine {
  public:
    using Machine::Machine;

    rvm_status execute() noexcept;

  private:
    friend EngineCall engine_call(Op op) noexcept;
    friend engine::HostFunction engine_end() noexcept;
    friend engine::Item engine_item(const LinkedImport& import) noexcept;

    template <Op op>
    rvm_status operate(Word* a, const Instruction& in) noexcept;
    template <Op op>
    static engine::Trap perform(engine::Context& context, engine::Cell* window, std::uint64_t index) noexcept;
    static engine::Trap item_wrong(engine::Context& context, const engine::Item& item, std::int32_t status,
                                   bool paid) noexcept;
    template <Op op>
    static engine::Trap look(engine::Context& context, engine::Cell* out, const engine::Cell* a, const engine::Cell*,
                             const engine::Cell*, std::uint64_t index) noexcept;
    template <Op op>
    [[nodiscard]] static constexpr EngineCall call_of() noexcept;
    static engine::Trap more_stack(engine::Context& context, std::uint64_t height, std::uint64_t cells) noexcept;
    static engine::Trap more_gas(engine::Context& context, std::uint64_t price) noexcept;
    static const engine::Hooks hooks;

    static EngineFrame& of(engine::Context& context) noexcept { return *static_cast<EngineFrame*>(context.instance); }
    engine::Trap stop(rvm_status status) noexcept {
        ended_ = status;
        return engine::Trap::exit;
    }
    rvm_status run_code(std::uint32_t entry) noexcept;
    rvm_status grow_cells(std::uint64_t needed) noexcept;
    rvm_status account_record() noexcept;
    rvm_status account_stack(std::uint64_t words) noexcept;
    void show_limits() noexcept;

    engine::Context context_;
    engine::Cell* cells_ = nullptr;
    rvm_status ended_ = RVM_OK; ///< why a function of ours stopped the run
};

} // namespace rvm::native
