// Functions, control, calls, variables.
#include "translate/translator.hpp"

#include "module/costs.hpp"
#include "run/hooks.hpp"

namespace rvm::wasm {

using engine::Label;
using engine::Type;
using IrOp = engine::Op;

namespace {

constexpr std::uint64_t most_cells = 50'000; ///< of one register frame: what 16-bit cell indices allow, with a margin

} // namespace

void Translator::begin(std::uint32_t function, std::span<const ValueType> locals) {
    function_ = function;
    const std::uint32_t type = module_.functions[function];
    locals_.assign(locals.begin(), locals.end());
    local_cells_.clear();
    controls_.clear();
    open_try_ = TryTable::none;
    std::uint32_t cells = 0;
    std::uint32_t parameters = 0;
    for (std::size_t i = 0; i < locals.size(); ++i) {
        if (i == module_.parameters(type).size()) parameters = cells;
        local_cells_.push_back(cells);
        cells += locals[i].cells();
    }
    if (module_.parameters(type).size() == locals.size()) parameters = cells;
    cells_of_locals_ = cells;
    std::uint32_t results = 0;
    for (const ValueType result : module_.results(type)) {
        results += result.cells();
    }
    const Range body = module_.bodies[function - module_.imported_functions];
    if (cells > most_cells) over_limit(body.offset, "a function's frame is too large", most_cells);
    builder_.at(body.offset);
    builder_.begin_function(function - module_.imported_functions,
                            {.parameters = parameters, .locals = cells, .results = results});
    builder_.charge((cells - parameters) / costs::locals_per_unit);
    Control outer;
    outer.live = true;
    outer.results = outer.operands = static_cast<std::uint32_t>(module_.results(type).size());
    outer.end = builder_.label(0, types(module_.results(type)));
    controls_.push_back(outer);
}

engine::Code Translator::finish() {
    return std::move(*builder_.finish()); // nothing failed: end() has asked
}

/// What the rules count of the function is known now.
void Translator::end(std::uint32_t most_cells_of_operands) {
    const std::uint64_t height = frame_height(cells_of_locals_, most_cells_of_operands);
    const std::uint64_t offset = module_.bodies[function_ - module_.imported_functions].offset;
    if (height > most_cells) over_limit(offset, "a function's frame is too large", most_cells);
    builder_.end_function(static_cast<std::uint32_t>(height));
    // The builder finds cells for every frame that has passed: all that it can lack is room for code.
    if (builder_.failed())
        over_limit(offset, "the module's code is too large to translate, in words", engine::BuilderLimits{}.max_words);
}

void Translator::instruction(const Instruction& in) {
    if (!builder_.reachable()) {
        const bool structure = in.op == Op::block || in.op == Op::loop || in.op == Op::if_ || in.op == Op::else_ ||
                               in.op == Op::end || in.op == Op::try_table;
        if (!structure) return;
    }
    builder_.at(in.at);
    builder_.charge(rule(in.op).price);
    if (rule(in.op).immediate == Immediate::local) return variable(in); // the most frequent ones
    plain(in);
}

/// What plain() does not know.
void Translator::other(const Instruction& in) {
    switch (rule(in.op).immediate) {
    case Immediate::block_type:
    case Immediate::try_table:
    case Immediate::label:
    case Immediate::label_table:
        control(in);
        return;
    case Immediate::tag:
        raise(in);
        return;
    case Immediate::function:
    case Immediate::type:
    case Immediate::type_table:
        in.op == Op::ref_func ? reference(in) : call(in);
        return;
    case Immediate::global:
        variable(in);
        return;
    default:
        break;
    }
    if (info(in.op).prefix == Prefix::vector) {
        vector(in);
        return;
    }
    switch (in.op) {
    case Op::unreachable:
    case Op::else_:
    case Op::end:
    case Op::return_:
        control(in);
        break;
    case Op::throw_ref:
        raise(in);
        break;
    case Op::nop:
        break;
    case Op::drop:
        builder_.drop();
        break;
    case Op::select:
    case Op::select_t:
        builder_.select();
        break;
    case Op::ref_null:
    case Op::ref_is_null:
    case Op::ref_as_non_null:
        reference(in);
        break;
    default:
        bulk(in);
        break;
    }
}

// -- control

std::span<const Type> Translator::types(std::span<const ValueType> values) {
    types_.clear();
    for (const ValueType value : values) {
        types_.push_back(cell_type(value));
    }
    return types_;
}

std::size_t Translator::words_of(const Module& module) noexcept {
    std::size_t bytes = 0;
    for (const Range& body : module.bodies) {
        bytes += body.size;
    }
    return bytes / 2;
}

Label Translator::label_of(std::uint32_t depth) {
    Control& to = target(depth);
    to.targeted = true;
    return to.end;
}

void Translator::open(const Instruction& in) {
    Control next;
    next.op = in.op;
    next.live = builder_.reachable();
    if (next.live) {
        std::span<const ValueType> parameters;
        std::span<const ValueType> results(&in.block.result, in.block.result.is_bottom() ? 0 : 1);
        if (in.block.index != BlockType::no_index) {
            parameters = module_.parameters(in.block.index);
            results = module_.results(in.block.index);
        }
        const bool has_condition = in.op == Op::if_;
        const auto inputs = static_cast<std::uint32_t>(parameters.size());
        const std::uint32_t below = builder_.height() - inputs - (has_condition ? 1 : 0);
        next.results = static_cast<std::uint32_t>(results.size());
        next.operands = in.op == Op::loop ? inputs : next.results;
        next.end = builder_.label(below, types(in.op == Op::loop ? parameters : results));
        if (in.op == Op::loop) builder_.bind(next.end);
        if (in.op == Op::try_table) open_try(in, next, below + inputs);
        if (has_condition) {
            next.otherwise = builder_.label(below, types(parameters));
            builder_.jump_if(next.otherwise, true);
        }
    }
    controls_.push_back(next);
}

/// For each clause a block that takes the payload and jumps to the clause's label. Nothing falls into these blocks: the
/// runtime enters them when it has found the clause. What lies below stays where it is while the body runs.
void Translator::open_try(const Instruction& in, Control& next, std::uint32_t height) {
    TryTable range;
    range.parent = open_try_;
    range.first_clause = static_cast<std::uint32_t>(clauses_.size());
    range.clause_count = in.count;
    const std::uint32_t cell = builder_.home(height);
    const Label body = builder_.label(height, {});
    builder_.jump(body);
    Reader reader({in.bytes, in.bytes_end}, in.at);
    for (std::uint32_t i = 0; i < in.count; ++i) {
        const CatchClause clause = read_catch_clause(reader);
        std::vector<Type> entries;
        if (clause.kind == CatchKind::catch_ || clause.kind == CatchKind::catch_ref) {
            for (const ValueType value : module_.parameters(module_.tags[clause.tag])) {
                entries.push_back(cell_type(value));
            }
        }
        if (clause.kind == CatchKind::catch_ref || clause.kind == CatchKind::catch_all_ref)
            entries.push_back(Type::ref);
        builder_.bind(builder_.label(height, entries));
        clauses_.push_back({clause.kind, clause.tag, builder_.here(), cell});
        if (clause.label + 1 == controls_.size()) {
            builder_.ret();
        } else {
            builder_.jump(label_of(clause.label));
        }
    }
    builder_.bind(body);
    next.range = static_cast<std::uint32_t>(tries_.size());
    open_try_ = next.range;
    try_boundaries_.push_back({builder_.here(), open_try_});
    tries_.push_back(range);
}

void Translator::raise(const Instruction& in) {
    if (in.op == Op::throw_ref) {
        builder_.host(hooks::throw_ref, 0, 1, {});
    } else {
        const auto payload = static_cast<std::uint32_t>(module_.parameters(module_.tags[in.index]).size());
        builder_.charge(costs::handed_on(payload));
        builder_.host(hooks::throw_tag, in.index, payload, {});
    }
    builder_.trap(engine::Trap::unreachable); // the runtime goes on elsewhere
}

void Translator::close() {
    const Control closed = controls_.back();
    controls_.pop_back();
    if (!controls_.empty()) {
        if (!closed.live) return; // control does not get here
        if (closed.op != Op::loop) builder_.charge(costs::handed_on(closed.results));
        if (closed.range != TryTable::none) {
            open_try_ = tries_[closed.range].parent;
            try_boundaries_.push_back({builder_.here(), open_try_});
        }
        if (closed.op == Op::if_) builder_.bind(closed.otherwise); // no else: parameters are the results
        if (closed.op != Op::loop) builder_.bind(closed.end);
        return;
    }
    builder_.charge(costs::handed_on(closed.results));
    if (closed.targeted) builder_.bind(closed.end);
    builder_.ret();
}

void Translator::control(const Instruction& in) {
    switch (in.op) {
    case Op::block:
    case Op::loop:
    case Op::if_:
    case Op::try_table:
        open(in);
        break;
    case Op::else_: {
        Control& current = controls_.back();
        current.op = Op::else_;
        if (!current.live) break;
        builder_.charge(costs::handed_on(current.results));
        builder_.jump(current.end);
        builder_.bind(current.otherwise);
        break;
    }
    case Op::end:
        close();
        break;
    case Op::br:
        builder_.charge(costs::handed_on(target(in.index).operands));
        if (in.index + 1 == controls_.size()) {
            builder_.ret();
        } else {
            builder_.jump(label_of(in.index));
        }
        break;
    case Op::br_if:
        builder_.charge(costs::handed_on(target(in.index).operands));
        builder_.jump_if(label_of(in.index));
        break;
    case Op::br_table:
        branch_table(in);
        break;
    case Op::br_on_null: { // the reference stays unless it is null
        builder_.charge(costs::handed_on(target(in.index).operands));
        const Label kept = builder_.label(builder_.height() - 1, std::vector<Type>{Type::ref});
        builder_.pick(0);
        builder_.equals_zero();
        builder_.jump_if(kept, true);
        builder_.drop();
        builder_.jump(label_of(in.index));
        builder_.bind(kept);
        break;
    }
    case Op::br_on_non_null:
        builder_.charge(costs::handed_on(target(in.index).operands));
        builder_.pick(0);
        builder_.equals_zero();
        builder_.jump_if(label_of(in.index), true);
        builder_.drop();
        break;
    case Op::return_:
        builder_.charge(costs::handed_on(controls_.front().results));
        builder_.ret();
        break;
    default:
        builder_.trap(engine::Trap::unreachable);
        break;
    }
}

void Translator::branch_table(const Instruction& in) {
    Reader reader({in.bytes, in.bytes_end}, in.at);
    labels_.clear();
    for (std::uint32_t i = 0; i < in.count; ++i) {
        labels_.push_back(label_of(reader.u32("a label")));
    }
    const std::uint32_t otherwise = reader.u32("a label");
    builder_.charge(costs::handed_on(target(otherwise).operands));
    builder_.jump_table(labels_, label_of(otherwise));
}

// -- calls

std::uint32_t Translator::advance(std::uint32_t arguments) const {
    const std::uint32_t cells = builder_.home(builder_.height() - arguments) - builder_.stack_base();
    return static_cast<std::uint32_t>(frame_height(cells_of_locals_, cells)); // cells under the arguments
}

void Translator::call(const Instruction& in) {
    const bool direct = in.op == Op::call || in.op == Op::return_call;
    const bool tail = in.op == Op::return_call || in.op == Op::return_call_indirect || in.op == Op::return_call_ref;
    const std::uint32_t type = direct ? module_.functions[in.index] : in.index;
    const auto arguments = static_cast<std::uint32_t>(module_.parameters(type).size());
    const std::span<const Type> results = types(module_.results(type));
    if (tail) builder_.charge(costs::handed_on(arguments));
    const std::uint64_t signature = module_.type_ids[type];
    if (direct && in.index < module_.imported_functions) {
        builder_.host(hooks::call_import, in.index, arguments, results);
        if (tail) builder_.ret();
        return;
    }
    const bool index_on_top = !direct;
    const std::uint32_t words = advance(arguments + (index_on_top ? 1 : 0));
    if (direct) {
        const std::uint32_t callee = in.index - module_.imported_functions;
        tail ? builder_.tail_call(callee, arguments) : builder_.call(callee, arguments, results, words);
    } else if (in.op == Op::call_ref || in.op == Op::return_call_ref) {
        tail ? builder_.tail_call_reference(signature, arguments)
             : builder_.call_reference(signature, arguments, results, words);
    } else {
        tail ? builder_.tail_call_indirect(in.index2, signature, arguments)
             : builder_.call_indirect(in.index2, signature, arguments, results, words);
    }
}

// -- variables, references

void Translator::variable(const Instruction& in) {
    switch (in.op) {
    case Op::local_get:
        builder_.local_get(local_cells_[in.index], cell_type(locals_[in.index]));
        break;
    case Op::local_set:
        builder_.local_set(local_cells_[in.index]);
        break;
    case Op::local_tee:
        builder_.local_tee(local_cells_[in.index]);
        break;
    case Op::global_get:
        builder_.global_get(in.index, cell_type(module_.globals[in.index].type));
        break;
    default:
        builder_.global_set(in.index);
        break;
    }
}

void Translator::reference(const Instruction& in) {
    switch (in.op) {
    case Op::ref_null:
        builder_.push(Type::ref, 0);
        break;
    case Op::ref_is_null:
        builder_.equals_zero();
        break;
    case Op::ref_func:
        builder_.leaf(hooks::ref_func, in.index, 0, Type::ref);
        break;
    default:
        builder_.leaf(hooks::not_null, 0, 1, Type::ref);
        break;
    }
}

} // namespace rvm::wasm
