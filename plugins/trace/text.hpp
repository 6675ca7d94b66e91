// How traces write values. Output depends on the values alone: no locale, no host address.
#pragma once

#include <string>
#include <string_view>

#include <rvm/plugin.h>

namespace rvm::trace {

/// A trace stops growing here; what follows is counted, not kept. An endless program must not exhaust the host.
inline constexpr std::size_t max_trace_bytes = 256u << 20u;

/// "0x" and two lower-case digits a byte.
[[nodiscard]] std::string hex(rvm_view bytes);
[[nodiscard]] std::string hex(const rvm_address& address);
[[nodiscard]] std::string hex(const rvm_bytes32& bytes);
/// "0x" and digits without leading zeros.
[[nodiscard]] std::string hex(const rvm_u256& value);
/// At most the first `limit` bytes, then "... (N bytes)".
[[nodiscard]] std::string hex_head(rvm_view bytes, std::uint64_t limit);
/// A 256-bit number in decimal.
[[nodiscard]] std::string decimal(const rvm_u256& value);

/// "ok", "revert", "out_of_gas", ...; "status_N" for one that plugin.h does not define.
[[nodiscard]] std::string status_name(rvm_status status);
/// "call", "callcode", "delegate", "static", "create"; "kind_N" otherwise.
[[nodiscard]] std::string kind_name(std::uint32_t kind);
/// "balance", "nonce", "code", "slot", "transient", "destroy"; "state_N" otherwise.
[[nodiscard]] std::string state_name(std::uint32_t kind);

/// A JSON string, quoted and escaped; `text` may be NULL (null).
[[nodiscard]] std::string json_string(const char* text);

} // namespace rvm::trace
