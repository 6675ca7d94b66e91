// Random code of one function: values of wanted types, and statements that leave the operand stack as it was. Code that
// cannot be reached is written by the same rules.
#pragma once

#include <map>

#include "generator/plan.hpp"

namespace rvm::wasm::generator {

class Code {
  public:
    /// `function`: its index; calls mostly go to higher ones. UINT32_MAX: it is none of the planned ones.
    Code(Random& random, Plan& plan, Signature own, std::uint32_t function);

    /// Statements and the results.
    void random_body();
    /// Locals, code, end; with its size.
    [[nodiscard]] Bytes finish();

    // Pieces, for bodies that are not random.
    Bytes& out() noexcept { return out_; }
    [[nodiscard]] std::uint32_t fresh(char type);
    /// A constant, or a reference.
    void leaf(char type);

  private:
    struct Label {
        std::string types; ///< what a branch takes along
        bool is_loop = false;
    };

    // -- values
    void value(char type, unsigned depth);
    void values(const std::string& types, unsigned depth);
    bool operation(char type, unsigned depth);
    bool load(char type, unsigned depth);
    void reference(char type, unsigned depth);
    void select(char type, unsigned depth);
    bool call_value(char type, unsigned depth);
    bool measure(char type, unsigned depth);
    void block_value(char type, unsigned depth);
    void canonical(Op op);

    // -- statements
    void statements(unsigned depth);
    void statement(unsigned depth);
    void assign(unsigned depth);
    void store(unsigned depth);
    void bulk(unsigned depth);
    void table(unsigned depth);
    void branch(unsigned depth);
    void branch_on_null(unsigned depth);
    void branch_table(unsigned depth);
    void call(unsigned depth);
    void leave(unsigned depth);
    void read_back(unsigned depth);
    void grow(unsigned depth);
    void raise(unsigned depth);
    void keep(char type);
    void sink(char type);
    void sink(const std::string& types);

    // -- parts
    enum class Block : std::uint8_t { block, loop, if_ };
    /// A block that takes `parameters` and leaves `results` on the stack.
    void block(Block kind, const std::string& parameters, const std::string& results, unsigned depth);
    void try_block(const std::string& results, unsigned depth);
    void catch_clause(Bytes& clauses, std::uint8_t kind, std::uint32_t tag, std::uint32_t label);
    void block_type(const std::string& parameters, const std::string& results);
    void address(const PlannedMemory& memory, unsigned depth);
    void small(bool is64, std::uint32_t below, unsigned depth);
    void memarg(Op op, std::uint32_t memory);
    void memarg(Op op, std::uint32_t memory, std::uint64_t offset);
    void spend();
    void keep_last(const std::string& results);
    bool invoke(std::uint32_t function, bool tail, unsigned depth);
    [[nodiscard]] std::uint32_t callee();
    [[nodiscard]] std::uint32_t label();
    [[nodiscard]] std::string some(std::uint64_t most);
    [[nodiscard]] bool careless() { return random_.one_in(plan_.wild ? 5 : plan_.options.portable ? 400 : 80); }
    [[nodiscard]] const Label& at(std::uint32_t depth) const { return labels_[labels_.size() - 1 - depth]; }
    /// A local of the type that code may use freely, or UINT32_MAX.
    [[nodiscard]] std::uint32_t local(char type);
    [[nodiscard]] std::uint32_t scratch(char type);

    Random& random_;
    Plan& plan_;
    Signature own_;
    std::uint32_t function_;
    Bytes out_;
    std::string locals_;
    std::size_t free_ = 0; ///< locals before this one may be used by anything
    std::map<char, std::uint32_t> scratch_;
    std::vector<Label> labels_;
    int budget_;
};

/// Instructions that take operands from the stack and leave a value of this letter, or nothing ('.'): arithmetic,
/// loads, stores, lanes. Only of these features.
struct Instructions {
    std::vector<Op> plain, loads, stores;
};
[[nodiscard]] const Instructions& instructions(Features features, char result);

} // namespace rvm::wasm::generator
