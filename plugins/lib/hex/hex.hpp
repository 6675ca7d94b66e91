// Hex digits as Ethereum's files and messages write them: "0x" optional, two digits a byte.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::hex {

using Buffer = std::vector<std::uint8_t>;

/// Appends the bytes of `text` to `out`. False when it is not hex; `out` then holds what was read.
[[nodiscard]] bool append(std::string_view text, Buffer& out);
[[nodiscard]] std::optional<Buffer> decode(std::string_view text);
/// Fills `out` from as many digits as it takes, exactly; false when the text is another.
[[nodiscard]] bool decode_into(std::string_view text, std::span<std::uint8_t> out) noexcept;

/// "0x" and two lower-case digits a byte.
[[nodiscard]] std::string encode(std::span<const std::uint8_t> bytes);

} // namespace rvm::hex
