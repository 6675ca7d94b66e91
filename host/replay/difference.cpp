#include "replay/difference.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "replay/event_text.hpp"

namespace rvm::replay {

namespace {

constexpr std::size_t piece_bytes = 32;

std::string piece_of(ByteView bytes, std::size_t at) {
    if (at >= bytes.size()) return "nothing";
    return host::bytes_text(bytes.subspan(at, std::min(piece_bytes, bytes.size() - at)));
}

/// The piece with the first byte that differs, the sizes aside.
Difference piece_difference(const std::string& what, ByteView a, ByteView b) {
    const auto at = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
    const std::size_t from = at / piece_bytes * piece_bytes;
    return {fmt::format("{} at {}", what, from), piece_of(a, from), piece_of(b, from)};
}

} // namespace

Difference stack_difference(const rvm_op_event& recorded, const rvm_op_event& replayed) {
    if (recorded.word_bytes != replayed.word_bytes)
        return {"bytes of a stack word", fmt::format("{}", recorded.word_bytes), fmt::format("{}", replayed.word_bytes)};
    const std::uint32_t word = recorded.word_bytes;
    const std::uint64_t a = recorded.stack.size / word, b = replayed.stack.size / word;
    if (a != b) return {"height of the stack", fmt::format("{}", a), fmt::format("{}", b)};
    std::uint64_t index = a;
    while (index > 0 && std::memcmp(recorded.stack.data + (index - 1) * word, replayed.stack.data + (index - 1) * word, word) == 0)
        --index;
    return {a == index ? "top of the stack" : fmt::format("stack, {} below the top", a - index),
            word_at(recorded.stack, word, index - 1), word_at(replayed.stack, word, index - 1)};
}

std::optional<Difference> memory_difference(const record::Event& recorded, const rvm_op_event& replayed) {
    if (!recorded.memory_known) return std::nullopt;
    const ByteView a = host::bytes_of(recorded.op.memory), b = host::bytes_of(replayed.memory);
    if (a.size() != b.size()) return Difference{"size of memory", fmt::format("{}", a.size()), fmt::format("{}", b.size())};
    if (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0) return std::nullopt;
    return piece_difference("memory", a, b);
}

Difference bytes_difference(std::string what, ByteView recorded, ByteView replayed) {
    if (std::max(recorded.size(), replayed.size()) > piece_bytes) return piece_difference(what, recorded, replayed);
    return {std::move(what), bytes_head(recorded), bytes_head(replayed)};
}

} // namespace rvm::replay
