#include "verbs/context.hpp"

#include <cstring>
#include <fstream>

#include "base/error.hpp"
#include "store/file.hpp"

namespace rvm::wallet {

void Context::write(std::uint32_t stream, std::string_view text) const {
    const rvm_view view{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    if (io_.write(io_.ctx, stream, view) != RVM_OK && stream == RVM_IO_OUT) {
        throw Error(RVM_EXIT_INTERNAL, "the output was lost");
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
        if (!content) throw UsageError(file + ": there is no such file");
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
        if (io_.read(io_.ctx, &span) != RVM_OK) throw UsageError("standard input cannot be read");
        if (span.size == 0) break;
        size += static_cast<std::size_t>(span.size);
    }
    if (size > most_input_bytes) throw UsageError("standard input: expected at most 16 MiB");
    content.truncate(size);
    return content;
}

void Context::give(const std::string* file, std::string_view text, const Json& document) const {
    if (file == nullptr) return answer(text, document);
    std::ofstream stream(*file, std::ios::binary | std::ios::trunc);
    stream << (json() ? document.dump() + "\n" : std::string(text));
    stream.close();
    if (!stream) throw UsageError(*file + ": cannot be written");
}

std::int32_t run_verb(const rvm_command_io& io, const Primitives& primitives, const char* name,
                      const std::function<std::int32_t(Context&)>& body) noexcept {
    std::int32_t exit = RVM_EXIT_INTERNAL;
    try {
        std::string text;
        try {
            Context context(io, primitives);
            return body(context);
        } catch (const Error& error) {
            exit = error.exit();
            text = error.what();
        } catch (const std::bad_alloc&) {
            text = "there is not enough memory";
        } catch (const std::exception& error) {
            text = error.what();
        }
        const bool json = (io.flags & RVM_IO_JSON) != 0;
        const Json document = {{"exit", exit}, {"error", text}};
        const std::string line = json ? document.dump() + "\n" : "rvm " + std::string(name) + ": " + text + "\n";
        static_cast<void>(io.write(io.ctx, json ? RVM_IO_OUT : RVM_IO_ERROR,
                                   {reinterpret_cast<const std::uint8_t*>(line.data()), line.size()}));
    } catch (...) {
        exit = RVM_EXIT_INTERNAL; // not even the message found memory
    }
    return exit;
}

} // namespace rvm::wallet
