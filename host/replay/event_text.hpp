// Events as one line for people.
#pragma once

#include <string>
#include <string_view>

#include "record/step_reader.hpp"

namespace rvm::replay {

/// "pc 12  SLOAD  gas 100  cost 3  stack 0x1 0x2" with at most the four topmost words, the top last.
[[nodiscard]] std::string op_text(const rvm_op_event& event);
[[nodiscard]] std::string enter_text(const rvm_message& message, const char* format);
[[nodiscard]] std::string leave_text(const rvm_result& result);
[[nodiscard]] std::string state_text(const rvm_state_event& event);
[[nodiscard]] std::string log_text(const rvm_address& address, const rvm_bytes32* topics, std::size_t topic_count, rvm_view data);
[[nodiscard]] std::string external_text(const std::string& id, ByteView input);
[[nodiscard]] std::string deed_text(const record::Deed& deed);
[[nodiscard]] std::string event_text(const record::Event& event);

/// A name that a format may leave out.
[[nodiscard]] inline std::string_view text_of(const char* text) noexcept { return text == nullptr ? std::string_view() : text; }
/// "0x" and the bytes; of many the first and how many there are.
[[nodiscard]] std::string bytes_head(ByteView bytes);
/// A word of a stack, `size` little-endian bytes.
[[nodiscard]] std::string word_at(rvm_view stack, std::uint32_t size, std::uint64_t index);
/// What an execution's end is called, host failures too.
[[nodiscard]] std::string status_text(rvm_status status);

} // namespace rvm::replay
