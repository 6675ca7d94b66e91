// The execution rules of single instructions.
#pragma once

#include <functional>

#include "reference.hpp"

namespace rvm::wasm::reference {

class Interpreter {
  public:
    /// `units` is what may be spent and becomes what is left.
    explicit Interpreter(std::int64_t& units) : units_(units) {}

    /// Throws Trap.
    std::vector<std::uint64_t> call(const Function& function, std::vector<std::uint64_t> arguments);

  private:
    struct Label {
        std::size_t height;   ///< of the operand stack under it
        std::size_t arity;    ///< operands a branch takes along
        std::uint32_t target; ///< offset where a branch goes on
        bool is_loop;
    };
    struct Frame {
        const Instance& instance;
        const Structure& structure;
        std::vector<std::uint64_t> locals;
        std::vector<std::uint64_t> stack;
        std::vector<Label> labels;
        std::uint32_t at = 0; ///< offset of the next instruction
        bool returned = false;
        const Function* tail = nullptr; ///< a tail call ends the frame
    };

    void pay(std::uint64_t units);
    void enter_run(Frame& frame, std::uint32_t offset);
    void branch(Frame& frame, std::uint32_t depth);
    void step(Frame& frame);
    void control(Frame& frame, const Instruction& in);
    void invoke(Frame& frame, const Function& callee, bool tail);
    const Function& indirect(Frame& frame, const Instruction& in);
    bool numeric(Frame& frame, const Instruction& in);
    bool floating(Frame& frame, const Instruction& in);
    void memory(Frame& frame, const Instruction& in);
    void table(Frame& frame, const Instruction& in);

    std::int64_t& units_;
    std::uint32_t depth_ = 0;
};

/// The one pass over a body.
const Structure& structure_of(const Instance& instance, std::uint32_t function);

std::vector<std::uint64_t> element_values(const Instance& instance, std::uint32_t segment,
                                          const std::function<std::uint64_t(Range)>& evaluate);

} // namespace rvm::wasm::reference
