// Why a block is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "state/rejection.hpp"

namespace rvm::ledger {

enum class BlockFault : std::uint8_t {
#define REFUSAL(kind) kind,
#include "block/refusals.def"
#undef REFUSAL
};

/// The stable name, for machines: "gas_limit".
[[nodiscard]] std::string_view name(BlockFault fault) noexcept;

struct Refused {
    BlockFault fault;
    std::string text;                      ///< what, found, expected
    Rejection rejection = Rejection::none; ///< of a transaction, when that is the fault
};

/// nullopt: the block is not refused.
using Refusal = std::optional<Refused>;

[[nodiscard]] inline Refusal refuse(BlockFault fault, std::string text) { return Refused{fault, std::move(text)}; }
[[nodiscard]] inline Refusal refuse(Rejection rejection, std::string text) {
    return Refused{BlockFault::transaction, std::move(text), rejection};
}

} // namespace rvm::ledger
