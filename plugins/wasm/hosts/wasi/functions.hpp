// The import module wasi_snapshot_preview1: every function of it; what is not there answers with the right error.
//
// Only what is deterministic: arguments, environment, input, clock and randomness come from the configuration.
#pragma once

#include <span>

#include "hosts/host.hpp"
#include "hosts/wasi/process.hpp"

namespace rvm::wasm::wasi {

using engine::Cell;
using engine::Context;
using engine::Trap;

[[nodiscard]] std::span<const hosts::Function> functions() noexcept;

/// Little-endian memory of the program. Everything answers Errno::fault outside of it.
class Memory {
  public:
    explicit Memory(Context& context) noexcept : context_(context) {}
    [[nodiscard]] std::uint8_t* place(Cell address, Cell size) const noexcept {
        return hosts::place(context_, address, size);
    }
    template <class Integer>
    [[nodiscard]] bool load(Cell address, Integer& out) const noexcept {
        const std::uint8_t* bytes = place(address, sizeof out);
        if (bytes != nullptr) std::memcpy(&out, bytes, sizeof out);
        return bytes != nullptr;
    }
    template <class Integer>
    [[nodiscard]] bool store(Cell address, Integer value) const noexcept {
        std::uint8_t* bytes = place(address, sizeof value);
        if (bytes != nullptr) std::memcpy(bytes, &value, sizeof value);
        return bytes != nullptr;
    }

  private:
    Context& context_;
};

/// A call of one function: pays for it, runs `body`, hands out its error number. Bytes that it copies it pays itself.
template <class Body>
Trap answer(Context& context, Cell* window, Body&& body) noexcept {
    if (!hosts::pay(context, prices::host_call)) return Trap::out_of_gas;
    try {
        Process& process = *static_cast<hosts::User*>(Machine::of(context).user)->process;
        window[0] = static_cast<Cell>(body(process, Memory(context)));
        return Trap::none;
    } catch (const std::exception&) { // std::bad_alloc: the host's failure, not the program's
        return Trap::exit;
    }
}
/// Answers are numbers: a body that ran out of gas says so with this one.
inline constexpr Errno no_gas = static_cast<Errno>(UINT16_MAX);
inline Trap checked(Trap trap, const Cell* window) noexcept {
    return trap == Trap::none && window[0] == static_cast<Cell>(no_gas) ? Trap::out_of_gas : trap;
}

// Streams and files: streams.cpp.
Trap fd_close(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_read(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_pread(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_write(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_seek(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_tell(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_fdstat_get(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_filestat_get(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_renumber(Context&, Cell*, std::uint64_t) noexcept;
/// Harmless on anything that is open.
Trap fd_nothing(Context&, Cell*, std::uint64_t) noexcept;
/// Changes what is read-only.
Trap fd_read_only(Context&, Cell*, std::uint64_t) noexcept;

// The folder: folder.cpp.
Trap fd_prestat_get(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_prestat_dir_name(Context&, Cell*, std::uint64_t) noexcept;
Trap fd_readdir(Context&, Cell*, std::uint64_t) noexcept;
Trap path_open(Context&, Cell*, std::uint64_t) noexcept;
Trap path_filestat_get(Context&, Cell*, std::uint64_t) noexcept;
Trap path_readlink(Context&, Cell*, std::uint64_t) noexcept;
/// Changes what is read-only; the first argument, or the one that `data` says, is the folder.
Trap path_read_only(Context&, Cell*, std::uint64_t data) noexcept;

/// A `filestat` at `to`.
[[nodiscard]] Errno put_filestat(const Memory& memory, Cell to, std::uint8_t type, std::uint64_t inode,
                                 std::uint64_t size) noexcept;

/// Values of `filetype`.
inline constexpr std::uint8_t type_unknown = 0, type_folder = 3, type_file = 4;

} // namespace rvm::wasm::wasi
