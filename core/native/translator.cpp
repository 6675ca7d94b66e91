#include "native/translator.hpp"

#include <array>
#include <bit>
#include <vector>

#include "engine/builder.hpp"
#include "native/engine_frame.hpp"

namespace rvm::native {
namespace {

using engine::Type;

/// The engine's operation for one that is plain arithmetic.
std::optional<engine::Op> arithmetic(Op op) noexcept {
    using E = engine::Op;
    switch (op) {
    case Op::add:
        return E::i64_add;
    case Op::sub:
        return E::i64_sub;
    case Op::mul:
        return E::i64_mul;
    case Op::mulhi:
        return E::i64_mul_high;
    case Op::div:
        return E::i64_div_u;
    case Op::sdiv:
        return E::i64_div_s_wrap;
    case Op::mod:
        return E::i64_rem_u;
    case Op::smod:
        return E::i64_rem_s;
    case Op::eq:
        return E::i64_eq;
    case Op::ne:
        return E::i64_ne;
    case Op::lt:
        return E::i64_lt_u;
    case Op::gt:
        return E::i64_gt_u;
    case Op::slt:
        return E::i64_lt_s;
    case Op::sgt:
        return E::i64_gt_s;
    case Op::and_:
        return E::i64_and;
    case Op::or_:
        return E::i64_or;
    case Op::xor_:
        return E::i64_xor;
    case Op::not_:
        return E::i64_not;
    case Op::shl:
        return E::i64_shl;
    case Op::shr:
        return E::i64_shr_u;
    case Op::sar:
        return E::i64_shr_s;
    case Op::rotl:
        return E::i64_rotl;
    case Op::clz:
        return E::i64_clz;
    case Op::ctz:
        return E::i64_ctz;
    case Op::popcnt:
        return E::i64_popcnt;
    case Op::bswap:
        return E::i64_bswap;
    case Op::load8:
        return E::load8_u;
    case Op::load16:
        return E::load16_u;
    case Op::load32:
        return E::load32_u;
    case Op::load64:
        return E::load64;
    case Op::store8:
        return E::store8;
    case Op::store16:
        return E::store16;
    case Op::store32:
        return E::store32;
    case Op::store64:
        return E::store64;
    default:
        return std::nullopt;
    }
}

class Translator {
  public:
    explicit Translator(const Artifact& artifact)
        : program_(artifact.program), imports_(artifact.imports), labels_(artifact.program.code.size()) {}

    std::optional<engine::Code> run() {
        types_.fill(Type::i64);
        for (std::uint32_t i = 0; i < program_.functions.size(); ++i)
            function(i);
        return builder_.finish();
    }

  private:
    [[nodiscard]] bool is_entry(std::uint32_t function) const noexcept {
        return function == program_.main || function == program_.init;
    }
    [[nodiscard]] std::span<const Type> words(std::uint32_t count) const noexcept { return {types_.data(), count}; }

    void function(std::uint32_t index) {
        const Function& source = program_.functions[index];
        const std::uint32_t end = index + 1 < program_.functions.size()
                                      ? program_.functions[index + 1].first
                                      : static_cast<std::uint32_t>(program_.code.size());
        function_ = index;
        registers_ = 0;
        parameters_ = source.parameters;
        for (std::uint32_t i = source.first; i < end; ++i)
            if (program_.code[i].op == Op::get || program_.code[i].op == Op::set)
                registers_ |= 1U << program_.code[i].small;
        const std::uint32_t results = is_entry(index) ? 1 : source.results;
        const auto used = static_cast<std::uint32_t>(std::popcount(registers_));
        builder_.at(source.first);
        builder_.begin_function(index, {.parameters = parameters_,
                                        .locals = parameters_ + used,
                                        .results = results,
                                        .height = source.max_height,
                                        .on_stack = parameters_});
        for (std::uint32_t i = source.first; i < end; ++i) // jumps forward need their labels
            if (written_label(i)) labels_[i] = builder_.label(program_.code[i].index, {});
        for (std::uint32_t i = source.first; i < end; ++i)
            instruction(i);
        builder_.end_function();
    }

    [[nodiscard]] bool written_label(std::uint32_t index) const noexcept {
        return program_.code[index].op == Op::label && program_.code[index].small == 0;
    }

