#include "state/keyed_hash.hpp"

#include <sodium.h>

namespace rvm::state {

const std::array<std::uint64_t, 6>& hash_secret() noexcept {
    static const std::array<std::uint64_t, 6> secret = [] {
        std::array<std::uint64_t, 6> words{};
        randombytes_buf(words.data(), sizeof words);
        for (std::uint64_t& word : words)
            word |= 1;
        return words;
    }();
    return secret;
}

} // namespace rvm::state
