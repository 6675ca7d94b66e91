// Jumps: made when their opcode is met, given their targets when all blocks are there.
#include "hot/translator.hpp"

#include <algorithm>

namespace rvm::evm::hot {
namespace {

constexpr std::uint64_t kMostThreadedGas = 1 << 20; ///< endless chains end here

/// Of a jump, in instructions.
std::uint32_t distance(std::size_t from, std::size_t to) {
    return static_cast<std::uint32_t>(
        static_cast<std::int32_t>(static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from)));
}

} // namespace

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

} // namespace rvm::evm::hot
