#include "plugin_check/sandbox.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/session.hpp"

// A sanitizer reserves terabytes of address space for its shadow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RVM_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RVM_SHADOW_MEMORY 1
#endif
#endif

namespace rvm::host {

namespace {

// The largest execution budget is 1 GiB; the rest is mappings. A sanitizer needs more than any limit.
[[maybe_unused]] constexpr rlim_t child_memory = rlim_t{4} << 30;
constexpr rlim_t child_file_bytes = rlim_t{256} << 20; // memory files of staged plugins count as files
constexpr rlim_t child_descriptors = 1024;             // a leaking plugin is to be counted, not to fail at random
constexpr int setup_failed = 121;                      // exit statuses of the child that no plugin's exit() explains
constexpr int forbidden_call = 122;
constexpr std::string_view forbidden_mark = "\nforbidden ";

int report_descriptor = -1;

void on_forbidden_call(int, siginfo_t* info, void*) {
    // Only async-signal-safe calls: the number is written by hand.
    char text[32];
    std::memcpy(text, forbidden_mark.data(), forbidden_mark.size());
    std::size_t at = forbidden_mark.size();
    char digits[12];
    std::size_t count = 0;
    for (int number = info->si_syscall; count == 0 || number > 0; number /= 10)
        digits[count++] = static_cast<char>('0' + number % 10);
    while (count > 0)
        text[at++] = digits[--count];
    text[at++] = '\n';
    static_cast<void>(!::write(report_descriptor, text, at));
    ::_exit(forbidden_call);
}

bool deny(scmp_filter_ctx filter) {
    bool ok = true;
    const auto trap = [&](const char* name) {
        const int call = seccomp_syscall_resolve_name(name);
        if (call >= 0) ok = seccomp_rule_add(filter, SCMP_ACT_TRAP, call, 0) == 0 && ok;
    };
    for (const char* name : {"socket",
                             "socketpair",
                             "connect",
                             "bind",
                             "listen",
                             "accept",
                             "accept4",
                             "sendto",
                             "sendmsg",
                             "sendmmsg",
                             "execve",
                             "execveat",
                             "fork",
                             "vfork",
                             "ptrace",
                             "process_vm_readv",
                             "process_vm_writev",
                             "kill",
                             "pidfd_open",
                             "pidfd_send_signal",
                             "creat",
                             "mkdir",
                             "mkdirat",
                             "rmdir",
                             "unlink",
                             "unlinkat",
                             "rename",
                             "renameat",
                             "renameat2",
                             "link",
                             "linkat",
                             "symlink",
                             "symlinkat",
                             "mknod",
                             "mknodat",
                             "truncate",
                             "chmod",
                             "fchmodat",
                             "chown",
                             "lchown",
                             "fchownat",
                             "mount",
                             "umount2",
                             "chroot",
                             "pivot_root",
                             "setuid",
                             "setgid",
                             "setsid",
                             "unshare",
                             "setns",
                             "bpf",
                             "perf_event_open",
                             "userfaultfd",
                             "io_uring_setup",
                             "keyctl",
                             "add_key",
                             "shmget",
                             "msgget",
                             "semget",
                             "mq_open",
                             "reboot",
                             "init_module",
                             "finit_module",
                             "kexec_load"})
        trap(name);
    const auto trap_when = [&](int call, unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
        const scmp_arg_cmp when{argument, SCMP_CMP_MASKED_EQ, mask, value};
        ok = seccomp_rule_add_array(filter, SCMP_ACT_TRAP, call, 1, &when) == 0 && ok;
    };
    // Threads are fine, processes are not. clone3 hides its flags in memory: glibc falls back to clone.
    trap_when(SCMP_SYS(clone), 0, CLONE_THREAD, 0);
    ok = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 && ok;
    ok = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0) == 0 && ok;
    for (const scmp_datum_t flag : {scmp_datum_t{O_WRONLY}, scmp_datum_t{O_RDWR}, scmp_datum_t{O_CREAT}}) {
        trap_when(SCMP_SYS(open), 1, flag, flag);
        trap_when(SCMP_SYS(openat), 2, flag, flag);
    }
    return ok;
}

bool limit(int resource, rlim_t value) {
    const rlimit both{value, value};
    return ::setrlimit(static_cast<__rlimit_resource>(resource), &both) == 0;
}

/// In the child: everything that can be given up is given up.
bool confine(const std::filesystem::path& directory, std::uint64_t seconds) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || ::chdir(directory.c_str()) != 0) return false;
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::dup2(null, stream) < 0) return false;
    ::close(null);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // the child never outlives the program
    bool ok = limit(RLIMIT_CORE, 0) && limit(RLIMIT_CPU, seconds + 1) && limit(RLIMIT_FSIZE, child_file_bytes) &&
              limit(RLIMIT_NOFILE, child_descriptors);
#ifndef RVM_SHADOW_MEMORY
    ok = ok && limit(RLIMIT_AS, child_memory);
#endif
    for (const int number : {SIGINT, SIGPIPE, SIGTERM})
        std::signal(number, SIG_DFL);
    struct sigaction action {};
    action.sa_sigaction = on_forbidden_call;
    action.sa_flags = SA_SIGINFO;
    ok = ok && ::sigaction(SIGSYS, &action, nullptr) == 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    ok = ok && filter != nullptr && deny(filter) && seccomp_load(filter) == 0;
    if (filter != nullptr) seccomp_release(filter);
    return ok;
}

/// Takes the line about a forbidden call out of the output.
void extract_forbidden(ChildResult& result) {
    const std::size_t at = result.output.rfind(forbidden_mark);
    if (result.exit != forbidden_call || at == std::string::npos) return;
    const int number = std::atoi(result.output.c_str() + at + forbidden_mark.size());
    result.output.resize(at);
    char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    result.forbidden = name != nullptr ? name : fmt::format("number {}", number);
    std::free(name);
}

} // namespace

ChildResult run_sandboxed(const std::filesystem::path& directory, std::uint64_t seconds,
                          const std::function<void(int)>& work) {
    std::array<int, 2> pipe_ends{};
    if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0)
        throw failure(ErrorCode::internal, {}, {}, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    const pid_t child = ::fork();
    if (child < 0) {
        ::close(pipe_ends[0]);
        ::close(pipe_ends[1]);
        throw failure(ErrorCode::internal, {}, {}, fmt::format("cannot make a process: {}", std::strerror(errno)));
    }
    if (child == 0) {
        ::close(pipe_ends[0]);
        report_descriptor = pipe_ends[1];
        if (!confine(directory, seconds)) ::_exit(setup_failed);
        // An exception ends in terminate, as in a host whose plugin throws: no destructor of the parent's objects runs
        // here.
        [&]() noexcept { work(pipe_ends[1]); }();
        ::_exit(0);
    }

    ::close(pipe_ends[1]);
    ChildResult result;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd ready{pipe_ends[0], POLLIN, 0};
        const int count = left.count() <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left.count()));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            result.timed_out = true;
            ::kill(child, SIGKILL);
            break;
        }
        char chunk[4096];
        const ssize_t size = ::read(pipe_ends[0], chunk, sizeof chunk);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) break;
        if (result.output.size() < max_child_output) result.output.append(chunk, static_cast<std::size_t>(size));
    }
    ::close(pipe_ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    if (WIFEXITED(status)) result.exit = WEXITSTATUS(status);
    if (result.exit == setup_failed)
        throw failure(ErrorCode::internal, {}, {}, "the child process could not be confined (rlimits, seccomp)",
                      "the kernel must support seccomp filters");
    extract_forbidden(result);
    return result;
}

} // namespace rvm::host
