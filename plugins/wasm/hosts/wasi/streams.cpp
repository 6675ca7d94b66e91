// Descriptors: the standard streams and open files.
#include "hosts/wasi/functions.hpp"

namespace rvm::wasm::wasi {
namespace {

constexpr Cell iovec_bytes = 8; ///< address and size, 32 bits each

/// Calls `piece(memory, size)` for each buffer of the list until it says that there is no more. Errno::success, a
/// fault, or no_gas.
template <class Piece>
Errno each_buffer(Context& context, const Memory& memory, Cell list, Cell count, Piece&& piece) {
    if (!hosts::pay(context, hosts::words(count * iovec_bytes))) return no_gas;
    if (memory.place(list, count * iovec_bytes) == nullptr) return Errno::fault;
    for (Cell i = 0; i < count; ++i) {
        std::uint32_t address = 0, size = 0;
        if (!memory.load(list + i * iovec_bytes, address) || !memory.load(list + i * iovec_bytes + 4, size)) {
            return Errno::fault;
        }
        std::uint8_t* bytes = memory.place(address, size);
        if (bytes == nullptr) return Errno::fault;
        if (!piece(std::span(bytes, size))) break;
    }
    return Errno::success;
}

/// Fills buffers with what `next(size)` gives, until it gives less than was asked for.
template <class Next>
Errno fill(Context& context, const Memory& memory, Cell list, Cell count, Cell to, Next&& next) {
    std::uint32_t total = 0;
    bool poor = false;
    const Errno done = each_buffer(context, memory, list, count, [&](std::span<std::uint8_t> buffer) {
        const std::span<const std::uint8_t> bytes = next(buffer.size());
        poor = !hosts::pay(context, hosts::words(bytes.size()));
        if (poor) return false;
        if (!bytes.empty()) std::memcpy(buffer.data(), bytes.data(), bytes.size());
        total += static_cast<std::uint32_t>(bytes.size());
        return bytes.size() == buffer.size();
    });
    if (poor) return no_gas;
    if (done != Errno::success) return done;
    return memory.store(to, total) ? Errno::success : Errno::fault;
}

std::span<const std::uint8_t> piece_of(const Tree::Bytes& bytes, std::uint64_t at, std::uint64_t size) noexcept {
    if (at >= bytes.size()) return {};
    return std::span(bytes).subspan(at, std::min<std::uint64_t>(size, bytes.size() - at));
}

/// The open file, or why it cannot be read.
Errno readable(Process& process, Cell number, Process::Descriptor*& out) noexcept {
    out = process.descriptor(number);
    if (out == nullptr) return Errno::badf;
    return out->kind == Tree::Kind::folder ? Errno::isdir : Errno::success;
}

// Rights, as bits of the interface.
constexpr std::uint64_t right_read = 1u << 1u, right_seek = 1u << 2u, right_tell = 1u << 5u, right_write = 1u << 6u,
                        right_open = 1u << 13u, right_readdir = 1u << 14u, right_path_stat = 1u << 18u,
                        right_stat = 1u << 21u, right_poll = 1u << 27u;
constexpr std::uint64_t file_rights = right_read | right_seek | right_tell | right_stat | right_poll;
constexpr std::uint64_t folder_rights = right_open | right_readdir | right_path_stat | right_stat;

} // namespace

Errno put_filestat(const Memory& memory, Cell to, std::uint8_t type, std::uint64_t inode, std::uint64_t size) noexcept {
    constexpr Cell filestat_bytes = 64; // device, inode, type, links, size, three times
    std::uint8_t* bytes = memory.place(to, filestat_bytes);
    if (bytes == nullptr) return Errno::fault;
    const std::uint64_t links = 1;
    std::memset(bytes, 0, filestat_bytes);
    std::memcpy(bytes + 8, &inode, sizeof inode);
    bytes[16] = type;
    std::memcpy(bytes + 24, &links, sizeof links);
    std::memcpy(bytes + 32, &size, sizeof size);
    return Errno::success;
}

Trap fd_close(Context& context, Cell* window, std::uint64_t) noexcept { // fd
    return answer(context, window, [&](Process& process, const Memory&) {
        if (Process::is_stream(window[0])) return Errno::success;
        Process::Descriptor* found = process.descriptor(window[0]);
        if (found == nullptr) return Errno::badf;
        *found = {};
        return Errno::success;
    });
}

Trap fd_read(Context& context, Cell* window, std::uint64_t) noexcept { // fd, buffers, count, to
    const Trap trap = answer(context, window, [&](Process& process, const Memory& memory) {
        if (window[0] == 0) {
            return fill(context, memory, window[1], window[2], window[3],
                        [&](std::uint64_t size) { return process.read_input(size); });
        }
        Process::Descriptor* file = nullptr;
        const Errno found = readable(process, window[0], file);
        if (found != Errno::success) return found;
        const Tree::Bytes& bytes = process.bytes_of(*file);
        return fill(context, memory, window[1], window[2], window[3], [&](std::uint64_t size) {
            const auto piece = piece_of(bytes, file->at, size);
            file->at += piece.size();
            return piece;
        });
    });
    return checked(trap, window);
}

Trap fd_pread(Context& context, Cell* window, std::uint64_t) noexcept { // fd, buffers, count, offset, to
    const Trap trap = answer(context, window, [&](Process& process, const Memory& memory) {
        if (Process::is_stream(window[0])) return Errno::spipe;
        Process::Descriptor* file = nullptr;
        const Errno found = readable(process, window[0], file);
        if (found != Errno::success) return found;
        const Tree::Bytes& bytes = process.bytes_of(*file);
        std::uint64_t at = window[3];
        return fill(context, memory, window[1], window[2], window[4], [&](std::uint64_t size) {
            const auto piece = piece_of(bytes, at, size);
            at += piece.size();
            return piece;
        });
    });
    return checked(trap, window);
}

Trap fd_write(Context& context, Cell* window, std::uint64_t) noexcept { // fd, buffers, count, to
    const Trap trap = answer(context, window, [&](Process& process, const Memory& memory) {
        const Cell number = window[0];
        if (number != 1 && number != 2) {
            return process.descriptor(number) != nullptr || number == 0 ? Errno::rofs : Errno::badf;
        }
        std::uint32_t total = 0;
        Errno failure = Errno::success;
        const Errno done =
            each_buffer(context, memory, window[1], window[2], [&](std::span<const std::uint8_t> buffer) {
                if (!hosts::pay(context, hosts::words(buffer.size()))) {
                    failure = no_gas;
                } else if (!process.configuration().write(static_cast<int>(number), buffer)) {
                    failure = Errno::nospc;
                } else {
                    total += static_cast<std::uint32_t>(buffer.size());
                }
                return failure == Errno::success;
            });
        if (failure != Errno::success) return failure;
        if (done != Errno::success) return done;
        return memory.store(window[3], total) ? Errno::success : Errno::fault;
    });
    return checked(trap, window);
}

Trap fd_seek(Context& context, Cell* window, std::uint64_t) noexcept { // fd, offset, whence, to
    return answer(context, window, [&](Process& process, const Memory& memory) {
        if (Process::is_stream(window[0])) return Errno::spipe;
        Process::Descriptor* file = nullptr;
        const Errno found = readable(process, window[0], file);
        if (found != Errno::success) return found == Errno::isdir ? Errno::badf : found;
        const std::uint64_t size = process.bytes_of(*file).size();
        if (window[2] > 2) return Errno::inval;
        const std::uint64_t base = window[2] == 0 ? 0 : window[2] == 1 ? file->at : size; // set, current, end
        std::int64_t at = 0;
        if (__builtin_add_overflow(static_cast<std::int64_t>(base), static_cast<std::int64_t>(window[1]), &at) ||
            at < 0) {
            return Errno::inval;
        }
        if (!memory.store(window[3], at)) return Errno::fault;
        file->at = static_cast<std::uint64_t>(at);
        return Errno::success;
    });
}

Trap fd_tell(Context& context, Cell* window, std::uint64_t) noexcept { // fd, to
    return answer(context, window, [&](Process& process, const Memory& memory) {
        if (Process::is_stream(window[0])) return Errno::spipe;
        Process::Descriptor* file = nullptr;
        const Errno found = readable(process, window[0], file);
        if (found != Errno::success) return found == Errno::isdir ? Errno::badf : found;
        return memory.store(window[1], file->at) ? Errno::success : Errno::fault;
    });
}

Trap fd_fdstat_get(Context& context, Cell* window, std::uint64_t) noexcept { // fd, to
    return answer(context, window, [&](Process& process, const Memory& memory) {
        constexpr Cell fdstat_bytes = 24; // type, flags, rights, rights of what is opened through it
        std::uint8_t type = type_unknown;
        std::uint64_t rights = window[0] == 0 ? right_read | right_poll : right_write | right_poll;
        std::uint64_t inherited = 0;
        if (!Process::is_stream(window[0])) {
            const Process::Descriptor* found = process.descriptor(window[0]);
            if (found == nullptr) return Errno::badf;
            const bool folder = found->kind == Tree::Kind::folder;
            type = folder ? type_folder : type_file;
            rights = folder ? folder_rights : file_rights;
            inherited = folder ? folder_rights | file_rights : 0;
        }
        std::uint8_t* bytes = memory.place(window[1], fdstat_bytes);
        if (bytes == nullptr) return Errno::fault;
        std::memset(bytes, 0, fdstat_bytes);
        bytes[0] = type;
        std::memcpy(bytes + 8, &rights, sizeof rights);
        std::memcpy(bytes + 16, &inherited, sizeof inherited);
        return Errno::success;
    });
}

Trap fd_filestat_get(Context& context, Cell* window, std::uint64_t) noexcept { // fd, to
    return answer(context, window, [&](Process& process, const Memory& memory) {
        if (Process::is_stream(window[0])) return put_filestat(memory, window[1], type_unknown, window[0], 0);
        const Process::Descriptor* found = process.descriptor(window[0]);
        if (found == nullptr) return Errno::badf;
        const bool folder = found->kind == Tree::Kind::folder;
        return put_filestat(memory, window[1], folder ? type_folder : type_file, Tree::inode(found->path),
                            folder ? 0 : process.bytes_of(*found).size());
    });
}

Trap fd_renumber(Context& context, Cell* window, std::uint64_t) noexcept { // from, to
    return answer(context, window, [&](Process& process, const Memory&) {
        Process::Descriptor* from = process.descriptor(window[0]);
        Process::Descriptor* to = process.descriptor(window[1]);
        if (from == nullptr || to == nullptr) return Errno::badf;
        if (from == to) return Errno::success;
        *to = std::move(*from);
        *from = {};
        return Errno::success;
    });
}

Trap fd_nothing(Context& context, Cell* window, std::uint64_t) noexcept { // fd, ...
    return answer(context, window, [&](Process& process, const Memory&) {
        return Process::is_stream(window[0]) || process.descriptor(window[0]) != nullptr ? Errno::success : Errno::badf;
    });
}

Trap fd_read_only(Context& context, Cell* window, std::uint64_t) noexcept { // fd, ...
    return answer(context, window, [&](Process& process, const Memory&) {
        if (Process::is_stream(window[0])) return Errno::spipe;
        return process.descriptor(window[0]) != nullptr ? Errno::rofs : Errno::badf;
    });
}

} // namespace rvm::wasm::wasi
