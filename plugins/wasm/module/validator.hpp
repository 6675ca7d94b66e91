// Validation of function bodies (core specification 3.3 and appendix A.3): one pass over the bytes with a stack of
// operand types and a stack of open blocks, no recursion. A sink sees every instruction right after it was judged, so
// that translation happens in the same pass.
#pragma once

#include <algorithm>
#include <vector>

#include "instruction.hpp"
#include "limits.hpp"
#include "module.hpp"

namespace rvm::wasm {

/// Only judges.
struct NoSink {
    void begin(std::uint32_t /*function*/, std::span<const ValueType> /*locals, parameters first*/) {}
    void instruction(const Instruction&) {}
    void end(std::uint32_t /*most_cells: of the function's operand stack*/) {}
};

/// Judges bodies of one module, one after the other; reuses its stacks. Not thread-safe.
template <class Sink>
class Validator {
  public:
    Validator(const Module& module, Sink& sink)
        : module_(module), sink_(sink),
          listed_left_(limits::listed_operands + limits::listed_operands_per_byte * module.bytes.size()),
          locals_left_(most_locals()) {}

    /// `index` among all functions; not an import. Throws ModuleError.
    void run(std::uint32_t index) {
        const std::uint32_t type = module_.functions[index];
        const Range body = module_.bodies[index - module_.imported_functions];
        Reader reader(module_.part(body), body.offset);
        read_locals(reader, type, body.offset);
        operands_.clear();
        controls_.clear();
        assigned_.clear();
        cells_ = 0;
        most_cells_ = 0;
        sink_.begin(index, locals_);
        Control function;
        function.op = Op::block;
        function.block.index = type;
        controls_.push_back(function);
        const TypeIndices type_indices = module_.type_first;
        Instruction instruction;
        while (!controls_.empty()) {
            if (reader.at_end()) malformed(reader.offset(), "the function body ends without an end");
            read_instruction(reader, module_.features, type_indices, instruction);
            judge(instruction);
            sink_.instruction(instruction);
        }
        sink_.end(most_cells_);
        if (!reader.at_end())
            malformed(reader.offset(), "section size mismatch: operators remain after the end of the function");
    }

  private:
    struct Control {
        Op op = Op::block;
        bool unreachable = false;
        BlockType block;
        std::uint32_t height = 0;   ///< operands below belong to outer blocks
        std::uint32_t cells = 0;    ///< and the cells they take
        std::uint32_t assigned = 0; ///< size of assigned_ at entry
    };

    // -- the body's head

    [[nodiscard]] std::uint64_t most_locals() const noexcept {
        return limits::all_locals + limits::all_locals_per_byte * module_.bytes.size();
    }
    /// Before so many locals are made.
    void count_locals(std::size_t locals, std::uint64_t at) {
        if (locals > locals_left_) over_limit(at, "the module's functions have too many locals in all", most_locals());
        locals_left_ -= locals;
    }
    void read_locals(Reader& reader, std::uint32_t type, std::uint64_t offset) {
        const std::span<const ValueType> parameters = module_.parameters(type);
        count_locals(parameters.size(), offset);
        locals_.assign(parameters.begin(), parameters.end());
        all_have_values_ = true;
        const std::uint32_t groups = reader.u32("locals");
        std::uint64_t total = 0; // of declared locals: the format bounds them by 2^32 - 1
        for (std::uint32_t i = 0; i < groups; ++i) {
            const std::uint64_t at = reader.offset();
            const std::uint32_t count = reader.u32("locals");
            total += count;
            if (total > UINT32_MAX) malformed(at, "too many locals");
            const ValueType local = read_value_type(reader, module_.features, module_.type_first);
            if (locals_.size() + count > limits::locals) over_limit(at, "too many locals", limits::locals);
            count_locals(count, at);
            locals_.insert(locals_.end(), count, local);
            all_have_values_ &= local.has_default();
        }
        if (all_have_values_) return;
        initialized_.assign(parameters.size(), true);
        for (std::size_t i = parameters.size(); i < locals_.size(); ++i) {
            initialized_.push_back(locals_[i].has_default());
        }
    }

    // -- operand stack

