#include "hot/translator.hpp"

#include <algorithm>
#include <new>

namespace rvm::evm::hot {
namespace {

constexpr std::int32_t kSlotBytes = sizeof(U256);
constexpr std::int32_t bytes(std::int32_t slot) { return slot * kSlotBytes; }

bool is_power_of_two(const U256& value) { return value && !(value & (value - U256{1})); }
unsigned exponent_of(const U256& power) { return u256::bit_width(power) - 1; }

/// An offset that instructions hold themselves.
bool is_small(const Value& offset) {
    return offset.constant != nullptr && offset.constant->fits_64() && offset.constant->limbs[0] <= UINT32_MAX;
}

constexpr int kThreadingPasses = 3;                 ///< each about doubles the chain that one jump covers
constexpr std::uint64_t kMostThreadedGas = 1 << 20; ///< endless chains end here

/// Of a jump, in instructions.
std::uint32_t distance(std::size_t from, std::size_t to) {
    return static_cast<std::uint32_t>(
        static_cast<std::int32_t>(static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from)));
}

bool is_commutative(std::uint8_t opcode) {
    return opcode == OP_ADD || opcode == OP_MUL || opcode == OP_AND || opcode == OP_OR || opcode == OP_XOR;
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
    for (int pass = 0; pass < kThreadingPasses; ++pass)
        for (const Fixup& fixup : fixups_)
            thread(fixup.index);
}

/// Jumps to known targets.
void Translator::resolve() {
    for (const Fixup& fixup : fixups_) {
        const std::size_t target = header_at(fixup.target);
        const Instruction& header = program_.instructions[target];
        Instruction& from = program_.instructions[fixup.index];
        from.x = distance(fixup.index, target);
        if (from.run != kHandlers.jump) continue;
        from.a = header.a;
        from.b = header.b;
        from.number = header.x | std::uint64_t{from.x} << 32u;
    }
}

/// The header that a known jump goes to. In the middle of a run of JUMPDESTs that is one of its own, which joins the
/// run's block when it has paid for the rest.
std::size_t Translator::header_at(std::uint64_t target) {
    std::uint32_t& block = program_.block_at[target];
    if ((block & Program::kInRun) == 0) return block - 1;
    const std::size_t run = (block & ~Program::kInRun) - 1, index = program_.instructions.size();
    const Instruction header = program_.instructions[run];
    const auto paid = static_cast<std::uint32_t>(target - program_.positions[run]) *
                      static_cast<std::uint32_t>(schedule_.gas[OP_JUMPDEST]);
    pc_ = target;
    emit(kHandlers.enter, 0, header.a, header.b).x = header.x - paid;
    emit(kHandlers.join).x = distance(index + 1, run + 1);
    block = static_cast<std::uint32_t>(index) + 1;
    return index;
}

/// A jump to a block that does nothing but jump goes on to that block's target, and pays for both.
void Translator::thread(std::size_t index) {
    Instruction& from = program_.instructions[index];
    if (from.run != kHandlers.jump) return;
    const std::size_t through = index + static_cast<std::size_t>(static_cast<std::int32_t>(from.x)) + 1;
    const Instruction& next = program_.instructions[through];
    if (next.run != kHandlers.jump || next.d != 0) return;
    const std::uint64_t gas =
        static_cast<std::uint32_t>(from.number) + std::uint64_t{static_cast<std::uint32_t>(next.number)};
    const std::int32_t least = std::max(from.a, next.a);
    const std::int64_t most = std::min(std::int64_t{from.a} + from.b, std::int64_t{next.a} + next.b);
    if (gas > kMostThreadedGas || most < least) return;
    from.x = distance(index, through + static_cast<std::size_t>(static_cast<std::int32_t>(next.x)));
    from.a = least;
    from.b = static_cast<std::int32_t>(most - least);
    from.number = (from.number >> 32u << 32u) | gas;
}

std::int32_t Translator::translate_part(std::uint32_t position, std::size_t last) {
    pc_ = position;
    begin_block(position);
    while (program_.instructions.size() <= last)
        static_cast<void>(opcode());
    slots_.settle(moves_);
    return slots_.height();
}

void Translator::begin_block(std::uint64_t position) {
    slots_.reset();
    rests_.clear();
    gas_ = 0;
    need_ = growth_ = 0;
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
    header.a = bytes(need_);
    header.b = bytes(static_cast<std::int32_t>(kStackLimit) - growth_ - need_);
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

Instruction& Translator::emit(Handler run, std::int32_t d, std::int32_t a, std::int32_t b) {
    compared_ = false;
    program_.positions.push_back(static_cast<std::uint32_t>(pc_));
    return program_.instructions.emplace_back(Instruction{run, d, a, b, 0, {nullptr}});
}

void Translator::emit_moves() {
    slots_.settle(moves_);
    for (const Move& owed : moves_) {
        if (owed.from.constant != nullptr)
            emit(kHandlers.load, bytes(owed.to)).constant = owed.from.constant;
        else
            emit(kHandlers.move, bytes(owed.to), bytes(owed.from.slot));
    }
}

std::int32_t Translator::in_slot(const Value& value) {
    if (value.constant == nullptr) return value.slot;
    const std::int32_t slot = slots_.temporaries(1);
    emit(kHandlers.load, bytes(slot)).constant = value.constant;
    return slot;
}

/// An operand of the block's last instruction, which runs when everything has been settled.
void Translator::protect(Value& value) {
    if (value.constant != nullptr || !slots_.will_be_written(value.slot)) return;
    const std::int32_t slot = slots_.temporaries(1);
    emit(kHandlers.move, bytes(slot), bytes(value.slot));
    value.slot = slot;
}

// ---- One opcode ----

/// Pays for an opcode and notes what it wants of the stack.
[[gnu::always_inline]] inline void Translator::charge(std::uint8_t opcode) {
    const OpcodeInfo& info = kOpcodeInfo[opcode];
    ++opcodes_;
    gas_ += static_cast<std::uint32_t>(schedule_.gas[opcode]);
    need_ = std::max(need_, info.operands - slots_.height());
    growth_ = std::max(growth_, slots_.height() + info.growth());
}

/// The opcodes from pc_ on that only move words. Returns the first other one.
std::uint8_t Translator::moving_opcodes() {
    for (;;) {
        const std::uint8_t opcode = code_.bytes[pc_]; // padded with STOP
        const Shape shape = kShapes[opcode];
        if (shape > Shape::pop || schedule_.gas[opcode] < 0 || is_full()) return opcode;
        charge(opcode);
        switch (shape) {
        case Shape::push: {
            const unsigned size = immediate_bytes(opcode);
            const std::uint8_t* const immediate = code_.bytes + pc_ + 1; // code is padded: 32 bytes can be read
            if (size <= 8)
                push_constant(U256{size == 0 ? 0 : u256::detail::load_limb(immediate) >> (64 - 8 * size)});
            else
                push_constant(u256::load_be(immediate) >> (256 - 8 * size));
            pc_ += size;
            break;
        }
        case Shape::dup:
            slots_.dup(opcode - OP_DUP1 + 1);
            break;
        case Shape::swap:
            slots_.swap(opcode - OP_SWAP1 + 1);
            break;
        default:
            static_cast<void>(slots_.pop());
        }
        ++pc_;
    }
}

bool Translator::opcode() {
    const std::uint8_t opcode = moving_opcodes();
    const bool starts_block = opcode == OP_JUMPDEST;
    if (opcodes_ != 0 && (starts_block || is_full())) {
        fall();
        return true;
    }
    if (schedule_.gas[opcode] < 0) {
        fault(Fault::undefined_instruction);
        return false;
    }
    charge(opcode);
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
    case OP_JUMP: {
        const Value target = slots_.pop();
        jump(target);
        return false;
    }
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

// ---- Words ----

void Translator::unary_opcode(std::uint8_t opcode) {
    const Value a = slots_.pop();
    if (a.constant != nullptr) return push_constant(unary_function(opcode)(*a.constant));
    const std::int32_t slot = slots_.fresh();
    emit(unary(opcode), bytes(slot), bytes(a.slot));
    slots_.push_slot(slot);
}

void Translator::is_zero() {
    const bool follows = compared_;
    const Value a = slots_.pop();
    if (a.constant != nullptr) return push_constant(unary_function(OP_ISZERO)(*a.constant));
    if (follows && a.slot == comparison_.result && slots_.uses(a.slot) == 0) { // not (a ? b)
        const Comparison last = comparison_;
        program_.instructions.pop_back();
        program_.positions.pop_back();
        return emit_compare(last.kind, !last.negated, last.a, last.b);
    }
    emit_compare(Compare::zero, false, a, a);
}

void Translator::emit_compare(Compare kind, bool negated, const Value& a, const Value& b) {
    const std::int32_t slot = slots_.fresh();
    const Form form = a.constant != nullptr   ? Form::constant_slot
                      : b.constant != nullptr ? Form::slot_constant
                                              : Form::slots;
    Instruction& made = emit(compare(kind, negated, form), bytes(slot), bytes(a.slot), bytes(b.slot));
    made.constant = a.constant != nullptr ? a.constant : b.constant;
    slots_.push_slot(slot);
    comparison_ = {program_.instructions.size() - 1, kind, negated, a, b, slot};
    compared_ = true;
}

void Translator::binary_opcode(std::uint8_t opcode) {
    Value a = slots_.pop();
    Value b = slots_.pop();
    if (a.constant != nullptr && b.constant != nullptr)
        return push_constant(binary_function(opcode)(*a.constant, *b.constant));
    switch (opcode) {
    case OP_LT:
        return emit_compare(Compare::less, false, a, b);
    case OP_GT:
        return emit_compare(Compare::less, false, b, a);
    case OP_SLT:
        return emit_compare(Compare::signed_less, false, a, b);
    case OP_SGT:
        return emit_compare(Compare::signed_less, false, b, a);
    case OP_EQ:
        if (a.constant != nullptr) std::swap(a, b);
        if (b.constant != nullptr && !*b.constant) return emit_compare(Compare::zero, false, a, a);
        return emit_compare(Compare::equal, false, a, b);
    default:
        break;
    }
    if (a.constant != nullptr && is_commutative(opcode)) std::swap(a, b);
    if (!simplify(opcode, a, b)) emit_binary(opcode, a, b);
}

void Translator::emit_binary(std::uint8_t opcode, const Value& a, const Value& b) {
    const std::int32_t slot = slots_.fresh();
    const Form form = a.constant != nullptr   ? Form::constant_slot
                      : b.constant != nullptr ? Form::slot_constant
                                              : Form::slots;
    Instruction& made = emit(binary(opcode, form), bytes(slot), bytes(a.slot), bytes(b.slot));
    made.constant = a.constant != nullptr ? a.constant : b.constant;
    slots_.push_slot(slot);
}

void Translator::emit_shift(Handler shift, const Value& value, std::uint64_t bits) {
    if (bits == 0) return slots_.push(value);
    if (bits >= u256::word_bits) return push_constant(U256{});
    const std::int32_t slot = slots_.fresh();
    emit(shift, bytes(slot), bytes(value.slot)).x = static_cast<std::uint32_t>(bits);
    slots_.push_slot(slot);
}

void Translator::emit_and(const Value& value, const U256& mask) {
    if (!mask) return push_constant(U256{});
    if (mask == u256::max_value) return slots_.push(value);
    if (!mask.fits_64()) return emit_binary(OP_AND, value, {constant(mask), 0});
    const std::int32_t slot = slots_.fresh();
    emit(kHandlers.and_low, bytes(slot), bytes(value.slot)).number = mask.limbs[0];
    slots_.push_slot(slot);
}

/// Cheaper forms with one constant operand; a commutative opcode has it in b. False: there is none.
bool Translator::simplify(std::uint8_t opcode, const Value& a, const Value& b) {
    if (a.constant != nullptr) { // shifts have the count on top
        if (opcode == OP_SHL) return emit_shift(kHandlers.shift_left, b, u256::shift_count(*a.constant)), true;
        if (opcode == OP_SHR) return emit_shift(kHandlers.shift_right, b, u256::shift_count(*a.constant)), true;
        return false;
    }
    if (b.constant == nullptr) return false;
    const U256& c = *b.constant;
    switch (opcode) {
    case OP_AND:
        return emit_and(a, c), true;
    case OP_ADD:
    case OP_SUB:
    case OP_OR:
    case OP_XOR:
        return !c && (slots_.push(a), true);
    case OP_MUL:
        if (!c) return push_constant(c), true;
        return is_power_of_two(c) && (emit_shift(kHandlers.shift_left, a, exponent_of(c)), true);
    case OP_DIV:
        if (!c) return push_constant(c), true;
        return is_power_of_two(c) && (emit_shift(kHandlers.shift_right, a, exponent_of(c)), true);
    case OP_MOD:
        if (!c) return push_constant(c), true;
        return is_power_of_two(c) && (emit_and(a, c - U256{1}), true);
    default:
        return false;
    }
}

void Translator::ternary_opcode(std::uint8_t opcode) {
    const Value a = slots_.pop(), b = slots_.pop(), m = slots_.pop();
    if (a.constant != nullptr && b.constant != nullptr && m.constant != nullptr)
        return push_constant(ternary_function(opcode)(*a.constant, *b.constant, *m.constant));
    const std::int32_t slot_a = in_slot(a), slot_b = in_slot(b), slot_m = in_slot(m), slot = slots_.fresh();
    emit(ternary(opcode), bytes(slot), bytes(slot_a), bytes(slot_b)).x = static_cast<std::uint32_t>(bytes(slot_m));
    slots_.push_slot(slot);
}

/// EXP of two constants, such as a literal 2**96: its dynamic gas is known.
bool Translator::exp_of_constants() {
    const Value base = slots_.pop(), exponent = slots_.pop();
    if (base.constant == nullptr || exponent.constant == nullptr) {
        slots_.push(exponent);
        slots_.push(base);
        return false;
    }
    gas_ += (u256::bit_width(*exponent.constant) + 7) / 8 * static_cast<std::uint32_t>(schedule_.exp_byte);
    push_constant(u256::power(*base.constant, *exponent.constant));
    return true;
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
    bool in_a_row = true;
    for (int i = 0; i < count && in_a_row; ++i)
        in_a_row = operands[i].is_slot(first + i);
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
        if (operands[i].is_slot(to + i)) continue;
        if (operands[i].constant != nullptr)
            emit(kHandlers.load, bytes(to + i)).constant = operands[i].constant;
        else
            emit(kHandlers.move, bytes(to + i), bytes(operands[i].slot));
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

void Translator::jump(const Value& where) {
    Value target = where;
    if (target.constant != nullptr) {
        if (!target.constant->fits_64() || !code_.is_jumpdest(target.constant->limbs[0]))
            return fault(Fault::bad_jump_destination);
        emit_moves();
        fixups_.push_back({program_.instructions.size(), target.constant->limbs[0]});
        emit(kHandlers.jump, bytes(slots_.height()));
    } else {
        protect(target);
        emit_moves();
        emit(kHandlers.jump_slot, bytes(slots_.height()), bytes(target.slot));
    }
    end_block();
    ++pc_;
    skip_to_jumpdest();
}

bool Translator::jump_if() {
    const bool follows = compared_;
    Value target = slots_.pop(), condition = slots_.pop();
    if (condition.constant != nullptr) {
        if (*condition.constant) return jump(target), false;
        ++pc_; // never taken
        return true;
    }
    const bool known =
        target.constant != nullptr && target.constant->fits_64() && code_.is_jumpdest(target.constant->limbs[0]);
    if (known && follows && condition.slot == comparison_.result && slots_.uses(condition.slot) == 0) {
        Comparison last = comparison_;
        program_.instructions.pop_back();
        program_.positions.pop_back();
        protect(last.a);
        protect(last.b);
        emit_moves();
        fixups_.push_back({program_.instructions.size(), target.constant->limbs[0]});
        const Form form = last.a.constant != nullptr   ? Form::constant_slot
                          : last.b.constant != nullptr ? Form::slot_constant
                                                       : Form::slots;
        Instruction& made = emit(jump_compare(last.kind, last.negated, form), bytes(slots_.height()),
                                 bytes(last.a.slot), bytes(last.b.slot));
        made.constant = last.a.constant != nullptr ? last.a.constant : last.b.constant;
    } else if (known) {
        protect(condition);
        emit_moves();
        fixups_.push_back({program_.instructions.size(), target.constant->limbs[0]});
        emit(kHandlers.jump_if, bytes(slots_.height()), bytes(condition.slot));
    } else {
        target = {nullptr, in_slot(target)};
        protect(condition);
        protect(target);
        emit_moves();
        emit(kHandlers.jump_if_slot, bytes(slots_.height()), bytes(target.slot), bytes(condition.slot));
    }
    end_block();
    ++pc_;
    begin_block(pc_);
    return true;
}

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
