// How such a call ended: the output of its frame.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alone/coding.hpp"
#include "engine/context.hpp"

namespace rvm::wasm::alone {

/// Of each stream so many bytes are kept; of what is longer, how long it was.
inline constexpr std::uint64_t kept_output = std::uint64_t{16} << 20u;

struct Stream {
    std::uint64_t size = 0; ///< bytes that were written
    Bytes kept;             ///< the first ones
};

/// A frame that ends with one succeeds, unless there was a trap, a refusal or an exit code: then it reverts, and what
/// gas was left stays.
struct Outcome {
    engine::Trap trap = engine::Trap::none;
    std::uint32_t exit_code = 0;
    std::string refusal;               ///< why the module has no instance; empty: it had
    std::vector<engine::Cell> results; ///< as many cells as the function's results take; none unless it returned
    Stream streams[2];                 ///< of descriptors 1 and 2

    [[nodiscard]] bool succeeded() const noexcept {
        return trap == engine::Trap::none && exit_code == 0 && refusal.empty();
    }
};

[[nodiscard]] Bytes encode(const Outcome& outcome);
/// Nothing when the bytes are no outcome.
[[nodiscard]] std::optional<Outcome> decode_outcome(std::span<const std::uint8_t> bytes);

} // namespace rvm::wasm::alone
