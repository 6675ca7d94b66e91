// Stack code to register code: a sink of the validator that tells the engine's builder what each instruction does.
#pragma once

#include <span>
#include <vector>

#include "engine/builder.hpp"
#include "module/validator.hpp"
#include "translate/program.hpp"

namespace rvm::wasm {

class Translator {
  public:
    explicit Translator(const Module& module) : module_(module), builder_({}, words_of(module)) {}

    // -- as a sink
    void begin(std::uint32_t function, std::span<const ValueType> locals);
    void instruction(const Instruction& in);
    /// Throws ModuleError when the frame is larger than the rules allow, or the code than the engine can hold.
    void end(std::uint32_t most_cells);

    /// The code of all functions.
    [[nodiscard]] engine::Code finish();
    /// How much the engine's builder has looked at, see there.
    [[nodiscard]] std::uint64_t visits() const noexcept { return builder_.visits(); }
    /// Hands over what it found of try_table.
    void take_tries(Program& to) {
        to.tries = std::move(tries_);
        to.try_boundaries = std::move(try_boundaries_);
        to.clauses = std::move(clauses_);
    }

  private:
    struct Control {
        Op op = Op::block;
        bool live = false;                    ///< entered by code that control can reach; else its labels do not exist
        bool targeted = false;                ///< function level: a conditional branch leads to the end
        engine::Label end;                    ///< of a loop: its start
        engine::Label otherwise;              ///< if: where the condition is zero
        std::uint32_t results = 0;            ///< values it leaves
        std::uint32_t operands = 0;           ///< values that a branch to it takes along
        std::uint32_t range = TryTable::none; ///< try_table: its entry in tries_
    };

    void control(const Instruction& in);
    void open(const Instruction& in);
    void open_try(const Instruction& in, Control& next, std::uint32_t below);
    void raise(const Instruction& in);
    void close();
    void branch_table(const Instruction& in);
    void call(const Instruction& in);
    void variable(const Instruction& in);
    void reference(const Instruction& in);
    void bulk(const Instruction& in);
    void plain(const Instruction& in);
    void other(const Instruction& in);
    void load(const Instruction& in, engine::Op op, engine::Type result);
    void store(const Instruction& in, engine::Op op);
    void vector(const Instruction& in);
    bool far_memory(const Instruction& in, engine::Type result, std::uint32_t operands, bool is_load);

    [[nodiscard]] Control& target(std::uint32_t depth) { return controls_[controls_.size() - 1 - depth]; }
    /// The label of a branch; marks the function's end as needed.
    [[nodiscard]] engine::Label label_of(std::uint32_t depth);
    /// Valid until the next one.
    [[nodiscard]] std::span<const engine::Type> types(std::span<const ValueType> values);
    /// About as many words as its code will have.
    [[nodiscard]] static std::size_t words_of(const Module& module) noexcept;
    /// Words the rules count between this function's base and that of a callee whose arguments are on top.
    [[nodiscard]] std::uint32_t advance(std::uint32_t arguments) const;

    const Module& module_;
    engine::Builder builder_;
    std::vector<Control> controls_;
    std::vector<std::uint32_t> local_cells_; ///< first cell of each local
    std::vector<ValueType> locals_;
    std::vector<engine::Label> labels_; ///< of a branch table
    std::vector<engine::Type> types_;
    std::vector<TryTable> tries_;
    std::vector<TryBoundary> try_boundaries_;
    std::vector<CatchTarget> clauses_;
    std::uint32_t open_try_ = TryTable::none;
    std::uint32_t function_ = 0;
    std::uint32_t cells_of_locals_ = 0;
};

[[nodiscard]] constexpr engine::Type cell_type(ValueType type) noexcept {
    if (type == i32) return engine::Type::i32;
    if (type == i64) return engine::Type::i64;
    if (type == f32) return engine::Type::f32;
    if (type == f64) return engine::Type::f64;
    if (type == v128) return engine::Type::v128;
    return engine::Type::ref;
}

} // namespace rvm::wasm
