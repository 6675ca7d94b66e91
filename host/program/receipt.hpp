// What happened to a message, shown to people and as JSON.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/session.hpp"
#include "program/machine.hpp"

namespace rvm::host {

/// The result as a number, when the output is 32 bytes: one big-endian number, which is also what a native program
/// returns that falls off its end (the top of its stack).
[[nodiscard]] std::optional<rvm_u256> result_number(const Outcome& outcome);
/// "150 (0x96)".
[[nodiscard]] std::string number_text(const rvm_u256& number);
/// "trapped: out of gas at PLACE".
[[nodiscard]] std::string failure_text(const Outcome& outcome);

/// Lines: result or trap, gas used, output, logs, storage changes.
void show_receipt(Session& session, const Receipt& receipt);
/// The lines of it that tell logs and storage changes.
void show_effects(Session& session, const Receipt& receipt);
[[nodiscard]] nlohmann::ordered_json receipt_json(const Receipt& receipt);

/// Writes the trace, if any, to the error stream.
void show_trace(Session& session, const Receipt& receipt);
/// 0, or 1 when the program reverted or trapped.
[[nodiscard]] int receipt_status(const Receipt& receipt) noexcept;

} // namespace rvm::host
