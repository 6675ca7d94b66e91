// The read-only folder: opening, asking, listing.
#include "hosts/wasi/functions.hpp"

namespace rvm::wasm::wasi {
namespace {

constexpr Cell longest_path = 4096;

/// The path of a call: from the folder `number`, text at `address`.
Errno path_of(Process& process, const Memory& memory, Cell number, Cell address, Cell size, std::string& out) {
    const Process::Descriptor* folder = process.descriptor(number);
    if (folder == nullptr) return Errno::badf;
    if (folder->kind != Tree::Kind::folder) return Errno::notdir;
    if (size > longest_path) return Errno::nametoolong;
    const std::uint8_t* bytes = memory.place(address, size);
    if (bytes == nullptr) return Errno::fault;
    auto path = resolve(folder->path, {reinterpret_cast<const char*>(bytes), size});
    if (!path) return Errno::notcapable;
    out = std::move(*path);
    return Errno::success;
}

} // namespace

Trap fd_prestat_get(Context& context, Cell* window, std::uint64_t) noexcept { // fd, to
    return answer(context, window, [&](Process& process, const Memory& memory) {
        const Process::Descriptor* found = process.descriptor(window[0]);
        if (found == nullptr || !found->preopened) return Errno::badf;
        const auto size = static_cast<std::uint32_t>(process.configuration().folder_name.size());
        constexpr std::uint32_t is_folder = 0;
        return memory.store(window[1], is_folder) && memory.store(window[1] + 4, size) ? Errno::success : Errno::fault;
    });
}

Trap fd_prestat_dir_name(Context& context, Cell* window, std::uint64_t) noexcept { // fd, to, size
    return answer(context, window, [&](Process& process, const Memory& memory) {
        const Process::Descriptor* found = process.descriptor(window[0]);
        if (found == nullptr || !found->preopened) return Errno::badf;
        const std::string& name = process.configuration().folder_name;
        if (window[2] < name.size()) return Errno::nametoolong;
        std::uint8_t* to = memory.place(window[1], name.size());
        if (to == nullptr) return Errno::fault;
        std::memcpy(to, name.data(), name.size());
        return Errno::success;
    });
}

Trap fd_readdir(Context& context, Cell* window, std::uint64_t) noexcept { // fd, to, size, cookie, used
    const Trap trap = answer(context, window, [&](Process& process, const Memory& memory) {
        const Process::Descriptor* folder = process.descriptor(window[0]);
        if (folder == nullptr) return Errno::badf;
        if (folder->kind != Tree::Kind::folder) return Errno::notdir;
        const Cell room = window[2];
        if (!hosts::pay(context, hosts::words(room))) return no_gas;
        std::uint8_t* to = memory.place(window[1], room);
        if (to == nullptr) return Errno::fault;
        const std::vector<Tree::Item> items = process.configuration().folder->list(folder->path);
        if (!hosts::pay(context, items.size())) return no_gas;
        Cell used = 0; // an entry that does not fit is cut off: the program asks again from its cookie
        const auto put = [&](const void* bytes, std::size_t size) {
            const std::size_t fits = std::min<std::size_t>(size, room - used);
            if (fits != 0) std::memcpy(to + used, bytes, fits);
            used += fits;
        };
        for (std::uint64_t i = window[3]; i < items.size() && used < room; ++i) {
            const bool is_folder = items[i].kind == Tree::Kind::folder;
            const std::string path = folder->path.empty() ? items[i].name : folder->path + "/" + items[i].name;
            const std::uint64_t head[2] = {i + 1, Tree::inode(path)};
            const std::uint32_t tail[2] = {static_cast<std::uint32_t>(items[i].name.size()),
                                           is_folder ? type_folder : type_file};
            put(head, sizeof head);
            put(tail, sizeof tail);
            put(items[i].name.data(), items[i].name.size());
        }
        return memory.store(window[4], static_cast<std::uint32_t>(used)) ? Errno::success : Errno::fault;
    });
    return checked(trap, window);
}

Trap path_open(Context& context, Cell* window, std::uint64_t) noexcept {
    // fd, lookup flags, path, size, open flags, rights, rights inherited, descriptor flags, to
    constexpr Cell create = 1, folder_only = 2, exclusive = 4, truncate = 8;
    constexpr Cell right_write = 1u << 6u;
    return answer(context, window, [&](Process& process, const Memory& memory) {
        std::string path;
        const Errno named = path_of(process, memory, window[0], window[2], window[3], path);
        if (named != Errno::success) return named;
        const std::optional<Tree::Kind> kind = process.configuration().folder->find(path);
        const Cell flags = window[4];
        if (!kind) return (flags & create) != 0 ? Errno::rofs : Errno::noent;
        if ((flags & create) != 0 && (flags & exclusive) != 0) return Errno::exist;
        if ((flags & truncate) != 0) return Errno::rofs;
        if ((flags & folder_only) != 0 && *kind != Tree::Kind::folder) return Errno::notdir;
        if ((window[5] & right_write) != 0) return *kind == Tree::Kind::folder ? Errno::isdir : Errno::rofs;
        if (memory.place(window[8], 4) == nullptr) return Errno::fault;
        std::uint32_t number = 0;
        const Errno opened = process.open(*kind, std::move(path), number);
        if (opened != Errno::success) return opened;
        return memory.store(window[8], number) ? Errno::success : Errno::fault;
    });
}

Trap path_filestat_get(Context& context, Cell* window, std::uint64_t) noexcept { // fd, lookup flags, path, size, to
    return answer(context, window, [&](Process& process, const Memory& memory) {
        std::string path;
        const Errno named = path_of(process, memory, window[0], window[2], window[3], path);
        if (named != Errno::success) return named;
        const Tree& tree = *process.configuration().folder;
        const std::optional<Tree::Kind> kind = tree.find(path);
        if (!kind) return Errno::noent;
        const bool folder = *kind == Tree::Kind::folder;
        return put_filestat(memory, window[4], folder ? type_folder : type_file, Tree::inode(path),
                            folder ? 0 : tree.contents(path).size());
    });
}

Trap path_readlink(Context& context, Cell* window, std::uint64_t) noexcept { // fd, path, size, to, room, used
    return answer(context, window, [&](Process& process, const Memory& memory) {
        std::string path;
        const Errno named = path_of(process, memory, window[0], window[1], window[2], path);
        if (named != Errno::success) return named;
        return process.configuration().folder->find(path) ? Errno::inval : Errno::noent; // there are no links
    });
}

Trap path_read_only(Context& context, Cell* window, std::uint64_t data) noexcept {
    return answer(context, window, [&](Process& process, const Memory&) {
        return process.descriptor(window[data]) != nullptr ? Errno::rofs : Errno::badf;
    });
}

} // namespace rvm::wasm::wasi
