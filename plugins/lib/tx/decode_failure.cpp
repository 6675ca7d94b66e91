#include "tx/decode_failure.hpp"

namespace rvm::tx {

std::string DecodeFailure::text() const {
    if (reason != nullptr) return reason;
    return std::string(rlp::text(rlp.error)) + " (offset " + std::to_string(rlp.offset) + ")";
}

} // namespace rvm::tx
