#include "plugin_ops.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <rvm/plugin.hpp>

namespace rvm::evm {
namespace {

[[noreturn]] void refuse(std::size_t index, const rvm_evm_op& op, const std::string& why) {
    const std::string name = op.name != nullptr ? std::string(" (") + op.name + ")" : std::string();
    throw sdk::Failure(RVM_E_CONFIG, std::string(RVM_EVM_OPS) + ": op " + std::to_string(index) + name + ": " + why);
}

bool is_name(const char* text) {
    constexpr std::size_t longest = 32;
    if (text == nullptr) return false;
    const std::string_view name(text);
    const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    return !name.empty() && name.size() <= longest && is_letter(name[0]) &&
           std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool has_name(const char* name) {
    return std::ranges::any_of(kOpcodeInfo, [&](const OpcodeInfo& info) {
        return info.name != nullptr && std::string_view(info.name) == name;
    });
}

void check(std::size_t index, const rvm_evm_op& op, const PluginOps& ops) {
    if (op.struct_size < sizeof op) refuse(index, op, "struct_size is " + std::to_string(op.struct_size));
    if (!is_name(op.name) || has_name(op.name))
        refuse(index, op, "expected a name as POPCOUNT that no EVM instruction has");
    if (kOpcodeInfo[op.number].name != nullptr)
        refuse(index, op, std::string("its number is that of ") + kOpcodeInfo[op.number].name);
    if (ops[op.number] != nullptr) refuse(index, op, std::string("its number is that of ") + ops[op.number]->name);
    if (op.operands > RVM_EVM_OP_MAX_WORDS || op.results > RVM_EVM_OP_MAX_WORDS)
        refuse(index, op, "more than 16 operands or results");
    if (op.gas > RVM_EVM_OP_MAX_GAS) refuse(index, op, "a price above 32767");
    if (op.run == nullptr) refuse(index, op, "run is NULL");
}

void enable(std::size_t index, const rvm_evm_op& op, const char* rules, Schedules& schedules) {
    for (std::size_t i = 0; i < kRuleSets; ++i) {
        if (rules != nullptr && std::string_view(rules) != kRuleNames[i]) continue;
        schedules[i].gas[op.number] = static_cast<std::int16_t>(op.gas);
        schedules[i].from_plugin[op.number] = true;
        if (rules != nullptr) return;
    }
    if (rules != nullptr) refuse(index, op, std::string("there is no rule set ") + rules);
}

} // namespace

void add_plugin_ops(const rvm_evm_ops& table, PluginOps& ops, Schedules& schedules) {
    if (table.struct_size < sizeof table || table.count > kOpcodes || (table.count != 0 && table.ops == nullptr))
        throw sdk::Failure(RVM_E_CONFIG, std::string(RVM_EVM_OPS) + ": expected a table of at most 256 ops");
    for (std::size_t i = 0; i < table.count; ++i) {
        const rvm_evm_op& op = table.ops[i];
        check(i, op, ops);
        if (op.rules == nullptr) enable(i, op, nullptr, schedules);
        for (const char* const* rules = op.rules; rules != nullptr && *rules != nullptr; ++rules)
            enable(i, op, *rules, schedules);
        ops[op.number] = &op;
    }
}

} // namespace rvm::evm
