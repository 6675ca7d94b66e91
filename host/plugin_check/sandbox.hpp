// A child process that may compute and read, and nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace rvm::host {

/// How a child ended and what it wrote.
struct ChildResult {
    std::string output; ///< everything written to the descriptor `work` got, cut at max_child_output
    bool timed_out = false;
    int signal = 0; ///< that killed it; 0: none
    int exit = 0;
    std::string forbidden; ///< name of the system call that was not allowed; empty: none
};

inline constexpr std::size_t max_child_output = std::size_t{4} << 20;

/// Forks and runs `work` in the child, with `directory` as working directory, standard streams on /dev/null, limits on
/// memory, processor time and files, and a seccomp filter: no sockets, no new processes, no file opened for writing,
/// created, renamed or removed. `work` returns normally or the child dies; destructors of the parent's objects never
/// run in the child. The calling process must have one thread. Throws Failure when the child cannot be made.
[[nodiscard]] ChildResult run_sandboxed(const std::filesystem::path& directory, std::uint64_t seconds,
                                        const std::function<void(int descriptor)>& work);

} // namespace rvm::host
