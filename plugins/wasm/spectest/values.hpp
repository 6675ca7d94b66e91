// Values as scripts write them.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "backend.hpp"

namespace rvm::wasm::spectest {

/// An argument. Throws std::runtime_error for what is no value.
[[nodiscard]] Value argument(const nlohmann::json& json);
/// Whether `found` is what the script expects, NaN patterns and alternatives included.
[[nodiscard]] bool matches_expected(const nlohmann::json& expected, const Value& found);
[[nodiscard]] std::string text(const Value& value);

} // namespace rvm::wasm::spectest
