#include "alone/outcome.hpp"

namespace rvm::wasm::alone {

Bytes encode(const Outcome& outcome) {
    Writer out;
    out.number(static_cast<std::uint64_t>(outcome.trap));
    out.number(outcome.exit_code);
    out.text(outcome.refusal);
    out.number(outcome.results.size());
    for (const engine::Cell cell : outcome.results)
        out.number(cell);
    for (const Stream& stream : outcome.streams) {
        out.number(stream.size);
        out.bytes(stream.kept);
    }
    return out.take();
}

std::optional<Outcome> decode_outcome(std::span<const std::uint8_t> bytes) {
    Reader in(bytes);
    Outcome out;
    const std::uint64_t trap = in.number(), code = in.number();
    if (trap > static_cast<std::uint64_t>(engine::Trap::exit) || code > UINT32_MAX) return std::nullopt;
    out.trap = static_cast<engine::Trap>(trap);
    out.exit_code = static_cast<std::uint32_t>(code);
    out.refusal = in.text();
    out.results.resize(in.count(sizeof(engine::Cell)));
    for (engine::Cell& cell : out.results)
        cell = in.number();
    for (Stream& stream : out.streams) {
        stream.size = in.number();
        const auto kept = in.bytes();
        stream.kept.assign(kept.begin(), kept.end());
    }
    if (!in.whole()) return std::nullopt;
    return out;
}

} // namespace rvm::wasm::alone
