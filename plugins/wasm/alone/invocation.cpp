#include "alone/invocation.hpp"

#include <algorithm>

namespace rvm::wasm::alone {
namespace {

constexpr std::uint64_t number_bytes = 8; ///< the least that a text takes

void put(Writer& out, const std::vector<std::string>& texts) {
    out.number(texts.size());
    for (const std::string& text : texts)
        out.text(text);
}
std::vector<std::string> texts(Reader& in) {
    std::vector<std::string> out(in.count(number_bytes));
    for (std::string& text : out)
        text = in.text();
    return out;
}

} // namespace

Bytes encode(const Invocation& invocation) {
    Writer out;
    out.text(invocation.function);
    out.number(invocation.arguments.size());
    for (const engine::Cell argument : invocation.arguments)
        out.number(argument);
    out.number(invocation.output_limit);
    const wasi::Configuration& around = invocation.surroundings;
    put(out, around.arguments);
    put(out, around.environment);
    out.bytes(around.input);
    out.number(around.clock);
    out.raw(around.seed);
    out.number(around.folder == nullptr ? 0 : 1);
    if (around.folder == nullptr) return out.take();
    out.text(around.folder_name);
    out.number(around.folder->files().size());
    for (const auto& [path, contents] : around.folder->files()) {
        out.text(path);
        out.bytes(contents);
    }
    return out.take();
}

std::optional<Invocation> decode_invocation(std::span<const std::uint8_t> bytes) {
    Reader in(bytes);
    Invocation out;
    out.function = in.text();
    out.arguments.resize(in.count(number_bytes));
    for (engine::Cell& argument : out.arguments)
        argument = in.number();
    out.output_limit = in.number();
    wasi::Configuration& around = out.surroundings;
    around.arguments = texts(in);
    around.environment = texts(in);
    around.input = in.bytes();
    around.clock = in.number();
    std::ranges::copy(in.raw(sizeof around.seed), around.seed);
    const std::uint64_t folders = in.number();
    if (folders > 1) return std::nullopt;
    if (folders == 1) {
        around.folder_name = in.text();
        auto tree = std::make_shared<wasi::Tree>();
        for (std::uint64_t left = in.count(2 * number_bytes); left != 0; --left) {
            std::string path = in.text();
            const auto contents = in.bytes();
            if (path.empty() || wasi::resolve("", path) != path) return std::nullopt;
            tree->add(std::move(path), {contents.begin(), contents.end()});
        }
        around.folder = std::move(tree);
    }
    if (!in.whole()) return std::nullopt;
    return out;
}

} // namespace rvm::wasm::alone
