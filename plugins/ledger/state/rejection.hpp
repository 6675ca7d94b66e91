// Why a transaction cannot be part of a block.
#pragma once

#include <cstdint>
#include <string_view>

namespace rvm::ledger {

enum class Rejection : std::uint8_t {
#define REJECTION(name, text) name,
#include "state/rejections.def"
#undef REJECTION
};

/// The stable name, for machines: "nonce_too_low".
[[nodiscard]] std::string_view name(Rejection rejection) noexcept;
/// For people: "its nonce is used already".
[[nodiscard]] std::string_view text(Rejection rejection) noexcept;

} // namespace rvm::ledger
