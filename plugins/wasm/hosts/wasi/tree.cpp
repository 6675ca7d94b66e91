#include "hosts/wasi/tree.hpp"

namespace rvm::wasm::wasi {
namespace {

std::string inside(const std::string& folder) { return folder.empty() ? folder : folder + "/"; }

} // namespace

std::optional<Tree::Kind> Tree::find(const std::string& path) const {
    if (path.empty()) return Kind::folder;
    if (files_.count(path) != 0) return Kind::file;
    const std::string prefix = inside(path);
    const auto next = files_.lower_bound(prefix);
    if (next != files_.end() && next->first.compare(0, prefix.size(), prefix) == 0) return Kind::folder;
    return std::nullopt;
}

std::vector<Tree::Item> Tree::list(const std::string& folder) const {
    const std::string prefix = inside(folder);
    std::vector<Item> items;
    for (auto at = files_.lower_bound(prefix); at != files_.end(); ++at) {
        const std::string& path = at->first;
        if (path.compare(0, prefix.size(), prefix) != 0) break;
        const std::size_t slash = path.find('/', prefix.size());
        const Kind kind = slash == std::string::npos ? Kind::file : Kind::folder;
        std::string name = path.substr(prefix.size(), kind == Kind::file ? std::string::npos : slash - prefix.size());
        if (items.empty() || items.back().name != name) items.push_back({std::move(name), kind});
    }
    return items;
}

std::uint64_t Tree::inode(std::string_view path) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325; // FNV-1a
    for (const char letter : path)
        hash = (hash ^ static_cast<std::uint8_t>(letter)) * 0x100'0000'01b3;
    return hash;
}

std::optional<std::string> resolve(const std::string& from, std::string_view path) {
    if (!path.empty() && path.front() == '/') return std::nullopt;
    std::string out = from;
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            if (out.empty()) return std::nullopt;
            const std::size_t last = out.rfind('/');
            out.resize(last == std::string::npos ? 0 : last);
        } else {
            if (!out.empty()) out += '/';
            out += part;
        }
    }
    return out;
}

} // namespace rvm::wasm::wasi
