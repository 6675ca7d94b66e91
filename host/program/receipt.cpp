#include "program/receipt.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/values.hpp"

namespace rvm::host {

namespace {

constexpr std::size_t word_bytes = 32;          // one big-endian number, as every format and the Ethereum ABI return it
constexpr std::size_t shown_output_bytes = 256; // more fills a screen; --json has it all

std::string shortened(ByteView bytes) {
    if (bytes.size() <= shown_output_bytes) return bytes_text(bytes);
    return fmt::format("{}... ({} bytes)", bytes_text(bytes.first(shown_output_bytes)), bytes.size());
}

bool reverted(const Outcome& outcome) { return outcome.status == RVM_TRAP_REVERT; }

std::string account_changes(const rvm_account_change& change) {
    std::string text;
    if ((change.flags & RVM_CHANGE_CREATED) != 0) text += "created";
    if ((change.flags & RVM_CHANGE_REMOVED) != 0) text += "removed";
    return text;
}

} // namespace

std::optional<rvm_u256> result_number(const Outcome& outcome) {
    if (outcome.status != RVM_OK) return std::nullopt;
    if (outcome.output.size() != word_bytes) return std::nullopt;
    return u256_of(ByteView{outcome.output});
}

std::string number_text(const rvm_u256& number) {
    return fmt::format("{} ({})", decimal_text(number), hex_text(number));
}

std::string failure_text(const Outcome& outcome) {
    std::string text = reverted(outcome) ? "reverted" : fmt::format("trapped: {}", status_name(outcome.status));
    if (!outcome.format.empty() && !reverted(outcome)) text += fmt::format(" at pc {}", outcome.fault_position);
    if (!outcome.fault.empty()) text += fmt::format(" ({})", outcome.fault);
    return text;
}

void show_trace(Session& session, const Receipt& receipt) {
    if (!receipt.trace.empty()) session.io.err(receipt.trace.ends_with('\n') ? receipt.trace : receipt.trace + "\n");
}

int receipt_status(const Receipt& receipt) noexcept {
    return receipt.outcome.status == RVM_OK ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
}

void show_receipt(Session& session, const Receipt& receipt) {
    const Outcome& outcome = receipt.outcome;
    const auto number = result_number(outcome);
    if (outcome.status != RVM_OK)
        session.line("result", failure_text(outcome), Style::bad);
    else if (number)
        session.line("result", number_text(*number));
    else
        session.line("result", outcome.output.empty() ? "ok, no output" : "ok");
    session.line("gas used", fmt::format("{} of {}", outcome.gas_used, receipt.gas_limit));
    if (!outcome.output.empty() && (!number || session.globals.verbose))
        session.line("output", shortened(outcome.output));
    show_effects(session, receipt);
}

void show_effects(Session& session, const Receipt& receipt) {
    for (const LogEntry& log : receipt.logs) {
        session.line("log", fmt::format("{} data {}", address_text(log.address), shortened(log.data)));
        for (const rvm_bytes32& topic : log.topics)
            session.line("", "topic " + bytes_text(ByteView{topic.bytes}));
    }
    for (const rvm_account_change* change : receipt.changes.accounts()) {
        const std::string what = account_changes(*change);
        if (session.globals.verbose && !what.empty())
            session.line("account", fmt::format("{} {}", address_text(change->address), what));
        for (std::uint64_t i = 0; i < change->slot_count; ++i) {
            const rvm_slot_change& slot = change->slots[i];
            session.line("storage", fmt::format("{} slot {}: {} -> {}", address_text(change->address),
                                                hex_text(slot.key), hex_text(slot.before), hex_text(slot.after)));
        }
    }
}

nlohmann::ordered_json receipt_json(const Receipt& receipt) {
    const Outcome& outcome = receipt.outcome;
    nlohmann::ordered_json json;
    json["status"] = status_name(outcome.status);
    json["success"] = outcome.status == RVM_OK;
    json["format"] = outcome.format;
    if (const auto number = result_number(outcome))
        json["result"] = {{"decimal", decimal_text(*number)}, {"hex", hex_text(*number)}};
    json["gas_used"] = outcome.gas_used;
    json["gas_limit"] = receipt.gas_limit;
    if (outcome.refund != 0) json["gas_refund"] = outcome.refund;
    json["output"] = bytes_text(outcome.output);
    if (outcome.status != RVM_OK) {
        json["trap"] = {
            {"name", status_name(outcome.status)}, {"pc", outcome.fault_position}, {"detail", outcome.detail}};
        if (!outcome.fault.empty()) json["trap"]["fault"] = outcome.fault;
    }
    json["logs"] = nlohmann::ordered_json::array();
    for (const LogEntry& log : receipt.logs) {
        nlohmann::ordered_json topics = nlohmann::ordered_json::array();
        for (const rvm_bytes32& topic : log.topics)
            topics.push_back(bytes_text(ByteView{topic.bytes}));
        json["logs"].push_back(
            {{"address", address_text(log.address)}, {"topics", std::move(topics)}, {"data", bytes_text(log.data)}});
    }
    json["storage"] = nlohmann::ordered_json::array();
    for (const rvm_account_change* change : receipt.changes.accounts()) {
        for (std::uint64_t i = 0; i < change->slot_count; ++i) {
            const rvm_slot_change& slot = change->slots[i];
            json["storage"].push_back({{"address", address_text(change->address)},
                                       {"key", word_text(slot.key)},
                                       {"before", word_text(slot.before)},
                                       {"after", word_text(slot.after)}});
        }
    }
    json["changes_digest"] = bytes_text(ByteView{receipt.changes.digest().bytes});
    if (!receipt.trace.empty()) json["trace"] = receipt.trace;
    return json;
}

} // namespace rvm::host
