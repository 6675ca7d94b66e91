// Structure, control, calls, variables.
#include "interpreter.hpp"

#include "module/costs.hpp"

namespace rvm::wasm::reference {
namespace {

using Kind = spectest::Outcome::Kind;
constexpr std::uint32_t call_limit = 1500; // of this interpreter: it recurses

bool ends_run(Op op) {
    switch (op) {
    case Op::loop:
    case Op::if_:
    case Op::else_:
    case Op::br:
    case Op::br_if:
    case Op::br_table:
    case Op::return_:
    case Op::unreachable:
    case Op::return_call:
    case Op::return_call_indirect:
    case Op::return_call_ref:
    case Op::br_on_null:
    case Op::br_on_non_null:
    case Op::try_table:
    case Op::throw_:
    case Op::throw_ref:
        return true;
    default:
        return false;
    }
}

std::size_t results_of(const Module& m, const BlockType& block) {
    if (block.index != BlockType::no_index) return m.types[block.index].results;
    return block.result.is_bottom() ? 0 : 1;
}
std::size_t parameters_of(const Module& m, const BlockType& block) {
    return block.index != BlockType::no_index ? m.types[block.index].parameters : 0;
}

} // namespace

const Structure& structure_of(const Instance& instance, std::uint32_t function) {
    const auto known = instance.structures.find(function);
    if (known != instance.structures.end()) return known->second;
    const Module& m = *instance.module;
    Structure& out = instance.structures[function];
    const std::span<const ValueType> parameters = m.parameters(m.functions[function]);
    out.locals.assign(parameters.begin(), parameters.end());
    const Range body = m.bodies[function - m.imported_functions];
    Reader reader(m.part(body), body.offset);
    const std::uint32_t groups = reader.u32("locals");
    std::uint64_t declared_cells = 0;
    for (std::uint32_t i = 0; i < groups; ++i) {
        const std::uint32_t count = reader.u32("locals");
        const ValueType type = read_value_type(reader, m.features, m.type_first);
        out.locals.insert(out.locals.end(), count, type);
        declared_cells += std::uint64_t{count} * type.cells();
    }
    out.first = static_cast<std::uint32_t>(reader.offset());
    struct Open {
        std::uint32_t at;
        Op op;
        std::size_t results, operands; ///< left behind; taken along by a branch
    };
    const std::size_t own_results = m.results(m.functions[function]).size();
    std::vector<Open> open{{0, Op::block, own_results, own_results}};
    const auto branches_to = [&](std::uint32_t depth) { return open[open.size() - 1 - depth].operands; };
    std::uint32_t run = out.first;
    std::uint64_t price = declared_cells / costs::locals_per_unit;
    while (!open.empty()) {
        Instruction in;
        read_instruction(reader, m.features, m.type_first, in);
        const auto next = static_cast<std::uint32_t>(reader.offset());
        price += info(in.op).price;
        switch (in.op) {
        case Op::br:
        case Op::br_if:
        case Op::br_on_null:
        case Op::br_on_non_null:
            price += costs::handed_on(branches_to(in.index));
            break;
        case Op::br_table: {
            Reader labels({in.bytes, in.bytes_end});
            price += costs::handed_on(branches_to(labels.u32("a label"))); // all take the same
            break;
        }
        case Op::return_:
            price += costs::handed_on(own_results);
            break;
        case Op::return_call:
            price += costs::handed_on(m.parameters(m.functions[in.index]).size());
            break;
        case Op::return_call_ref:
        case Op::return_call_indirect:
            price += costs::handed_on(m.parameters(in.index).size());
            break;
        case Op::throw_:
            price += costs::handed_on(m.parameters(m.tags[in.index]).size());
            break;
        case Op::else_:
            price += costs::handed_on(open.back().results);
            break;
        case Op::end:
            if (open.back().op != Op::loop) price += costs::handed_on(open.back().results);
            break;
        default:
            break;
        }
        bool ends = ends_run(in.op);
        if (in.op == Op::block || in.op == Op::loop || in.op == Op::if_ || in.op == Op::try_table) {
            const std::size_t results = results_of(m, in.block);
            open.push_back({in.at, in.op, results, in.op == Op::loop ? parameters_of(m, in.block) : results});
        }
        if (in.op == Op::else_) out.else_of[open.back().at] = next;
        if (in.op == Op::end) {
            ends = open.back().op != Op::loop;
            out.end_of[open.back().at] = next;
            open.pop_back();
        }
        if (ends) {
            out.runs[run] = price;
            run = next;
            price = 0;
        }
    }
    return out;
}

void Interpreter::pay(std::uint64_t units) {
    if (units > static_cast<std::uint64_t>(units_)) throw Trap{Kind::exhaustion, "out of gas"};
    units_ -= static_cast<std::int64_t>(units);
}

void Interpreter::enter_run(Frame& frame, std::uint32_t offset) {
    frame.at = offset;
    const auto run = frame.structure.runs.find(offset);
    if (run != frame.structure.runs.end()) pay(run->second); // behind the last end there is none
}

std::vector<std::uint64_t> Interpreter::call(const Function& callee, std::vector<std::uint64_t> arguments) {
    const Function* function = &callee;
    if (++depth_ > call_limit) throw Trap{Kind::exhaustion, "call stack exhausted"};
    for (;;) {
        if (function->home == nullptr) { // print: nothing happens
            --depth_;
            return {};
        }
        const Instance& home = *function->home;
        const Structure& structure = structure_of(home, function->index);
        Frame frame{home, structure, std::move(arguments), {}, {}};
        frame.locals.resize(structure.locals.size());
        const std::size_t results = home.module->types[home.module->functions[function->index]].results;
        frame.labels.push_back({0, results, UINT32_MAX, false});
        enter_run(frame, structure.first);
        while (!frame.returned) {
            try {
                step(frame);
            } catch (const Exception& exception) {
                if (caught(frame, exception)) continue;
                --depth_;
                throw;
            }
        }
        if (frame.tail == nullptr) {
            --depth_;
            return {frame.stack.end() - static_cast<std::ptrdiff_t>(results), frame.stack.end()};
        }
        function = frame.tail;
        arguments = std::move(frame.stack);
    }
}

void Interpreter::branch(Frame& frame, std::uint32_t depth) {
    const Label label = frame.labels[frame.labels.size() - 1 - depth];
    if (label.target == UINT32_MAX) {
        frame.returned = true;
        return;
    }
    const auto taken = frame.stack.end() - static_cast<std::ptrdiff_t>(label.arity);
    frame.stack.erase(frame.stack.begin() + static_cast<std::ptrdiff_t>(label.height), taken);
    frame.labels.resize(frame.labels.size() - depth - (label.is_loop ? 0 : 1));
    enter_run(frame, label.target);
}

void Interpreter::invoke(Frame& frame, const Function& callee, bool tail) {
    std::size_t count = 0;
    if (callee.home != nullptr) {
        const Module& m = *callee.home->module;
        count = m.types[m.functions[callee.index]].parameters;
    } else { // of the environment: its type is the importer's
        const Module& m = *frame.instance.module;
        for (std::size_t i = 0; i < m.types.size(); ++i) {
            if (m.type_ids[i] == callee.type) count = m.types[i].parameters;
        }
    }
    const auto first = frame.stack.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<std::uint64_t> arguments(first, frame.stack.end());
    frame.stack.erase(first, frame.stack.end());
    if (tail) {
        frame.stack = std::move(arguments);
        frame.tail = &callee;
        frame.returned = true;
        return;
    }
    const std::vector<std::uint64_t> results = call(callee, std::move(arguments));
    frame.stack.insert(frame.stack.end(), results.begin(), results.end());
}

const Function& Interpreter::indirect(Frame& frame, const Instruction& in) {
    const std::uint64_t index = frame.stack.back();
    frame.stack.pop_back();
    const std::vector<std::uint64_t>& items = frame.instance.tables[in.index2]->items;
    if (index >= items.size()) throw Trap{Kind::trap, "undefined element"};
    if (items[index] == 0) throw Trap{Kind::trap, "uninitialized element"};
    const auto& callee = *reinterpret_cast<const Function*>(items[index]);
    if (callee.type != frame.instance.module->type_ids[in.index]) throw Trap{Kind::trap, "indirect call type mismatch"};
    return callee;
}

void Interpreter::control(Frame& frame, const Instruction& in) {
    const Module& m = *frame.instance.module;
    const auto pop = [&] {
        const std::uint64_t top = frame.stack.back();
        frame.stack.pop_back();
        return top;
    };
    switch (in.op) {
    case Op::unreachable:
        throw Trap{Kind::trap, "unreachable"};
    case Op::try_table:
        frame.labels.push_back({frame.stack.size() - parameters_of(m, in.block), results_of(m, in.block),
                                frame.structure.end_of.at(in.at), false, in.at});
        enter_run(frame, frame.at);
        break;
    case Op::block:
        frame.labels.push_back({frame.stack.size() - parameters_of(m, in.block), results_of(m, in.block),
                                frame.structure.end_of.at(in.at), false});
        break;
    case Op::loop:
        frame.labels.push_back(
            {frame.stack.size() - parameters_of(m, in.block), parameters_of(m, in.block), frame.at, true});
        enter_run(frame, frame.at);
        break;
    case Op::if_: {
        const bool holds = static_cast<std::uint32_t>(pop()) != 0;
        const std::uint32_t end = frame.structure.end_of.at(in.at);
        const auto otherwise = frame.structure.else_of.find(in.at);
        if (!holds && otherwise == frame.structure.else_of.end()) {
            enter_run(frame, end);
            break;
        }
        frame.labels.push_back({frame.stack.size() - parameters_of(m, in.block), results_of(m, in.block), end, false});
        enter_run(frame, holds ? frame.at : otherwise->second);
        break;
    }
    case Op::else_: // the first arm is done
        branch(frame, 0);
        break;
    case Op::end: {
        const Label closed = frame.labels.back();
        frame.labels.pop_back();
        if (frame.labels.empty()) {
            frame.returned = true;
        } else if (!closed.is_loop) {
            enter_run(frame, frame.at);
        }
        break;
    }
    case Op::br:
        branch(frame, in.index);
        break;
    case Op::br_if:
        if (static_cast<std::uint32_t>(pop()) != 0) {
            branch(frame, in.index);
        } else {
            enter_run(frame, frame.at);
        }
        break;
    case Op::br_table: {
        const auto index = static_cast<std::uint32_t>(pop());
        Reader labels({in.bytes, in.bytes_end});
        std::uint32_t label = 0;
        for (std::uint32_t i = 0; i <= std::min(index, in.count); ++i) {
            label = labels.u32("a label");
        }
        branch(frame, label);
        break;
    }
    case Op::return_:
        frame.returned = true;
        break;
    case Op::call:
    case Op::return_call:
        invoke(frame, *frame.instance.functions[in.index], in.op == Op::return_call);
        break;
    case Op::call_ref:
    case Op::return_call_ref: {
        const Function& callee = referred(frame);
        invoke(frame, callee, in.op == Op::return_call_ref);
        break;
    }
    case Op::br_on_null:
    case Op::br_on_non_null:
        branch_on_null(frame, in);
        break;
    case Op::throw_:
    case Op::throw_ref:
        raise(frame, in);
        break;
    default: {
        const Function& callee = indirect(frame, in);
        invoke(frame, callee, in.op == Op::return_call_indirect);
        break;
    }
    }
}

std::array<std::uint64_t, static_cast<std::size_t>(Op::count)>& executed() {
    thread_local std::array<std::uint64_t, static_cast<std::size_t>(Op::count)> counts{};
    return counts;
}

void Interpreter::step(Frame& frame) {
    const Module& m = *frame.instance.module;
    Instruction in;
    Reader reader(m.bytes.subspan(frame.at), frame.at);
    read_instruction(reader, m.features, m.type_first, in);
    ++executed()[static_cast<std::size_t>(in.op)];
    frame.at = static_cast<std::uint32_t>(reader.offset());
    std::vector<std::uint64_t>& stack = frame.stack;
    const auto pop = [&] {
        const std::uint64_t top = stack.back();
        stack.pop_back();
        return top;
    };
    if (numeric(frame, in) || floating(frame, in)) return;
    switch (in.op) {
    case Op::nop:
        break;
    case Op::drop:
        stack.pop_back();
        break;
    case Op::select:
    case Op::select_t: {
        const bool first = static_cast<std::uint32_t>(pop()) != 0;
        const std::uint64_t b = pop();
        if (!first) stack.back() = b;
        break;
    }
    case Op::local_get:
        stack.push_back(frame.locals[in.index]);
        break;
    case Op::local_set:
        frame.locals[in.index] = pop();
        break;
    case Op::local_tee:
        frame.locals[in.index] = stack.back();
        break;
    case Op::global_get:
        stack.push_back(frame.instance.globals[in.index]->value);
        break;
    case Op::global_set:
        frame.instance.globals[in.index]->value = pop();
        break;
    case Op::ref_null:
        stack.push_back(0);
        break;
    case Op::ref_is_null:
        stack.back() = stack.back() == 0 ? 1 : 0;
        break;
    case Op::ref_as_non_null:
        if (stack.back() == 0) throw Trap{Kind::trap, "null reference"};
        break;
    case Op::ref_func:
        stack.push_back(reinterpret_cast<std::uint64_t>(frame.instance.functions[in.index]));
        break;
    case Op::table_get:
    case Op::table_set:
    case Op::table_size:
    case Op::table_grow:
    case Op::table_fill:
    case Op::table_copy:
    case Op::table_init:
    case Op::elem_drop:
        table(frame, in);
        break;
    default:
        if (info(in.op).immediate == Immediate::memarg || info(in.op).immediate == Immediate::memory ||
            info(in.op).immediate == Immediate::memory_memory || info(in.op).immediate == Immediate::data_memory ||
            info(in.op).immediate == Immediate::data) {
            memory(frame, in);
        } else {
            control(frame, in);
        }
        break;
    }
}

} // namespace rvm::wasm::reference
