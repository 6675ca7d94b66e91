// Why bytes are no transaction.
#pragma once

#include <string>

#include "rlp/decode.hpp"

namespace rvm::tx {

/// Either the RLP is at fault, or `reason` says what else is.
struct DecodeFailure {
    rlp::Status rlp;
    const char* reason = nullptr; ///< static text; nullptr: none but the RLP's

    [[nodiscard]] bool failed() const noexcept { return !rlp.ok() || reason != nullptr; }
    [[nodiscard]] std::string text() const;
};

} // namespace rvm::tx
