// Reading to the end of something whose size is not known, with a bound.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace rvm::wallet {

inline void resize(std::vector<std::uint8_t>& bytes, std::size_t size) { bytes.resize(size); }
inline void resize(Secret& bytes, std::size_t size) {
    if (size <= bytes.size()) return bytes.truncate(size);
    Secret larger(size);
    if (!bytes.empty()) std::memcpy(larger.data(), bytes.data(), bytes.size());
    bytes = std::move(larger);
}

/// "16 MiB" where it is a whole number of them, else "4096 bytes".
inline std::string bound_text(std::size_t bytes) {
    constexpr std::size_t mib = 1u << 20u;
    return bytes % mib == 0 ? std::to_string(bytes / mib) + " MiB" : std::to_string(bytes) + " bytes";
}

/// `take(into, room)` answers how many bytes it wrote, 0 at the end. Begins with room for `first` bytes. Throws
/// Unreadable naming `what` when there are more than `most`.
template <class Memory, class Take>
[[nodiscard]] Memory read_all(std::size_t most, const std::string& what, std::size_t first, Take take) {
    Memory content(first);
    std::size_t size = 0;
    for (;;) {
        if (size == content.size()) {
            if (size > most) break;
            resize(content, std::min(2 * size, most + 1)); // one byte more shows that there is too much
        }
        const std::size_t count = take(content.data() + size, content.size() - size);
        if (count == 0) break;
        size += count;
    }
    if (size > most) throw Unreadable(what + ": expected at most " + bound_text(most) + ", found more");
    resize(content, size);
    return content;
}

} // namespace rvm::wallet
