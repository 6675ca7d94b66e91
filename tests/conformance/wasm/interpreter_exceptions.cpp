// Exceptions (core specification 4.4.9) and typed references.
#include "interpreter.hpp"

#include "module/costs.hpp"

namespace rvm::wasm::reference {

using Kind = spectest::Outcome::Kind;

void Interpreter::raise(Frame& frame, const Instruction& in) {
    std::vector<std::uint64_t>& stack = frame.stack;
    if (in.op == Op::throw_ref) {
        const std::uint64_t reference = stack.back();
        if (reference == 0) throw Trap{Kind::trap, "null exception reference"};
        const auto& thrown = *reinterpret_cast<const Exception*>(reference);
        pay(costs::handed_on(thrown.values.size()));
        throw Exception(thrown);
    }
    const Tag* tag = frame.instance.tags[in.index];
    throw Exception{tag, {stack.end() - static_cast<std::ptrdiff_t>(tag->values), stack.end()}};
}

/// Looks for a clause from the innermost try_table outwards.
bool Interpreter::caught(Frame& frame, const Exception& exception) {
    for (std::size_t label = frame.labels.size(); label-- > 0;) {
        if (frame.labels[label].try_at == 0) continue;
        pay(costs::unwind);
        if (take(frame, label, exception)) return true;
    }
    pay(costs::unwind);
    return false;
}

bool Interpreter::take(Frame& frame, std::size_t label, const Exception& exception) {
    const Module& m = *frame.instance.module;
    Instruction in;
    Reader reader(m.bytes.subspan(frame.labels[label].try_at), frame.labels[label].try_at);
    read_instruction(reader, m.features, m.type_first, in);
    Reader clauses({in.bytes, in.bytes_end}, in.at);
    for (std::uint32_t i = 0; i < in.count; ++i) {
        const CatchClause clause = read_catch_clause(clauses);
        pay(costs::unwind);
        const bool by_tag = clause.kind == CatchKind::catch_ || clause.kind == CatchKind::catch_ref;
        if (by_tag && frame.instance.tags[clause.tag] != exception.tag) continue;
        if (by_tag) pay(costs::handed_on(exception.values.size()));
        frame.stack.resize(frame.labels[label].height);
        if (by_tag) frame.stack.insert(frame.stack.end(), exception.values.begin(), exception.values.end());
        if (clause.kind == CatchKind::catch_ref || clause.kind == CatchKind::catch_all_ref) {
            pay(costs::exception + exception.values.size());
            exceptions_.push_back(exception);
            frame.stack.push_back(reinterpret_cast<std::uint64_t>(&exceptions_.back()));
        }
        frame.labels.resize(label);
        branch(frame, clause.label);
        return true;
    }
    return false;
}

const Function& Interpreter::referred(Frame& frame) {
    const std::uint64_t reference = frame.stack.back();
    frame.stack.pop_back();
    if (reference == 0) throw Trap{Kind::trap, "null function reference"};
    return *reinterpret_cast<const Function*>(reference);
}

void Interpreter::branch_on_null(Frame& frame, const Instruction& in) {
    const bool null = frame.stack.back() == 0;
    if (null) frame.stack.pop_back();
    if (null == (in.op == Op::br_on_null)) {
        branch(frame, in.index); // br_on_non_null takes the reference along
    } else {
        enter_run(frame, frame.at);
    }
}

} // namespace rvm::wasm::reference
