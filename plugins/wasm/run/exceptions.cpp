// throw, throw_ref and the way to a handler (core specification 4.4.9): no recursion, no C++ exceptions through code.
#include <algorithm>
#include <new>

#include "module/costs.hpp"
#include "run/hooks.hpp"
#include "run/instance.hpp"
#include "run/machine.hpp"

namespace rvm::wasm::hooks {
namespace {

/// Innermost try_table whose body holds the word of code; TryTable::none: there is none.
std::uint32_t innermost_try(const Program& program, std::uint32_t word) noexcept {
    const auto& all = program.try_boundaries;
    const auto after = std::upper_bound(
        all.begin(), all.end(), word, [](std::uint32_t at, const TryBoundary& boundary) { return at < boundary.word; });
    return after == all.begin() ? TryTable::none : std::prev(after)->inside;
}

/// Hands the pending exception to a clause, if it is meant. Trap::none and *taken, or a trap.
Trap take(Context& context, const Instance& instance, const CatchTarget& clause, bool* taken) {
    Machine& machine = Machine::of(context);
    const Exception& pending = machine.pending;
    const bool by_tag = clause.kind == CatchKind::catch_ || clause.kind == CatchKind::catch_ref;
    *taken = !by_tag || instance.tags[clause.tag] == pending.tag;
    if (!*taken) return Trap::none;
    if (by_tag && !context.charge(costs::handed_on(pending.operands))) {
        return Trap::out_of_gas;
    }
    Cell* out = context.fp + clause.cell;
    if (by_tag) out = std::copy(pending.cells.begin(), pending.cells.end(), out);
    if (clause.kind == CatchKind::catch_ref || clause.kind == CatchKind::catch_all_ref) {
        if (!context.charge(costs::exception + pending.cells.size())) return Trap::out_of_gas;
        if (!machine.take(sizeof(Exception) + pending.cells.size() * sizeof(Cell))) return Trap::stack;
        machine.exceptions.push_back(pending);
        *out = reinterpret_cast<Cell>(&machine.exceptions.back());
    }
    context.pc = instance.program().code.words.data() + clause.word;
    return Trap::none;
}

Trap find_handler(Context& context) {
    for (;;) {
        const auto& instance = *static_cast<const Instance*>(context.instance);
        const Program& program = instance.program();
        const engine::Word* first = program.code.words.data();
        const auto word = static_cast<std::uint32_t>(context.pc - first) - 1; // pc is behind the throw or call
        for (std::uint32_t i = innermost_try(program, word); i != TryTable::none; i = program.tries[i].parent) {
            if (!context.charge(costs::unwind)) return Trap::out_of_gas;
            const TryTable& range = program.tries[i];
            for (std::uint32_t k = 0; k < range.clause_count; ++k) {
                if (!context.charge(costs::unwind)) return Trap::out_of_gas;
                bool taken = false;
                const Trap trap = take(context, instance, program.clauses[range.first_clause + k], &taken);
                if (taken || trap != Trap::none) return trap;
            }
        }
        if (!context.charge(costs::unwind)) return Trap::out_of_gas;
        if (!engine::unwind(context)) break;
    }
    Machine::of(context).set_uncaught();
    return Trap::exit;
}

} // namespace

Trap throw_tag(Context& context, Cell* window, std::uint64_t tag) noexcept {
    const auto& instance = *static_cast<const Instance*>(context.instance);
    const Module& module = instance.module();
    std::size_t cells = 0;
    for (const ValueType type : module.parameters(module.tags[tag])) {
        cells += type.cells();
    }
    try {
        Exception& pending = Machine::of(context).pending;
        pending.tag = instance.tags[tag];
        pending.operands = module.parameters(module.tags[tag]).size();
        pending.cells.assign(window, window + cells);
        return find_handler(context);
    } catch (const std::bad_alloc&) {
        return Trap::exit; // the host's failure, not the program's
    }
}

Trap throw_ref(Context& context, Cell* window, std::uint64_t) noexcept {
    if (window[0] == 0) return Trap::null_reference;
    const auto& thrown = *reinterpret_cast<const Exception*>(window[0]);
    if (!context.charge(costs::handed_on(thrown.operands))) return Trap::out_of_gas;
    try {
        Machine::of(context).pending = thrown;
        return find_handler(context);
    } catch (const std::bad_alloc&) {
        return Trap::exit;
    }
}

} // namespace rvm::wasm::hooks