    /// The cell of a register: those that the function uses follow its parameters.
    [[nodiscard]] std::uint32_t cell(std::uint8_t reg) const noexcept {
        return parameters_ + static_cast<std::uint32_t>(std::popcount(registers_ & ((1U << reg) - 1)));
    }

    void instruction(std::uint32_t index) {
        const Instruction& in = program_.code[index];
        builder_.at(index);
        switch (in.op) {
        case Op::label:
            if (in.small == 0) builder_.bind(labels_[index]);
            builder_.charge(in.value);
            return;
        case Op::trap:
            return builder_.trap(engine::Trap::unreachable);
        case Op::jump:
            return builder_.jump(labels_[in.index]);
        case Op::jumpz:
            return builder_.jump_if(labels_[in.index], true);
        case Op::jumpnz:
            return builder_.jump_if(labels_[in.index]);
        case Op::jumptable:
            return table(in);
        case Op::call:
            return builder_.call(in.index, in.pops, words(in.pushes), builder_.height() - in.pops);
        case Op::ret:
            if (!is_entry(function_) || builder_.height() != 0) return builder_.ret();
            return end(engine_end(), index, 0);
        case Op::halt:
        case Op::return_:
        case Op::revert:
            return end(engine_call(in.op).host, index, in.pops);
        case Op::push:
            return builder_.push(Type::i64, in.value);
        case Op::drop:
            return builder_.drop();
        case Op::dup:
            return builder_.pick(0);
        case Op::swap:
            return builder_.swap();
        case Op::pick:
            return builder_.pick(in.small);
        case Op::select:
            return builder_.select();
        case Op::get:
            return builder_.local_get(cell(in.small), Type::i64);
        case Op::set:
            return builder_.local_set(cell(in.small));
        case Op::iszero:
            return builder_.equals_zero();
        case Op::sext:
            return builder_.unary(in.small == 8    ? engine::Op::i64_extend8_s
                                  : in.small == 16 ? engine::Op::i64_extend16_s
                                                   : engine::Op::i64_extend32_s,
                                  Type::i64);
        default:
            return operation(in, index);
        }
    }

    void operation(const Instruction& in, std::uint32_t index) {
        if (const auto op = arithmetic(in.op)) {
            if (in.op >= Op::load8 && in.op <= Op::load64) return builder_.load(*op, 0, Type::i64);
            if (in.op >= Op::store8 && in.op <= Op::store64) return builder_.store(*op, 0);
            if (in.op >= Op::eq && in.op <= Op::sgt) return builder_.compare(*op);
            if (in.pops == 1) return builder_.unary(*op, Type::i64);
            return builder_.binary(*op, Type::i64);
        }
        if (in.op == Op::ext && imports_[in.index].item.run != nullptr)
            return builder_.item(imports_[in.index].item, in.value, in.pops, words(in.pushes));
        const EngineCall call = engine_call(in.op);
        if (call.leaf != nullptr)
            return builder_.leaf(call.leaf, index, in.pops, in.pushes != 0 ? std::optional{Type::i64} : std::nullopt);
        builder_.host(call.host, index, in.pops, words(in.pushes));
    }

    /// An instruction after which nothing is reached: the function stops the run.
    void end(engine::HostFunction ending, std::uint32_t index, std::uint32_t operands) {
        builder_.host(ending, index, operands, {});
        builder_.trap(engine::Trap::unreachable);
    }

    void table(const Instruction& in) {
        table_.clear();
        for (std::uint64_t i = 0; i < in.value; ++i)
            table_.push_back(labels_[program_.targets[in.index + i]]);
        builder_.jump_table(table_, labels_[program_.targets[in.index + in.value]]);
    }

    const Program& program_;
    std::span<const LinkedImport> imports_;
    engine::Builder builder_;
    std::vector<engine::Label> labels_; ///< by instruction
    std::vector<engine::Label> table_;
    std::array<Type, 256> types_{};
    std::uint32_t function_ = 0;
    std::uint32_t parameters_ = 0;
    std::uint32_t registers_ = 0; ///< bit n: the function uses register n
};

} // namespace

std::optional<engine::Code> translate(const Artifact& artifact) { return Translator{artifact}.run(); }

} // namespace rvm::native
