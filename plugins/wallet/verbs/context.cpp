#include "verbs/context.hpp"

#include <cstring>
#include <fstream>

#include "base/error.hpp"
#include "store/file.hpp"

namespace rvm::wallet {

void Context::write(std::uint32_t stream, std::string_view text) const {
    const rvm_view view{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    if (io_.write(io_.ctx, stream, view) != RVM_OK && stream == RVM_IO_OUT) {
        throw Error(Fault::internal, "the output was lost");
    }
}

void Context::answer(std::string_view text, const Json& document) const {
    if (json())
        out(document.dump() + "\n");
    else
        out(text);
}

Secret Context::read(const std::string& file) const {
    if (file != "-") {
        auto content = read_secret_file(file, most_input_bytes, false);
        if (!content) throw Unreadable(file + ": there is no such file");
        return std::move(*content);
    }
    Secret content(4096);
    std::size_t size = 0;
    while (size <= most_input_bytes) {
        if (size == content.size()) {
            Secret larger(2 * size);
            std::memcpy(larger.data(), content.data(), size);
            content = std::move(larger);
        }
        rvm_span span{content.data() + size, content.size() - size};
        if (io_.read(io_.ctx, &span) != RVM_OK) throw Unreadable("standard input cannot be read");
        if (span.size == 0) break;
        size += static_cast<std::size_t>(span.size);
    }
    if (size > most_input_bytes) throw Unreadable("standard input: expected at most 16 MiB");
    content.truncate(size);
    return content;
}

void Context::give(const std::string* file, std::string_view text, const Json& document) const {
    if (file == nullptr) return answer(text, document);
    std::ofstream stream(*file, std::ios::binary | std::ios::trunc);
    stream << (json() ? document.dump() + "\n" : std::string(text));
    stream.close();
    if (!stream) throw Unwritable(*file + ": cannot be written");
}

} // namespace rvm::wallet
