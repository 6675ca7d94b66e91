// How a primitive gives its answer.
#pragma once

#include <rvm/plugin.hpp>

namespace rvm::crypto {

/// RVM_E_BUFFER_TOO_SMALL when the bytes do not fit.
inline rvm_status answer(std::span<const std::uint8_t> bytes, rvm_span output, std::uint64_t* size) noexcept {
    return sdk::answer(bytes, output, size, RVM_E_BUFFER_TOO_SMALL);
}

/// One byte: 1 or 0.
inline rvm_status answer(bool valid, rvm_span output, std::uint64_t* size) noexcept {
    const std::uint8_t byte = valid ? 1 : 0;
    return answer({&byte, 1}, output, size);
}

} // namespace rvm::crypto
