// Messages, answers and logs as bytes: they stand in calls and in event streams.
#pragma once

#include "record/coding.hpp"
#include "record/recording.hpp"

namespace rvm::record {

/// Bytes of an input, an output, a code or a log: more than any limit of a deployment.
inline constexpr std::uint64_t max_blob = std::uint64_t{1} << 30;

void put(Encoder& out, const Message& message);
void put(Encoder& out, const Answer& answer);
void put(Encoder& out, const Log& log);
[[nodiscard]] Message get_message(Decoder& in);
[[nodiscard]] Answer get_answer(Decoder& in);
[[nodiscard]] Log get_log(Decoder& in);
[[nodiscard]] rvm_status get_status(Decoder& in);
/// How many items follow, each of at least `least` bytes: no count makes a reader reserve more than the file justifies.
[[nodiscard]] std::size_t get_count(Decoder& in, const char* what, std::size_t least = 1);

} // namespace rvm::record
