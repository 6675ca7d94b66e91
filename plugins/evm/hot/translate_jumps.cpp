// Jumps: made when their opcode is met, given their targets when all blocks are there.
#include "hot/translator.hpp"

#include <algorithm>

namespace rvm::evm::hot {
namespace {

constexpr std::uint64_t kMostThreadedGas = 1 << 16; ///< longer chains are cut: less than a portion (handlers.cpp)

/// Of a jump, in instructions.
std::uint32_t distance(std::size_t from, std::size_t to) {
    return static_cast<std::uint32_t>(
        static_cast<std::int32_t>(static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from)));
}

} // namespace

/// The header that the jump leads to.
std::size_t Translator::target_of(std::size_t jump) const {
    return jump + static_cast<std::size_t>(static_cast<std::int32_t>(program_.instructions[jump].x));
}

Translator::Target Translator::take_target() {
    if (aimed_) {
        aimed_ = false;
        return {true, aim_, Value::in(0)};
    }
    const Value word = slots_.pop();
    if (word.constant == nullptr) return {false, 0, word};
    return {true, word.constant->fits_64() ? word.constant->limbs[0] : UINT64_MAX, word};
}

void Translator::jump(Target target) {
    if (target.known && !code_.is_jumpdest(target.position)) return fault(Fault::bad_jump_destination);
    if (!target.known) protect(target.word);
    emit_moves();
    if (target.known) {
        fixups_.push_back({program_.instructions.size(), target.position});
        emit(kHandlers.jump, bytes(slots_.height()));
    } else {
        emit(kHandlers.jump_slot, bytes(slots_.height()), bytes(target.word.slot));
    }
    end_block();
    ++pc_;
    skip_to_jumpdest();
}

bool Translator::jump_if() {
    const bool follows = compared_;
    const Target target = take_target();
    Value condition = slots_.pop();
    if (condition.constant != nullptr) {
        if (*condition.constant) return jump(target), false;
        ++pc_; // never taken
        return true;
    }
    if (!target.known || !code_.is_jumpdest(target.position)) {
        Value word = target.known ? Value::of(constant(U256{target.position})) : target.word;
        word = Value::in(in_slot(word));
        protect(condition);
        protect(word);
        emit_moves();
        emit(kHandlers.jump_if_slot, bytes(slots_.height()), bytes(word.slot), bytes(condition.slot));
    } else if (follows && condition.slot == comparison_.result && slots_.uses(condition.slot) == 0) {
        Comparison last = comparison_;
        program_.instructions.pop_back();
        program_.positions.pop_back();
        protect(last.a);
        protect(last.b);
        emit_moves();
        fixups_.push_back({program_.instructions.size(), target.position});
        Instruction& made = emit(jump_compare(last.kind, last.negated, form_of(last.a, last.b)), bytes(slots_.height()),
                                 bytes(last.a.slot), bytes(last.b.slot));
        made.constant = last.a.constant != nullptr ? last.a.constant : last.b.constant;
    } else {
        protect(condition);
        emit_moves();
        fixups_.push_back({program_.instructions.size(), target.position});
        emit(kHandlers.jump_if, bytes(slots_.height()), bytes(condition.slot));
    }
    end_block();
    ++pc_;
    begin_block(pc_);
    return true;
}

/// Jumps to known targets.
void Translator::resolve() {
    std::vector<std::size_t> chained;
    for (const Fixup& fixup : fixups_) {
        const std::size_t target = header_at(fixup.target);
        const Instruction& header = program_.instructions[target];
        Instruction& from = program_.instructions[fixup.index];
        from.x = distance(fixup.index, target);
        if (from.run != kHandlers.jump) continue;
        from.a = header.a;
        from.b = header.b;
        from.number = header.x | std::uint64_t{from.x} << 32u;
        if (only_jumps(target)) chained.push_back(fixup.index);
    }
    thread(chained);
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

/// Whether the block behind the header `index` does nothing but jump.
bool Translator::only_jumps(std::size_t index) const {
    const Instruction& next = program_.instructions[index + 1];
    return next.run == kHandlers.jump && next.d == 0;
}

/// Jumps to blocks that do nothing but jump go on to where the chain of those ends, and pay for all of it.
void Translator::thread(const std::vector<std::size_t>& chained) {
    if (chained.empty()) return;
    std::vector<bool> seen(program_.instructions.size());
    std::vector<std::size_t> chain;
    for (const std::size_t start : chained) {
        for (std::size_t jump = start; !seen[jump];) { // endless chains come back to where they have been
            seen[jump] = true;
            const std::size_t header = target_of(jump);
            if (!only_jumps(header)) break;
            chain.push_back(jump);
            jump = header + 1;
        }
        for (; !chain.empty(); chain.pop_back()) // from its end, so that each takes all that follow
            go_through(chain.back());
    }
}

/// A jump through the block it leads to.
void Translator::go_through(std::size_t index) {
    Instruction& from = program_.instructions[index];
    const std::size_t through = target_of(index) + 1;
    const Instruction& next = program_.instructions[through];
    const std::uint64_t gas =
        static_cast<std::uint32_t>(from.number) + std::uint64_t{static_cast<std::uint32_t>(next.number)};
    const std::int32_t least = std::max(from.a, next.a);
    const std::int64_t most = std::min(std::int64_t{from.a} + from.b, std::int64_t{next.a} + next.b);
    if (gas > kMostThreadedGas || most < least) return;
    from.x = distance(index, target_of(through));
    from.a = least;
    from.b = static_cast<std::int32_t>(most - least);
    from.number = (from.number >> 32u << 32u) | gas;
}

} // namespace rvm::evm::hot
