// The wallet's primitives for fuzzing: the real ones, but that deriving a key from a password costs nothing.
#pragma once

#include <cstdlib>
#include <cstring>
#include <string_view>

#include <rvm/test_host.hpp>

#include "base/error.hpp"
#include "base/primitives.hpp"

namespace rvm::wallet::fuzz {

inline void require(bool held) {
    if (!held) std::abort();
}

/// Zeros, as many as fit: the password never matters.
inline rvm_status no_work(const void*, rvm_view, rvm_span output, std::uint64_t* size) noexcept {
    std::memset(output.data, 0, output.size);
    *size = output.size;
    return RVM_OK;
}

inline const Primitives& primitives() {
    static sdk::test::TestHost* const host = [] {
        auto* made = new sdk::test::TestHost; // as long as the process
        made->load(rvm_plugin_entry_v0);
        return made;
    }();
    static const Primitives resolved([](const char* id) {
        const auto& item = host->find<rvm_crypto>(RVM_KIND_CRYPTO, id);
        const std::string_view name(id);
        Resolved out;
        if (item.shape == RVM_CRYPTO_HASH)
            out.hash = {item.hash, item.self, item.digest_size};
        else if (name == "scrypt" || name == "argon2id" || name.starts_with("pbkdf2"))
            out.crypto = {&no_work, nullptr};
        else
            out.crypto = {item.run, item.self};
        return out;
    });
    return resolved;
}

/// Runs `body`; a refusal is an answer, with a text.
template <class Body>
void may_refuse(Body body) {
    try {
        body();
    } catch (const Refusal& refusal) {
        require(*refusal.what() != '\0');
    }
}

} // namespace rvm::wallet::fuzz
