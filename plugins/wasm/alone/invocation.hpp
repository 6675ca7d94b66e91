// A call of one exported function of a module on its own, with everything it sees: the input of a frame under the rules
// wasm/alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alone/coding.hpp"
#include "engine/context.hpp"
#include "hosts/wasi/process.hpp"

namespace rvm::wasm::alone {

struct Invocation {
    std::string function;                   ///< an export
    std::vector<engine::Cell> arguments;    ///< as many cells as its parameters take
    std::uint64_t output_limit = UINT64_MAX; ///< bytes of descriptor 1, and of 2; then there is no room
    wasi::Configuration surroundings;       ///< but for `write`
};

[[nodiscard]] Bytes encode(const Invocation& invocation);
/// Nothing when the bytes are no invocation. The program's input lies in `bytes`, which outlives the result.
[[nodiscard]] std::optional<Invocation> decode_invocation(std::span<const std::uint8_t> bytes);

} // namespace rvm::wasm::alone
