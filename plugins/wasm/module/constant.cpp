#include "constant.hpp"

#include "instruction.hpp"
#include "limits.hpp"

namespace rvm::wasm {
namespace {

ValueType global_value(const Module& module, const Instruction& instruction) {
    const bool earlier = module.features.has(Feature::extended_const);
    const std::size_t known = earlier ? module.globals.size() : module.imported_globals;
    if (instruction.index >= known) invalid(instruction.at, "unknown global " + std::to_string(instruction.index));
    if (module.globals[instruction.index].is_mutable) {
        invalid(instruction.at,
                "constant expression required: global " + std::to_string(instruction.index) + " is mutable");
    }
    return module.globals[instruction.index].type;
}

void pop(std::vector<ValueType>& stack, ValueType expected, std::uint64_t at) {
    if (stack.empty() || !matches(stack.back(), expected)) {
        invalid(at, "type mismatch in a constant expression: expected " + expected.text() + ", found " +
                        (stack.empty() ? "nothing" : stack.back().text()));
    }
    stack.pop_back();
}

} // namespace

Range check_constant(Reader& body, const Module& module, ValueType expected,
                     const std::function<void(std::uint32_t)>& on_function) {
    const std::uint64_t first = body.offset();
    std::vector<ValueType> stack;
    for (;;) {
        Instruction instruction;
        read_instruction(body, module.features, module.type_first, instruction);
        switch (instruction.op) {
        case Op::end:
            pop(stack, expected, instruction.at);
            if (!stack.empty())
                invalid(instruction.at, "type mismatch: a constant expression leaves more than one value");
            return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(body.offset() - first)};
        case Op::i32_const:
            stack.push_back(i32);
            break;
        case Op::i64_const:
            stack.push_back(i64);
            break;
        case Op::f32_const:
            stack.push_back(f32);
            break;
        case Op::f64_const:
            stack.push_back(f64);
            break;
        case Op::v128_const:
            stack.push_back(v128);
            break;
        case Op::ref_null:
            stack.push_back(instruction.type);
            break;
        case Op::ref_func:
            if (instruction.index >= module.functions.size()) {
                invalid(instruction.at, "unknown function " + std::to_string(instruction.index));
            }
            on_function(instruction.index);
            stack.push_back(module.features.has(Feature::function_references)
                                ? ValueType::reference(module.functions[instruction.index], false)
                                : funcref);
            break;
        case Op::global_get:
            stack.push_back(global_value(module, instruction));
            break;
        case Op::i32_add:
        case Op::i32_sub:
        case Op::i32_mul:
        case Op::i64_add:
        case Op::i64_sub:
        case Op::i64_mul: {
            if (!module.features.has(Feature::extended_const)) {
                invalid(instruction.at,
                        "constant expression required, found " + std::string(info(instruction.op).text));
            }
            const ValueType type = info(instruction.op).signature[0] == 'i' ? i32 : i64;
            pop(stack, type, instruction.at);
            pop(stack, type, instruction.at);
            stack.push_back(type);
            break;
        }
        default:
            invalid(instruction.at, "constant expression required, found " + std::string(info(instruction.op).text));
        }
        if (stack.size() > limits::operands) over_limit(instruction.at, "too many operands", limits::operands);
    }
}

} // namespace rvm::wasm
