// The execution rules of single instructions.
#pragma once

#include "reference.hpp"

namespace rvm::wasm::reference {

class Interpreter {
  public:
    /// `units` is what may be spent and becomes what is left. `exceptions` keeps those that references name.
    Interpreter(std::int64_t& units, const Most& most, std::deque<Exception>& exceptions)
        : units_(units), most_(most), exceptions_(exceptions) {}

    /// Throws Trap; Exception when nobody catches it.
    std::vector<std::uint64_t> call(const Function& function, std::vector<std::uint64_t> arguments);

  private:
    struct Label {
        std::size_t height;   ///< of the operand stack under it
        std::size_t arity;    ///< operands a branch takes along
        std::uint32_t target; ///< offset where a branch goes on
        bool is_loop;
        std::uint32_t try_at = 0; ///< offset of the try_table it belongs to; 0: another instruction
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
    const Function& referred(Frame& frame);
    void branch_on_null(Frame& frame, const Instruction& in);
    void raise(Frame& frame, const Instruction& in);
    bool caught(Frame& frame, const Exception& exception);
    bool take(Frame& frame, std::size_t label, const Exception& exception);
    bool numeric(Frame& frame, const Instruction& in);
    bool floating(Frame& frame, const Instruction& in);
    void memory(Frame& frame, const Instruction& in);
    void table(Frame& frame, const Instruction& in);

    std::int64_t& units_;
    const Most& most_;
    std::deque<Exception>& exceptions_;
    std::uint32_t depth_ = 0;
};

/// The one pass over a body.
const Structure& structure_of(const Instance& instance, std::uint32_t function);

/// The value of a constant expression.
std::uint64_t evaluate(const Instance& instance, Range expression);
std::vector<std::uint64_t> element_values(const Instance& instance, std::uint32_t segment);

} // namespace rvm::wasm::reference
