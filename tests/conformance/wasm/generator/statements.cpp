// Code that leaves the operand stack as it was.
#include "generator/code.hpp"

namespace rvm::wasm::generator {

void Code::statements(unsigned depth) {
    for (std::uint64_t i = random_.below(3); i > 0; --i)
        statement(depth);
}

void Code::statement(unsigned depth) {
    if (--budget_ < 0 || depth == 0) return;
    --depth;
    switch (random_.below(18)) {
    case 0:
    case 1:
    case 2:
        return assign(depth);
    case 3:
    case 4:
        return store(depth);
    case 5:
        return bulk(depth);
    case 6:
        return table(depth);
    case 7:
    case 8:
        return branch(depth);
    case 9:
        return branch_table(depth);
    case 10:
        return branch_on_null(depth);
    case 11:
        return call(depth);
    case 12:
        if (!random_.one_in(4)) { // behind a condition: else everything after it is dead
            value('i', depth);
            opcode(out_, Op::if_);
            block_type("", "");
            labels_.push_back({"", false});
            leave(depth);
            labels_.pop_back();
            opcode(out_, Op::end);
            return;
        }
        return leave(depth);
    case 13:
        if (plan_.has(Feature::exceptions)) {
            const std::string results = plan_.has(Feature::multi_value) ? some(2) : "";
            try_block(results, depth);
            return sink(results);
        }
        [[fallthrough]];
    case 14: {
        const std::string results = plan_.has(Feature::multi_value) ? some(2) : "";
        block(random_.pick({Block::block, Block::loop, Block::if_}), plan_.has(Feature::multi_value) ? some(2) : "",
              results, depth);
        return sink(results);
    }
    case 15:
        return read_back(depth);
    case 16:
        return grow(depth);
    default: {
        opcode(out_, Op::nop);
        const std::string one = some(1);
        values(one, depth);
        for (std::size_t i = 0; i < one.size(); ++i)
            opcode(out_, Op::drop);
    }
    }
}

void Code::assign(unsigned depth) {
    const auto global = static_cast<std::uint32_t>(random_.below(plan_.globals.size() + 1));
    if (global < plan_.globals.size() && plan_.globals[global].is_mutable && random_.one_in(2)) {
        value(plan_.globals[global].type, depth);
        return opcode(out_, Op::global_set, global);
    }
    if (free_ == 0) return;
    const auto to = static_cast<std::uint32_t>(random_.below(free_));
    value(locals_[to], depth);
    opcode(out_, Op::local_set, to);
}

void Code::store(unsigned depth) {
    if (plan_.memories.empty()) return;
    const std::vector<Op>& all = instructions(plan_.options.features, '.').stores;
    const Op op = all[random_.below(all.size())];
    const auto memory = static_cast<std::uint32_t>(random_.below(plan_.memories.size()));
    address(plan_.memories[memory], depth);
    value(info(op).signature[1], depth);
    opcode(out_, op);
    memarg(op, memory);
}

/// A number below `below`, or any.
void Code::small(bool is64, std::uint32_t below, unsigned depth) {
    if (careless()) return value(is64 ? 'I' : 'i', depth);
    const auto chosen = static_cast<std::int32_t>(random_.below(std::uint64_t{below} + 1));
    is64 ? number64(out_, chosen) : number(out_, chosen);
}

void Code::bulk(unsigned depth) {
    if (plan_.memories.empty() || !plan_.has(Feature::bulk_memory)) return;
    const auto memory = static_cast<std::uint32_t>(random_.below(plan_.memories.size()));
    const auto other = static_cast<std::uint32_t>(random_.below(plan_.memories.size()));
    const bool is64 = plan_.memories[memory].is64;
    switch (random_.below(plan_.data.empty() ? 2 : 4)) {
    case 0:
        address(plan_.memories[memory], depth);
        value('i', depth);
        small(is64, 80, depth);
        return opcode(out_, Op::memory_fill, memory);
    case 1:
        address(plan_.memories[memory], depth);
        address(plan_.memories[other], depth);
        small(is64 && plan_.memories[other].is64, 80, depth);
        opcode(out_, Op::memory_copy, memory);
        return leb(out_, other);
    case 2: {
        const auto segment = static_cast<std::uint32_t>(random_.below(plan_.data.size()));
        address(plan_.memories[memory], depth);
        small(false, plan_.data[segment] / 2, depth);
        small(false, plan_.data[segment] / 2, depth);
        opcode(out_, Op::memory_init, segment);
        return leb(out_, memory);
    }
    default:
        if (random_.one_in(3)) opcode(out_, Op::data_drop, random_.below(plan_.data.size()));
    }
}

void Code::table(unsigned depth) {
    if (!plan_.has(Feature::reference_types)) return;
    const auto index = static_cast<std::uint32_t>(random_.below(plan_.tables.size()));
    const auto other = static_cast<std::uint32_t>(random_.below(plan_.tables.size()));
    const PlannedTable& to = plan_.tables[index];
    const PlannedTable& from = plan_.tables[other];
    switch (random_.below(5)) {
    case 0:
        if (to.size == 0 && !careless()) return;
        small(to.is64, to.size == 0 ? 0 : to.size - 1, depth);
        value(to.element, depth);
        return opcode(out_, Op::table_set, index);
    case 1:
        small(to.is64, to.size / 2, depth);
        value(to.element, depth);
        small(to.is64, to.size / 2, depth);
        return opcode(out_, Op::table_fill, index);
    case 2:
        if (to.element != from.element) return;
        small(to.is64, to.size / 2, depth);
        small(from.is64, from.size / 2, depth);
        small(to.is64 && from.is64, std::min(to.size, from.size) / 2, depth);
        opcode(out_, Op::table_copy, index);
        return leb(out_, other);
    case 3: {
        if (plan_.passive.empty()) return;
        const auto segment = static_cast<std::uint32_t>(random_.below(plan_.passive.size()));
        const PlannedElements& items = plan_.passive[segment];
        if (to.element != items.type && !(to.element == 'r' && items.type == 't')) return;
        small(to.is64, to.size / 2, depth);
        small(false, items.count / 2, depth);
        small(false, std::min(items.count, to.size) / 2, depth);
        opcode(out_, Op::table_init, segment);
        return leb(out_, index);
    }
    default:
        if (!plan_.passive.empty() && random_.one_in(3))
            opcode(out_, Op::elem_drop, random_.below(plan_.passive.size()));
    }
}

/// Depth of a label to branch to; loops are seldom the target: who goes on may never end.
std::uint32_t Code::label() {
    for (int i = 0; i < 4; ++i) {
        const auto chosen = static_cast<std::uint32_t>(random_.below(labels_.size()));
        if (!at(chosen).is_loop || random_.one_in(24)) return chosen;
    }
    return static_cast<std::uint32_t>(labels_.size() - 1);
}

void Code::branch(unsigned depth) {
    const std::uint32_t to = label();
    const std::string taken = at(to).types;
    values(taken, depth);
    value('i', depth);
    opcode(out_, Op::br_if, to);
    sink(taken);
}

void Code::branch_on_null(unsigned depth) {
    if (!plan_.has(Feature::function_references)) return;
    const std::uint32_t to = label();
    std::string taken = at(to).types;
    if (random_.one_in(2)) {
        values(taken, depth);
        value(random_.pick({'r', 'x', 't'}), depth);
        opcode(out_, Op::br_on_null, to);
        opcode(out_, Op::drop);
        return sink(taken);
    }
    if (taken.empty() || std::string("rxt").find(taken.back()) == std::string::npos) return;
    values(taken, depth);
    opcode(out_, Op::br_on_non_null, to);
    taken.pop_back();
    sink(taken);
}

/// In a block of its own: nothing comes behind a br_table.
void Code::branch_table(unsigned depth) {
    opcode(out_, Op::block);
    block_type("", "");
    labels_.push_back({"", false});
    const std::uint32_t otherwise = label();
    const std::string taken = at(otherwise).types;
    std::vector<std::uint32_t> targets;
    for (std::uint64_t i = random_.below(6); i > 0; --i) {
        const std::uint32_t to = label();
        if (at(to).types == taken) targets.push_back(to);
    }
    values(taken, depth);
    value('i', depth);
    if (!careless()) {
        number(out_, 3);
        opcode(out_, Op::i32_and);
    }
    opcode(out_, Op::br_table, targets.size());
    for (const std::uint32_t to : targets)
        leb(out_, to);
    leb(out_, otherwise);
    labels_.pop_back();
    opcode(out_, Op::end);
}

void Code::call(unsigned depth) {
    const std::uint32_t wanted = callee();
    if (invoke(wanted, false, depth)) sink(plan_.functions[wanted].results);
}

/// What ends the straight line: nothing behind it runs.
void Code::leave(unsigned depth) {
    switch (random_.below(10)) {
    case 0:
    case 1:
        values(own_.results, depth);
        return opcode(out_, Op::return_);
    case 2:
    case 3: {
        const std::uint32_t to = label();
        const std::string taken = at(to).types; // labels move while values are written
        values(taken, depth);
        return opcode(out_, Op::br, to);
    }
    case 4:
    case 8:
    case 9: {
        for (int i = 0; i < 6 && plan_.has(Feature::tail_call); ++i) {
            const std::uint32_t wanted = callee();
            if (plan_.functions[wanted].results != own_.results) continue;
            static_cast<void>(invoke(wanted, true, depth));
            return;
        }
        return;
    }
    case 5:
    case 6:
        if (!plan_.tags.empty()) {
            const auto tag = static_cast<std::uint32_t>(random_.below(plan_.tags.size()));
            values(plan_.tags[tag], depth);
            return opcode(out_, Op::throw_, tag);
        }
        return;
    default:
        if (plan_.wild || random_.one_in(plan_.options.portable ? 40 : 4)) opcode(out_, Op::unreachable);
    }
}

void Code::sink(char type) {
    const std::uint32_t to = random_.one_in(3) || type == 'e' ? UINT32_MAX : local(type);
    to == UINT32_MAX ? opcode(out_, Op::drop) : opcode(out_, Op::local_set, to);
}
void Code::sink(const std::string& types) {
    for (std::size_t i = types.size(); i-- > 0;)
        sink(types[i]);
}

} // namespace rvm::wasm::generator