    void push(ValueType type) {
        if (operands_.size() >= limits::operands) too_many_operands();
        operands_.push_back(type);
        cells_ += type.cells();
        most_cells_ = std::max(most_cells_, cells_);
    }
    /// Before a list of types is gone through.
    void count(std::size_t types) {
        if (types > listed_left_) {
            over_limit(at_, "branches, blocks and calls hand on too many operands",
                       limits::listed_operands + limits::listed_operands_per_byte * module_.bytes.size());
        }
        listed_left_ -= types;
    }
    void push(std::span<const ValueType> types) {
        count(types.size());
        for (const ValueType type : types) {
            push(type);
        }
    }
    ValueType pop_any() {
        const Control& control = controls_.back();
        if (operands_.size() == control.height) {
            if (control.unreachable) return {};
            no_operand();
        }
        const ValueType top = operands_.back();
        operands_.pop_back();
        cells_ -= top.cells();
        return top;
    }
    ValueType pop(ValueType expected) {
        if (operands_.size() > controls_.back().height && operands_.back() == expected) [[likely]] {
            operands_.pop_back();
            cells_ -= expected.cells();
            return expected;
        }
        const ValueType found = pop_any();
        if (!matches(found, expected)) mismatch(expected, found);
        return found;
    }
    // What complains is apart from what judges: texts take more room than judging, and the compiler keeps that inline.
    [[noreturn]] void too_many_operands() const { over_limit(at_, "too many operands", limits::operands); }
    [[noreturn]] void no_operand() const {
        invalid(at_, std::string("type mismatch in ") + std::string(info(op_).text) + ": the operand stack is empty");
    }
    [[noreturn]] void mismatch(ValueType expected, ValueType found) const {
        invalid(at_, "type mismatch in " + std::string(info(op_).text) + ": expected " + expected.text() + ", found " +
                         found.text());
    }
    void pop(std::span<const ValueType> types) {
        count(types.size());
        for (std::size_t i = types.size(); i-- > 0;) {
            pop(types[i]);
        }
    }
    /// Pops and pushes back: the operands keep their own, maybe more special types.
    void require(std::span<const ValueType> types) {
        pop(types);
        push(types);
    }
    ValueType pop_reference() {
        const ValueType found = pop_any();
        if (!found.is_reference() && !found.is_bottom()) {
            invalid(at_, "type mismatch in " + std::string(info(op_).text) + ": expected a reference, found " +
                             found.text());
        }
        return found;
    }

    // -- blocks

    std::span<const ValueType> starts(const BlockType& block) const {
        if (block.index != BlockType::no_index) return module_.parameters(block.index);
        return {};
    }
    std::span<const ValueType> ends(const BlockType& block) const {
        if (block.index != BlockType::no_index) return module_.results(block.index);
        return {&block.result, block.result.is_bottom() ? std::size_t{0} : std::size_t{1}};
    }
    std::span<const ValueType> label_types(std::uint32_t depth) const {
        const Control& target = controls_[controls_.size() - 1 - depth];
        return target.op == Op::loop ? starts(target.block) : ends(target.block);
    }
    void check_label(std::uint32_t depth) const {
        if (depth >= controls_.size()) unknown_label(depth);
    }
    [[noreturn]] void unknown_label(std::uint32_t depth) const {
        invalid(at_, "unknown label " + std::to_string(depth) + ", " + std::to_string(controls_.size()) + " are open");
    }

    void open(const Instruction& in) {
        if (controls_.size() >= limits::control_depth) over_limit(at_, "blocks nest too deep", limits::control_depth);
        pop(starts(in.block));
        Control control;
        control.op = in.op;
        control.block = in.block;
        control.height = static_cast<std::uint32_t>(operands_.size());
        control.cells = cells_;
        control.assigned = static_cast<std::uint32_t>(assigned_.size());
        controls_.push_back(control);
        push(starts(in.block));
    }
    /// Checks the results on top of the block's floor and closes it.
    Control close() {
        const Control control = controls_.back();
        pop(ends(control.block));
        if (operands_.size() != control.height) {
            invalid(at_, "type mismatch: " + std::to_string(operands_.size() - control.height) +
                             " operands remain at the end of the block");
        }
        for (; assigned_.size() > control.assigned; assigned_.pop_back()) {
            initialized_[assigned_.back()] = false;
        }
        controls_.pop_back();
        return control;
    }
    void leave() {
        Control& control = controls_.back();
        operands_.resize(control.height);
        cells_ = control.cells;
        control.unreachable = true;
    }

    // -- what indices mean

    [[noreturn]] void unknown(const char* what, std::uint32_t index) const {
        invalid(at_, "unknown " + std::string(what) + " " + std::to_string(index));
    }
    [[noreturn]] void unknown_local(std::uint32_t index) const {
        invalid(at_, "unknown local " + std::to_string(index) + ", the function has " + std::to_string(locals_.size()));
    }
    std::uint32_t local(const Instruction& in) const {
        if (in.index >= locals_.size()) unknown_local(in.index);
        return in.index;
    }
    [[noreturn]] void uninitialized(std::uint32_t local) const {
        invalid(at_, "uninitialized local " + std::to_string(local));
    }
    [[noreturn]] void immutable(std::uint32_t global) const {
        invalid(at_, "global is immutable: " + std::to_string(global));
    }
    [[noreturn]] void undeclared(std::uint32_t function) const {
        invalid(at_, "undeclared function reference " + std::to_string(function));
    }
    const GlobalType& global(std::uint32_t index) const {
        if (index >= module_.globals.size()) unknown("global", index);
        return module_.globals[index];
    }
    const TableType& table(std::uint32_t index) const {
        if (index >= module_.tables.size()) unknown("table", index);
        return module_.tables[index];
    }
    ValueType memory(std::uint32_t index) const {
        if (index >= module_.memories.size()) unknown("memory", index);
        return module_.memories[index].limits.address();
    }
    std::uint32_t function(std::uint32_t index) const {
        if (index >= module_.functions.size()) unknown("function", index);
        return module_.functions[index];
    }
    const ElementSegment& element(std::uint32_t index) const {
        if (index >= module_.elements.size()) unknown("elem segment", index);
        return module_.elements[index];
    }
    void data(std::uint32_t index) const {
        if (!module_.has_data_count) malformed(at_, "data count section required");
        if (index >= module_.data_count) unknown("data segment", index);
    }
    std::uint32_t tag(std::uint32_t index) const {
        if (index >= module_.tags.size()) unknown("tag", index);
        return module_.tags[index];
    }

