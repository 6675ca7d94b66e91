#include "plugin/terminate.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include <dlfcn.h>
#include <execinfo.h>
#include <unistd.h>

namespace rvm::plugin {
namespace {

constexpr int most_frames = 128; // the thrower is near the top of the stack
constexpr std::size_t digest_digits = 64;
constexpr std::string_view suffix = ".so";

std::terminate_handler previous = nullptr;

/// The plugin's id in the name it was staged under ("ID-SHA256.so", staging.hpp); empty for other files.
std::string_view plugin_of(std::string_view path) {
    const std::size_t end = path.find(suffix);
    if (end == std::string_view::npos || end <= digest_digits) return {};
    const std::size_t dash = end - digest_digits - 1;
    if (path[dash] != '-' || path.substr(dash + 1, digest_digits).find_first_not_of("0123456789abcdef") < digest_digits)
        return {};
    const std::size_t begin = path.find_last_of("/:", dash);
    return path.substr(begin == std::string_view::npos ? 0 : begin + 1, dash - begin - 1);
}

[[noreturn]] void on_terminate() {
    std::array<void*, most_frames> frames;
    const int count = ::backtrace(frames.data(), most_frames);
    for (int i = 0; i < count; ++i) {
        Dl_info info{};
        if (::dladdr(frames[static_cast<std::size_t>(i)], &info) == 0 || info.dli_fname == nullptr) continue;
        std::array<char, 512> target; // a memory file is known by its link in /proc
        const ssize_t size = ::readlink(info.dli_fname, target.data(), target.size());
        const std::string_view path = size > 0 ? std::string_view{target.data(), static_cast<std::size_t>(size)}
                                               : std::string_view{info.dli_fname};
        const std::string_view id = plugin_of(path);
        if (id.empty()) continue;
        std::fprintf(stderr, "error RVM-L02: an exception left the plugin %.*s in a call that cannot be undone\n",
                     static_cast<int>(id.size()), id.data());
        break;
    }
    if (previous != nullptr) previous();
    std::abort();
}

} // namespace

void name_plugin_on_terminate() { previous = std::set_terminate(on_terminate); }

} // namespace rvm::plugin
