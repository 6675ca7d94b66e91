// JSON documents that others wrote: parsed strictly, read with refusals that name the member.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "u256/u256.hpp"

namespace rvm::wallet {

using Json = nlohmann::json;
using u256::U256;
using Buffer = std::vector<std::uint8_t>;

/// At most 1 MiB, 64 levels deep, no key twice in one object, numbers integers of 64 bits. Throws Refusal that
/// names `what`.
[[nodiscard]] Json parse_json(std::string_view text, const std::string& what);

// Members; each throws Refusal with the key, what was expected and what was found.
/// `place` is where the object stands in its document; empty: it is the document.
[[nodiscard]] const Json& member(const Json& object, const char* key, const std::string& place = {});
/// nullptr: there is none, or it is null.
[[nodiscard]] const Json* find_member(const Json& object, const char* key);
[[nodiscard]] const std::string& text_of(const Json& value, const std::string& what);
/// Hex digits, "0x" in front or not.
[[nodiscard]] Buffer bytes_from(const Json& value, const std::string& what);
/// "0x..." hex, decimal digits, or a JSON integer that is not negative.
[[nodiscard]] U256 number_of(const Json& value, const std::string& what);
[[nodiscard]] std::uint64_t small_number_of(const Json& value, const std::string& what);
/// What was found, for messages; shortened.
[[nodiscard]] std::string shown(const Json& value);

} // namespace rvm::wallet
