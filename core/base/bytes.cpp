#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/sha256.hpp"

namespace rvm {
namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Rows of the distance table, kept from candidate to candidate.
using Rows = std::array<std::vector<std::size_t>, 3>;

/// How many letters are inserted, removed, replaced or swapped with their neighbour between two words, when that is
/// below `limit`; else some number that is not.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit, Rows& rows) {
    const std::size_t lengths = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
    if (lengths >= limit) return lengths; // so many insertions at least: most candidates end here
    auto& [above, last, row] = rows;
    for (auto& one : rows)
        one.resize(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    std::size_t least_before = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t least = row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            row[j + 1] = std::min({row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1)});
            if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
                row[j + 1] = std::min(row[j + 1], above[j - 1] + 1);
            least = std::min(least, row[j + 1]);
        }
        if (std::min(least, least_before + 1) >= limit) return limit; // no later row is below
        least_before = least;
        std::swap(above, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

} // namespace

std::string to_hex(ByteView bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 15]);
    }
    return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return out;
}

Bytes sha256(ByteView bytes) {
    Bytes out(Sha256::digest_size);
    Sha256 hash;
    hash.update(bytes.data(), bytes.size());
    hash.finish(out.data());
    return out;
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t best_distance = word.size() < 4 ? 2 : word.size() / 3 + 2; // farther than this is another word
    Rows rows;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate, best_distance, rows);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return std::string{best};
}

} // namespace rvm
