#include "verbs/report.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "faults.hpp"

namespace rvm::evm {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kSelector = 4, kWord = 32;
constexpr std::uint8_t kErrorSelector[] = {0x08, 0xc3, 0x79, 0xa0}; // Error(string)
constexpr std::uint8_t kPanicSelector[] = {0x4e, 0x48, 0x7b, 0x71}; // Panic(uint256)
constexpr std::size_t kShownBytes = 256;

rvm_view view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

/// The word at `at` behind the selector when it fits a size.
std::optional<std::size_t> size_at(const Bytes& output, std::size_t at) {
    if (output.size() < kSelector + kWord || at > output.size() - kSelector - kWord) return std::nullopt;
    const rvm_u256 word = rvm_u256_from_bytes(output.data() + kSelector + at, kWord);
    if ((word.limbs[1] | word.limbs[2] | word.limbs[3]) != 0 || word.limbs[0] > output.size()) return std::nullopt;
    return static_cast<std::size_t>(word.limbs[0]);
}

/// Solidity documentation, "Panic via assert and Error via require".
const char* panic_text(std::uint64_t code) {
    switch (code) {
    case 0x00:
        return "generic panic";
    case 0x01:
        return "assertion failed";
    case 0x11:
        return "arithmetic overflow";
    case 0x12:
        return "division by zero";
    case 0x21:
        return "conversion into an enum out of range";
    case 0x22:
        return "badly encoded storage array";
    case 0x31:
        return "pop of an empty array";
    case 0x32:
        return "index out of bounds";
    case 0x41:
        return "too much memory";
    case 0x51:
        return "call of an uninitialised function";
    default:
        return "unknown";
    }
}

std::string outcome(const Execution& execution) {
    if (execution.status == RVM_OK) return "ok";
    if (execution.status == RVM_TRAP_REVERT) {
        const std::string reason = revert_reason(execution.output);
        return reason.empty() ? "reverted" : "reverted: " + reason;
    }
    const char* text = fault_text(execution.detail);
    if (text == nullptr) return "failed: status " + std::to_string(execution.status);
    return "halted: " + std::string(text) + " at pc " + std::to_string(execution.fault_position);
}

void line(std::string& out, const char* name, const std::string& text) {
    char label[16];
    std::snprintf(label, sizeof label, "%-12s", name);
    out += label + text + "\n";
}

std::string shortened(const Bytes& bytes) {
    if (bytes.size() <= kShownBytes) return hex_of(view(bytes));
    return hex_of(rvm_view{bytes.data(), kShownBytes}) + "... (" + std::to_string(bytes.size()) + " bytes)";
}

} // namespace

std::string revert_reason(const Bytes& output) {
    if (output.size() < kSelector + kWord) return {};
    if (std::equal(std::begin(kPanicSelector), std::end(kPanicSelector), output.begin())) {
        const rvm_u256 code = rvm_u256_from_bytes(output.data() + kSelector, kWord);
        const bool is_small = (code.limbs[1] | code.limbs[2] | code.limbs[3]) == 0;
        return "Panic(" + hex_of(code) + "), " + (is_small ? panic_text(code.limbs[0]) : "unknown");
    }
    if (!std::equal(std::begin(kErrorSelector), std::end(kErrorSelector), output.begin())) return {};
    const auto offset = size_at(output, 0);
    const auto size = offset ? size_at(output, *offset) : std::nullopt;
    if (!size || *size > output.size() - kSelector - *offset - kWord) return {};
    std::string text;
    for (std::size_t i = 0; i < *size; ++i) {
        const auto c = static_cast<unsigned char>(output[kSelector + *offset + kWord + i]);
        text += c < 0x20 || c == 0x7f ? '?' : static_cast<char>(c); // no control characters reach a terminal
    }
    return "Error(\"" + text + "\")";
}

std::string report_text(const Execution& execution, const EvmOptions& options) {
    std::string out;
    line(out, "result", outcome(execution));
    if (execution.output.size() == kWord && execution.status == RVM_OK && !options.create)
        line(out, "number", decimal_of(rvm_u256_from_bytes(execution.output.data(), kWord)));
    if (options.create && execution.status == RVM_OK) line(out, "created", hex_of(execution.created));
    if (!execution.output.empty()) line(out, options.create ? "code" : "output", shortened(execution.output));
    line(out, "gas used", std::to_string(execution.gas_used) + " of " + std::to_string(options.gas));
    if (execution.refund != 0) line(out, "refund", std::to_string(execution.refund));
    for (const LogLine& log : execution.logs) {
        line(out, "log", hex_of(log.address) + " data " + shortened(log.data));
        for (const rvm_bytes32& topic : log.topics)
            line(out, "", "topic " + hex_of(rvm_view{topic.bytes, sizeof topic.bytes}));
    }
    return out;
}

std::string report_json(const Execution& execution, const EvmOptions& options) {
    Json json;
    json["success"] = execution.status == RVM_OK;
    json["result"] = outcome(execution);
    json["output"] = hex_of(view(execution.output));
    json["gas_used"] = execution.gas_used;
    json["gas_limit"] = options.gas;
    json["gas_refund"] = execution.refund;
    json["rules"] = options.rules;
    if (options.create && execution.status == RVM_OK) json["created"] = hex_of(execution.created);
    if (execution.status == RVM_TRAP_REVERT) {
        // Text of a program: what is no UTF-8 becomes U+FFFD when the JSON is written.
        json["revert_reason"] = revert_reason(execution.output);
    } else if (execution.status != RVM_OK) {
        const char* text = fault_text(execution.detail);
        json["halt"] = {{"reason", text != nullptr ? text : "unknown"}, {"pc", execution.fault_position}};
    }
    json["logs"] = Json::array();
    for (const LogLine& log : execution.logs) {
        Json topics = Json::array();
        for (const rvm_bytes32& topic : log.topics)
            topics.push_back(hex_of(rvm_view{topic.bytes, sizeof topic.bytes}));
        json["logs"].push_back(
            {{"address", hex_of(log.address)}, {"topics", topics}, {"data", hex_of(view(log.data))}});
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace rvm::evm
