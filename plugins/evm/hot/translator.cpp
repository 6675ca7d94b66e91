#include "hot/translator.hpp"

#include <algorithm>
#include <new>

namespace rvm::evm::hot {
namespace {

/// An offset that instructions hold themselves.
bool is_small(const Value& offset) {
    return offset.constant != nullptr && offset.constant->fits_64() && offset.constant->limbs[0] <= UINT32_MAX;
}

} // namespace

// ---- Blocks ----

void Translator::translate_all() {
    const std::size_t size = code_.size;
    program_.block_at.assign(size, 0);
    program_.instructions.reserve(size + 16); // most opcodes leave one instruction or none
    program_.positions.reserve(size + 16);
    while (pc_ <= size) { // one past the end is a STOP
        begin_block(pc_);
        while (opcode()) {
        }
    }
    resolve();
}

std::int32_t Translator::translate_part(std::uint32_t position, std::size_t last) {
    pc_ = position;
    begin_block(position);
    while (program_.instructions.size() <= last)
        static_cast<void>(opcode());
    slots_.settle([&](std::int32_t to, const Value& from) { moves_.push_back({to, from}); });
    return slots_.height();
}

void Translator::begin_block(std::uint64_t position) {
    slots_.reset();
    rests_.clear();
    gas_ = 0;
    opcodes_ = 0;
    compared_ = false;
    header_ = program_.instructions.size();
    if (position < program_.block_at.size() && code_.bytes[position] == OP_JUMPDEST)
        program_.block_at[position] = static_cast<std::uint32_t>(header_) + 1;
    pc_ = position;
    emit(kHandlers.enter);
    run_of_jumpdests();
}

/// JUMPDESTs in a row at a block's beginning count as one opcode, and the block pays for all of them.
void Translator::run_of_jumpdests() {
    if (code_.bytes[pc_] != OP_JUMPDEST) return; // padded with STOP
    opcodes_ = 1;
    const std::uint64_t start = pc_;
    const auto later = static_cast<std::uint32_t>(header_ + 1) | Program::kInRun;
    while (code_.bytes[++pc_] == OP_JUMPDEST)
        if (!program_.block_at.empty()) program_.block_at[pc_] = later;
    gas_ = static_cast<std::uint32_t>(pc_ - start) * static_cast<std::uint32_t>(schedule_.gas[OP_JUMPDEST]);
}

void Translator::end_block() {
    Instruction& header = program_.instructions[header_];
    header.x = gas_;
    header.a = bytes(slots_.depth());
    header.b = bytes(static_cast<std::int32_t>(kStackLimit) - slots_.growth() - slots_.depth());
    if (header.b < 0) header.a = header.b = INT32_MAX; // needs and adds more than there is room for: never runs
    for (const std::size_t index : rests_)
        program_.instructions[index].x = gas_ - program_.instructions[index].x;
}

void Translator::fall() {
    emit_moves();
    emit(kHandlers.fall, bytes(slots_.height()));
    end_block();
    begin_block(pc_);
}

void Translator::skip_to_jumpdest() {
    while (pc_ < code_.size && !code_.is_jumpdest(pc_))
        pc_ += 1 + immediate_bytes(code_.bytes[pc_]);
    if (pc_ >= code_.size) pc_ = code_.size + 1; // nothing leads behind the end from here
}

void Translator::emit_moves() {
    slots_.settle([&](std::int32_t to, const Value& from) { emit_copy(to, from); });
}

/// An operand of the block's last instruction, which runs when everything has been settled.
void Translator::protect(Value& value) {
    if (value.constant != nullptr || !slots_.will_be_written(value.slot)) return;
    const std::int32_t slot = slots_.temporaries(1);
    emit(kHandlers.move, bytes(slot), bytes(value.slot));
    value.slot = slot;
}

// ---- One opcode ----

/// Pushes the `size` bytes at pc_. A jump behind takes them as they are.
[[gnu::always_inline]] inline void Translator::push_opcode(unsigned size) {
    const std::uint8_t* const immediate = code_.bytes + pc_; // code is padded: 32 bytes can be read
    pc_ += size;
    if (size > 8) return push_constant(u256::load_be(immediate) >> (256 - 8 * size));
    const std::uint64_t number = size == 0 ? 0 : u256::detail::load_limb(immediate) >> (64 - 8 * size);
    const std::uint8_t next = immediate[size];
    if ((next == OP_JUMP || next == OP_JUMPI) && opcodes_ != kMostOpcodes) {
        slots_.pass();
        aim_ = number;
        aimed_ = true;
        return;
    }
    slots_.push(Value::of(small_constant(number)));
}

/// The opcodes from pc_ on that only move words. Returns the first other one.
std::uint8_t Translator::moving_opcodes() {
    for (;;) {
        const std::uint8_t opcode = code_.bytes[pc_]; // padded with STOP
        const Shape shape = kShapes[opcode];
        const std::int32_t gas = schedule_.gas[opcode];
        if (shape > Shape::pop || gas < 0 || is_full()) return opcode;
        gas_ += static_cast<std::uint32_t>(gas);
        ++opcodes_;
        ++pc_;
        switch (shape) {
        case Shape::push:
            push_opcode(immediate_bytes(opcode));
            if (aimed_) return code_.bytes[pc_];
            break;
        case Shape::dup:
            slots_.dup(opcode - OP_DUP1 + 1);
            break;
        case Shape::swap:
            slots_.swap(opcode - OP_SWAP1 + 1);
            break;
        default:
            static_cast<void>(slots_.pop());
        }
    }
}

bool Translator::opcode() {
    const std::uint8_t opcode = moving_opcodes();
    if (opcodes_ != 0 && (opcode == OP_JUMPDEST || is_full())) {
        fall();
        return true;
    }
    const std::int32_t gas = schedule_.gas[opcode];
    if (gas < 0) {
        fault(Fault::undefined_instruction);
        return false;
    }
    gas_ += static_cast<std::uint32_t>(gas);
    ++opcodes_;
    switch (opcode) {
    case OP_JUMPDEST:
        break;
    case OP_PC:
        push_constant(U256{pc_});
        break;
    case OP_CODESIZE:
        push_constant(U256{code_.size});
        break;
    case OP_GAS: {
        const std::int32_t slot = slots_.fresh();
        needs_rest(emit(kHandlers.gas_left, bytes(slot)));
        slots_.push_slot(slot);
        break;
    }
    case OP_ISZERO:
        is_zero();
        break;
    case OP_MLOAD:
        memory_load();
        break;
    case OP_MSTORE:
        memory_store();
        break;
    case OP_CALLDATALOAD:
        input_load();
        break;
    case OP_EXP:
        if (!exp_of_constants()) effect(opcode);
        break;
    case OP_JUMP:
        jump(take_target());
        return false;
    case OP_JUMPI:
        return jump_if();
    case OP_STOP:
        end_frame(nullptr, RVM_OK);
        return false;
    case OP_RETURN:
    case OP_REVERT:
        end_frame(function_of(OP_RETURN), opcode == OP_RETURN ? RVM_OK : RVM_TRAP_REVERT);
        return false;
    case OP_SELFDESTRUCT:
        end_frame(function_of(OP_SELFDESTRUCT), RVM_OK);
        return false;
    case OP_INVALID:
        fault(Fault::invalid_instruction);
        return false;
    default:
        shaped(opcode);
    }
    ++pc_;
    return true;
}

void Translator::shaped(std::uint8_t opcode) {
    switch (kShapes[opcode]) {
    case Shape::nullary: {
        const std::int32_t slot = slots_.fresh();
        emit(nullary(opcode), bytes(slot));
        return slots_.push_slot(slot);
    }
    case Shape::unary:
        return unary_opcode(opcode);
    case Shape::binary:
        return binary_opcode(opcode);
    case Shape::ternary:
        return ternary_opcode(opcode);
    default:
        return effect(opcode);
    }
}

// ---- Memory, input, everything else ----

void Translator::memory_load() {
    const Value offset = slots_.pop();
    if (is_small(offset)) {
        const std::int32_t slot = slots_.fresh();
        Instruction& made = emit(kHandlers.memory_load_at, bytes(slot));
        made.number = offset.constant->limbs[0];
        needs_rest(made);
        return slots_.push_slot(slot);
    }
    const std::int32_t at = in_slot(offset), slot = slots_.fresh();
    needs_rest(emit(kHandlers.memory_load, bytes(slot), bytes(at)));
    slots_.push_slot(slot);
}

void Translator::memory_store() {
    const Value offset = slots_.pop(), value = slots_.pop();
    if (is_small(offset)) {
        const std::int32_t from = in_slot(value);
        Instruction& made = emit(kHandlers.memory_store_at, 0, 0, bytes(from));
        made.number = offset.constant->limbs[0];
        return needs_rest(made);
    }
    const std::int32_t at = in_slot(offset);
    if (value.constant != nullptr) {
        Instruction& made = emit(kHandlers.memory_store_constant, 0, bytes(at));
        made.constant = value.constant;
        return needs_rest(made);
    }
    needs_rest(emit(kHandlers.memory_store, 0, bytes(at), bytes(value.slot)));
}

void Translator::input_load() {
    const Value offset = slots_.pop();
    if (offset.constant == nullptr || !offset.constant->fits_64()) {
        slots_.push(offset);
        return effect(OP_CALLDATALOAD);
    }
    const std::int32_t slot = slots_.fresh();
    emit(kHandlers.input_load_at, bytes(slot)).number = offset.constant->limbs[0];
    slots_.push_slot(slot);
}

std::int32_t Translator::place_operands(int count) {
    Value operands[8] = {};
    for (int i = count; i-- > 0;)
        operands[i] = slots_.pop(); // operands[0] is the lowest
    if (count == 0) return slots_.fresh();
    const std::int32_t first = operands[0].slot;
    bool in_a_row = operands[0].constant == nullptr;
    for (int i = 0; i < count && in_a_row; ++i)
        in_a_row = operands[i].slot == first + i;
    // The function may overwrite the lowest one with its result.
    if (in_a_row && slots_.uses(first) == 0) return first + count;
    // Their own positions, when these are free and no operand would be overwritten before it is moved.
    const std::int32_t home = slots_.height();
    bool at_home = true;
    for (int i = 0; i < count && at_home; ++i) {
        const Value& value = operands[i];
        at_home = slots_.uses(home + i) == 0 && (value.constant != nullptr || value.slot == home + i ||
                                                 value.slot < home || value.slot >= home + count);
    }
    const std::int32_t to = at_home ? home : slots_.temporaries(count);
    for (int i = 0; i < count; ++i) {
        if (operands[i].slot != to + i) emit_copy(to + i, operands[i]);
    }
    return to + count;
}

void Translator::effect(std::uint8_t opcode) {
    const OpcodeInfo& info = kOpcodeInfo[opcode];
    const std::int32_t sp = place_operands(info.operands);
    Instruction& made = emit(kHandlers.call, 0, bytes(sp));
    made.function = function_of(opcode);
    needs_rest(made);
    if (info.results != 0) slots_.push_slot(sp - info.operands);
}

// ---- Ends ----

void Translator::end_frame(Function function, rvm_status status) {
    const std::int32_t sp = function != nullptr ? place_operands(kOpcodeInfo[code_.bytes[pc_]].operands) : 0;
    Instruction& made = emit(kHandlers.end, 0, bytes(sp));
    made.function = function;
    made.x = static_cast<std::uint32_t>(status);
    end_block();
    ++pc_;
    skip_to_jumpdest();
}

void Translator::fault(Fault fault) {
    emit(kHandlers.fault).number = static_cast<std::uint64_t>(fault);
    end_block();
    ++pc_;
    skip_to_jumpdest();
}

std::unique_ptr<Program> translate(const Code& code, const Schedule& schedule) noexcept {
    try {
        auto program = std::make_unique<Program>();
        program->code = &code;
        program->schedule = &schedule;
        Translator(*program).translate_all();
        return program;
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

} // namespace rvm::evm::hot
