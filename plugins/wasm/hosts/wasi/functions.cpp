// The process itself: arguments, environment, clock, randomness, exit; and the table of all functions.
#include "hosts/wasi/functions.hpp"

namespace rvm::wasm::wasi {
namespace {

using Strings = std::vector<std::string> Configuration::*;

template <Strings List>
Trap strings_get(Context& context, Cell* window, std::uint64_t) noexcept { // pointers, bytes
    const Trap trap = answer(context, window, [&](Process& process, const Memory& memory) {
        Cell pointer = window[0];
        Cell at = window[1];
        for (const std::string& text : process.configuration().*List) {
            const Cell size = text.size() + 1;
            if (!hosts::pay(context, hosts::words(size))) return no_gas;
            std::uint8_t* to = memory.place(at, size);
            if (to == nullptr || !memory.store(pointer, static_cast<std::uint32_t>(at))) return Errno::fault;
            std::memcpy(to, text.c_str(), size);
            at += size;
            pointer += sizeof(std::uint32_t);
        }
        return Errno::success;
    });
    return checked(trap, window);
}
template <Strings List>
Trap strings_sizes_get(Context& context, Cell* window, std::uint64_t) noexcept { // count, bytes
    return answer(context, window, [&](Process& process, const Memory& memory) {
        const std::vector<std::string>& list = process.configuration().*List;
        std::size_t bytes = 0;
        for (const std::string& text : list)
            bytes += text.size() + 1;
        return memory.store(window[0], static_cast<std::uint32_t>(list.size())) &&
                       memory.store(window[1], static_cast<std::uint32_t>(bytes))
                   ? Errno::success
                   : Errno::fault;
    });
}

constexpr std::uint32_t clocks = 4; // realtime, monotonic, of the process, of the thread: all the same here

Trap clock_res_get(Context& context, Cell* window, std::uint64_t) noexcept { // id, to
    return answer(context, window, [&](Process&, const Memory& memory) {
        if (window[0] >= clocks) return Errno::inval;
        return memory.store(window[1], Process::clock_step) ? Errno::success : Errno::fault;
    });
}
Trap clock_time_get(Context& context, Cell* window, std::uint64_t) noexcept { // id, precision, to
    return answer(context, window, [&](Process& process, const Memory& memory) {
        if (window[0] >= clocks) return Errno::inval;
        return memory.store(window[2], process.now()) ? Errno::success : Errno::fault;
    });
}
Trap random_get(Context& context, Cell* window, std::uint64_t) noexcept { // to, size
    const Trap trap = answer(context, window, [&](Process& process, const Memory& memory) {
        if (!hosts::pay(context, hosts::words(window[1]) * prices::keccak)) return no_gas;
        std::uint8_t* to = memory.place(window[0], window[1]);
        if (to == nullptr) return Errno::fault;
        process.random({to, window[1]});
        return Errno::success;
    });
    return checked(trap, window);
}

/// Whatever is asked of a descriptor is ready at once; else time passes until the first deadline.
Trap poll_oneoff(Context& context, Cell* window, std::uint64_t) noexcept { // subscriptions, events, count, to
    constexpr Cell subscription_bytes = 48, event_bytes = 32;
    constexpr std::uint8_t clock_tag = 0;
    const Trap trap = answer(context, window, [&](Process& process, const Memory& memory) {
        const Cell count = window[2];
        if (count == 0) return Errno::inval;
        if (!hosts::pay(context, count)) return no_gas;
        const std::uint8_t* from = memory.place(window[0], count * subscription_bytes);
        if (from == nullptr || memory.place(window[1], count * event_bytes) == nullptr) return Errno::fault;
        const auto deadline = [&](Cell at) {
            std::uint64_t timeout = 0;
            std::uint16_t flags = 0;
            std::memcpy(&timeout, from + at + 24, sizeof timeout);
            std::memcpy(&flags, from + at + 40, sizeof flags);
            const std::uint64_t now = process.now();
            if ((flags & 1u) != 0) return timeout > now ? timeout - now : 0; // an absolute time
            return timeout;
        };
        bool has_descriptor = false;
        std::uint64_t shortest = UINT64_MAX;
        for (Cell i = 0; i < count; ++i) {
            const Cell at = i * subscription_bytes;
            if (from[at + 8] == clock_tag) {
                shortest = std::min(shortest, deadline(at));
            } else {
                has_descriptor = true;
            }
        }
        if (!has_descriptor) process.sleep(shortest);
        std::uint32_t events = 0;
        bool fired = false; // one clock is enough
        for (Cell i = 0; i < count; ++i) {
            const Cell at = i * subscription_bytes;
            const bool is_clock = from[at + 8] == clock_tag;
            if (is_clock && (has_descriptor || fired)) continue;
            fired = fired || is_clock;
            std::uint8_t event[event_bytes] = {};
            std::memcpy(event, from + at, 8); // user data
            event[10] = from[at + 8];
            std::uint32_t number = 0;
            std::memcpy(&number, from + at + 16, sizeof number);
            if (!is_clock && !Process::is_stream(number) && process.descriptor(number) == nullptr) {
                event[8] = static_cast<std::uint8_t>(Errno::badf);
            }
            std::memcpy(memory.place(window[1] + events * event_bytes, event_bytes), event, sizeof event);
            ++events;
        }
        return memory.store(window[3], events) ? Errno::success : Errno::fault;
    });
    return checked(trap, window);
}

Trap proc_exit(Context& context, Cell* window, std::uint64_t) noexcept { // code
    if (!hosts::pay(context, prices::host_call)) return Trap::out_of_gas;
    static_cast<hosts::User*>(Machine::of(context).user)->process->exit(static_cast<std::uint32_t>(window[0]));
    return Trap::exit;
}

/// What never works here: always the same answer.
Trap always(Context& context, Cell* window, std::uint64_t number) noexcept {
    return answer(context, window, [&](Process&, const Memory&) { return static_cast<Errno>(number); });
}
constexpr auto errno_of(Errno number) { return static_cast<std::uint64_t>(number); }

using C = Configuration;
constexpr hosts::Function table[] = {
    {"args_get", "ii.i", strings_get<&C::arguments>},
    {"args_sizes_get", "ii.i", strings_sizes_get<&C::arguments>},
    {"environ_get", "ii.i", strings_get<&C::environment>},
    {"environ_sizes_get", "ii.i", strings_sizes_get<&C::environment>},
    {"clock_res_get", "ii.i", clock_res_get},
    {"clock_time_get", "iIi.i", clock_time_get},
    {"fd_advise", "iIIi.i", fd_nothing},
    {"fd_allocate", "iII.i", fd_read_only},
    {"fd_close", "i.i", fd_close},
    {"fd_datasync", "i.i", fd_nothing},
    {"fd_fdstat_get", "ii.i", fd_fdstat_get},
    {"fd_fdstat_set_flags", "ii.i", fd_nothing},
    {"fd_fdstat_set_rights", "iII.i", fd_nothing},
    {"fd_filestat_get", "ii.i", fd_filestat_get},
    {"fd_filestat_set_size", "iI.i", fd_read_only},
    {"fd_filestat_set_times", "iIIi.i", fd_read_only},
    {"fd_pread", "iiiIi.i", fd_pread},
    {"fd_prestat_get", "ii.i", fd_prestat_get},
    {"fd_prestat_dir_name", "iii.i", fd_prestat_dir_name},
    {"fd_pwrite", "iiiIi.i", fd_read_only},
    {"fd_read", "iiii.i", fd_read},
    {"fd_readdir", "iiiIi.i", fd_readdir},
    {"fd_renumber", "ii.i", fd_renumber},
    {"fd_seek", "iIii.i", fd_seek},
    {"fd_sync", "i.i", fd_nothing},
    {"fd_tell", "ii.i", fd_tell},
    {"fd_write", "iiii.i", fd_write},
    {"path_create_directory", "iii.i", path_read_only, 0},
    {"path_filestat_get", "iiiii.i", path_filestat_get},
    {"path_filestat_set_times", "iiiiIIi.i", path_read_only, 0},
    {"path_link", "iiiiiii.i", path_read_only, 0},
    {"path_open", "iiiiiIIii.i", path_open},
    {"path_readlink", "iiiiii.i", path_readlink},
    {"path_remove_directory", "iii.i", path_read_only, 0},
    {"path_rename", "iiiiii.i", path_read_only, 0},
    {"path_symlink", "iiiii.i", path_read_only, 2},
    {"path_unlink_file", "iii.i", path_read_only, 0},
    {"poll_oneoff", "iiii.i", poll_oneoff},
    {"proc_exit", "i.", proc_exit},
    {"proc_raise", "i.i", always, errno_of(Errno::nosys)},
    {"sched_yield", ".i", always, errno_of(Errno::success)},
    {"random_get", "ii.i", random_get},
    {"sock_accept", "iii.i", always, errno_of(Errno::notsock)},
    {"sock_recv", "iiiiii.i", always, errno_of(Errno::notsock)},
    {"sock_send", "iiiii.i", always, errno_of(Errno::notsock)},
    {"sock_shutdown", "ii.i", always, errno_of(Errno::notsock)},
};

} // namespace

std::span<const hosts::Function> functions() noexcept { return table; }

} // namespace rvm::wasm::wasi