    // -- instructions

    /// Those whose whole rule is their signature.
    void simple(const Instruction& in) {
        const auto& rule = wasm::rule(in.op);
        const ValueType address = rule.checked ? check_immediates(in) : ValueType();
        const auto type = [&](ValueType of) { return of.is_bottom() ? address : of; };
        const std::size_t taken = rule.operand_count;
        if (operands_.size() >= controls_.back().height + taken) [[likely]] {
            const ValueType* const lowest = operands_.data() + operands_.size() - taken;
            bool equal = true;
            for (std::size_t i = 0; i < taken; ++i) {
                equal &= lowest[i] == type(rule.operands[i]);
            }
            if (equal) [[likely]] {
                cells_ -= rule.operand_cells;
                if (taken == 0 || rule.result_count == 0) {
                    for (std::size_t i = 0; i < taken; ++i) {
                        operands_.pop_back();
                    }
                    if (rule.result_count != 0) push(type(rule.result));
                    return;
                }
                for (std::size_t i = 1; i < taken; ++i) {
                    operands_.pop_back();
                }
                operands_.back() = type(rule.result);
                cells_ += rule.result.cells();
                most_cells_ = std::max(most_cells_, cells_);
                return;
            }
        }
        for (std::size_t i = taken; i-- > 0;) { // says what is wrong
            pop(type(rule.operands[i]));
        }
        if (rule.result_count != 0) push(type(rule.result));
    }
    /// The address type of the memory that is accessed, if any.
    ValueType check_immediates(const Instruction& in) const {
        const OpInfo& op = info(in.op);
        ValueType address;
        if (op.immediate == Immediate::memarg || op.immediate == Immediate::memarg_lane ||
            op.immediate == Immediate::memory) {
            address = memory(in.index);
            if (op.immediate != Immediate::memory) check_memarg(in, op, address);
        }
        if (op.immediate == Immediate::lane && in.lane >= op.access) bad_lane(in.lane, op.access);
        if (op.immediate == Immediate::memarg_lane && in.lane >= 16u >> op.access) bad_lane(in.lane, 16u >> op.access);
        if (op.immediate == Immediate::shuffle && *std::max_element(in.bytes, in.bytes + 16) >= 32) bad_lane(255, 32);
        return address;
    }
    [[noreturn]] void bad_lane(std::uint32_t lane, std::uint32_t lanes) const {
        invalid(at_, "invalid lane index " + std::to_string(lane) + ", must be below " + std::to_string(lanes));
    }
    void check_memarg(const Instruction& in, const OpInfo& op, ValueType address) const {
        if (in.align > op.access) bad_alignment(in.align, op.access);
        if (address == i32 && in.value > UINT32_MAX) bad_offset(in.value);
    }
    [[noreturn]] void bad_alignment(std::uint32_t align, std::uint32_t access) const {
        invalid(at_, "alignment must not be larger than natural: 2^" + std::to_string(align) + " for " +
                         std::to_string(1u << access) + " bytes");
    }
    [[noreturn]] void bad_offset(std::uint64_t offset) const {
        invalid(at_, "offset out of range: " + std::to_string(offset));
    }
    void judge(const Instruction& in);
    void judge_branch_table(const Instruction& in);
    void judge_try_table(const Instruction& in);
    void judge_select(const Instruction& in);
    void judge_call(std::uint32_t type, bool tail);
    void judge_reference_branch(const Instruction& in);
    void judge_bulk(const Instruction& in);

    const Module& module_;
    Sink& sink_;
    std::vector<ValueType> locals_;
    bool all_have_values_ = true; ///< of the locals at the start of the body; else initialized_ says which have one now
    std::vector<bool> initialized_;
    std::vector<std::uint32_t> assigned_; ///< locals without default that were first assigned in open blocks
    std::vector<ValueType> operands_;
    std::vector<Control> controls_;
    std::uint64_t listed_left_; ///< see limits::listed_operands
    std::uint64_t locals_left_; ///< see limits::all_locals
    std::uint32_t cells_ = 0;
    std::uint32_t most_cells_ = 0;
    std::uint32_t at_ = 0;
    Op op_ = Op::nop;
};

/// Judges every body without a sink.
void validate_bodies(const Module& module);

} // namespace rvm::wasm

#include "validator_rules.hpp"
