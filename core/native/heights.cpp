#include "native/heights.hpp"

#include <algorithm>

namespace rvm::native {
namespace {

using Names = std::unordered_map<std::string_view, std::uint32_t>;

/// Operands and results of an instruction; what has no valid immediate counts as nothing.
struct Effect {
    std::uint32_t pops = 0;
    std::uint32_t pushes = 0;
};

Effect effect_of(const Item& item, const Module& module, const Names& functions) {
    const OpInfo& info = op_info(item.op);
    const std::uint64_t small = item.operand.empty() ? 0 : item.operand.front().value; // names are resolved by now
    switch (info.immediate) {
    case Immediate::function: {
        const auto callee = functions.find(item.names.front().name);
        if (callee == functions.end()) return {};
        return {module.functions[callee->second].parameters, module.functions[callee->second].results};
    }
    case Immediate::import_opcode:
        return {module.imports[item.import].pops, module.imports[item.import].pushes};
    case Immediate::depth:
        return {0, 1};
    case Immediate::topics:
        return {static_cast<std::uint32_t>(2 + std::min<std::uint64_t>(small, max_topics)), 0};
    default:
        return {info.pops == by_immediate ? std::uint32_t{0} : info.pops, info.pushes};
    }
}

} // namespace

void infer_heights(FunctionText& function, const Module& module, const Names& labels, const Names& functions) {
    std::vector<std::size_t> positions; // of labels, by ordinal
    for (std::size_t i = 0; i < function.items.size(); ++i)
        if (function.items[i].op == Op::label) positions.push_back(i);

    std::vector<std::size_t> open; // items whose height on entry is known and whose successors are not yet looked at
    std::vector<bool> walked(positions.size(), false);
    auto walk = [&](std::size_t at, std::uint32_t height) {
        for (; at < function.items.size(); ++at) {
            Item& item = function.items[at];
            if (item.op == Op::label) {
                const std::uint32_t ordinal = labels.at(item.names.front().name);
                if (!item.height) item.height = height;
                height = *item.height;
                if (walked[ordinal]) return;
                walked[ordinal] = true;
                continue;
            }
            const Effect effect = effect_of(item, module, functions);
            height = height < effect.pops ? 0 : height - effect.pops;
            const Immediate kind = op_info(item.op).immediate;
            if (kind == Immediate::label || kind == Immediate::table)
                for (const Use& use : item.names) {
                    const auto target = labels.find(use.name);
                    if (target == labels.end()) continue;
                    Item& label = function.items[positions[target->second]];
                    if (!label.height) label.height = height;
                    if (!walked[target->second]) open.push_back(positions[target->second]);
                }
            height = std::min(height + effect.pushes, max_function_height);
            if ((op_info(item.op).flags & OpFlags::ends) != 0) return;
        }
    };
    auto drain = [&] {
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            if (!walked[labels.at(function.items[at].names.front().name)]) walk(at, *function.items[at].height);
        }
    };
    walk(0, function.parameters);
    drain();
    for (const std::size_t at : positions) { // never reached from the entry
        if (!function.items[at].height) function.items[at].height = 0;
        open.push_back(at);
        drain();
    }
}

} // namespace rvm::native
