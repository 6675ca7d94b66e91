// Constant expressions (core specification 3.3.10), and the segments made of them.
#include "interpreter.hpp"

namespace rvm::wasm::reference {

std::uint64_t evaluate(const Instance& instance, Range expression) {
    const Module& m = *instance.module;
    Reader reader(m.part(expression), expression.offset);
    std::vector<std::uint64_t> stack;
    for (;;) {
        Instruction in;
        read_instruction(reader, m.features, m.type_first, in);
        std::uint64_t right = 0;
        if (info(in.op).signature.substr(0, 2) == "ii" || info(in.op).signature.substr(0, 2) == "II") {
            right = stack.back();
            stack.pop_back();
        }
        switch (in.op) {
        case Op::end:
            return stack.back();
        case Op::global_get:
            stack.push_back(instance.globals[in.index]->value);
            break;
        case Op::ref_func:
            stack.push_back(reinterpret_cast<std::uint64_t>(instance.functions[in.index]));
            break;
        case Op::ref_null:
            stack.push_back(0);
            break;
        case Op::i32_add:
            stack.back() = static_cast<std::uint32_t>(stack.back() + right);
            break;
        case Op::i32_sub:
            stack.back() = static_cast<std::uint32_t>(stack.back() - right);
            break;
        case Op::i32_mul:
            stack.back() = static_cast<std::uint32_t>(stack.back() * right);
            break;
        case Op::i64_add:
            stack.back() += right;
            break;
        case Op::i64_sub:
            stack.back() -= right;
            break;
        case Op::i64_mul:
            stack.back() *= right;
            break;
        default: // a number: the expression was judged
            stack.push_back(in.value);
            break;
        }
    }
}

std::vector<std::uint64_t> element_values(const Instance& instance, std::uint32_t segment) {
    const Module& m = *instance.module;
    const ElementSegment& items = m.elements[segment];
    std::vector<std::uint64_t> values;
    Reader reader(m.part(items.items), items.items.offset);
    for (std::uint32_t i = 0; i < items.count; ++i) {
        if (!items.expressions) {
            values.push_back(reinterpret_cast<std::uint64_t>(instance.functions[reader.u32("an index")]));
            continue;
        }
        values.push_back(evaluate(
            instance, {static_cast<std::uint32_t>(reader.offset()), static_cast<std::uint32_t>(reader.left())}));
        Instruction in;
        do {
            read_instruction(reader, m.features, m.type_first, in);
        } while (in.op != Op::end);
    }
    return values;
}

} // namespace rvm::wasm::reference
