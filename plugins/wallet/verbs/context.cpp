#include "verbs/context.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "store/file.hpp"
#include "store/read_all.hpp"
#include "store/wallet_file.hpp"

namespace rvm::wallet {
namespace {

bool is_wallet(const std::string& file) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(file, failure)) return false;
    char begin[8];
    std::ifstream stream(file, std::ios::binary);
    stream.read(begin, sizeof begin);
    return begins_wallet(bytes_of({begin, static_cast<std::size_t>(stream.gcount())}));
}

/// Names of files may be no UTF-8.
std::string line_of(const Json& document) {
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace

template <class Memory>
Memory Context::read_input(std::size_t most) const {
    if (std::ranges::find(inputs_, "-") != inputs_.end()) {
        throw UsageError("\"-\" stands for two inputs: standard input is one");
    }
    protect("-");
    constexpr std::size_t first_room = 4096;
    return read_all<Memory>(most, "standard input", first_room, [&](std::uint8_t* into, std::size_t room) {
        rvm_span span{into, room};
        if (io_.read(io_.ctx, &span) != RVM_OK) throw Unreadable("standard input cannot be read");
        return static_cast<std::size_t>(span.size);
    });
}

void Context::write(std::uint32_t stream, std::string_view text) const {
    const rvm_view view{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    if (io_.write(io_.ctx, stream, view) != RVM_OK && stream == RVM_IO_OUT) {
        throw Error(Fault::internal, "the output was lost");
    }
}

void Context::answer(std::string_view text, const Json& document) const {
    if (json())
        out(line_of(document));
    else
        out(text);
}

Secret Context::read(const std::string& file, std::size_t most) const {
    if (file == "-") return read_input<Secret>(most);
    protect(file);
    auto content = read_secret_file(file, most, false);
    if (!content) throw Unreadable(file + ": there is no such file");
    return std::move(*content);
}

Buffer Context::read_message(const std::string& file, std::size_t most) const {
    if (file == "-") return read_input<Buffer>(most);
    protect(file);
    return read_plain_file(file, most);
}

void Context::check_target(const std::string& file) const {
    const auto same = [&](const std::string& input) {
        std::error_code failure;
        return std::filesystem::equivalent(file, input, failure);
    };
    if (std::ranges::any_of(inputs_, same)) {
        throw Unwritable(file + ": it is an input of this command, and would be lost: name another file");
    }
    if (is_wallet(file)) throw Unwritable(file + ": it is a wallet, and would be lost: name another file");
}

void Context::give(const std::string* file, std::string_view text, const Json& document) const {
    if (file == nullptr) return answer(text, document);
    check_target(*file);
    const std::string content = json() ? line_of(document) : std::string(text);
    write_file(*file, bytes_of(content));
}

} // namespace rvm::wallet
