// What the state makes of a storage engine's answers.
#pragma once

#include <rvm/plugin.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace rvm::state {

/// Keys of RVM_KEYSPACE_META; the values are 8 bytes big-endian unless it says otherwise.
inline rvm_view meta_key(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline const rvm_view meta_version_key = meta_key("version");
inline const rvm_view meta_commits_key = meta_key("commits");
inline const rvm_view meta_sum_key = meta_key("sum");             ///< 32 bytes
inline const rvm_view meta_formats_key = meta_key("formats");     ///< store_formats.hpp
inline const rvm_view meta_importing_key = meta_key("importing"); ///< there while an import is under way

/// An engine answers RVM_OK or RVM_E_*; anything else is a broken engine.
[[nodiscard]] inline rvm_status host_failure(rvm_status status) noexcept {
    return status > RVM_OK ? RVM_E_INTERNAL : status;
}

/// Fills `error` when it is given, and returns `code`.
inline rvm_status explain(rvm_error* error, rvm_status code, std::string_view message) noexcept {
    if (error != nullptr) {
        error->code = code;
        const std::size_t size = std::min(message.size(), sizeof error->message - 1);
        std::memcpy(error->message, message.data(), size);
        error->message[size] = '\0';
    }
    return code;
}

} // namespace rvm::state
