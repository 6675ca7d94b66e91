#include "cli/confinement.hpp"

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace rvm::host {

namespace {

class Filter {
  public:
    explicit Filter(scmp_filter_ctx filter) : filter_(filter) {}

    /// Names that a machine does not have (aarch64 has no "poll") are no error.
    void allow(std::initializer_list<const char*> names) {
        for (const char* name : names)
            if (const int call = seccomp_syscall_resolve_name(name); call >= 0)
                note(seccomp_rule_add(filter_, SCMP_ACT_ALLOW, call, 0));
    }
    /// Allowed where `argument` has the value under the mask.
    void allow_when(const char* name, unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
        const int call = seccomp_syscall_resolve_name(name);
        if (call < 0) return;
        const scmp_arg_cmp when{argument, SCMP_CMP_MASKED_EQ, mask, value};
        note(seccomp_rule_add_array(filter_, SCMP_ACT_ALLOW, call, 1, &when));
    }
    void answer(const char* name, int error) {
        const int call = seccomp_syscall_resolve_name(name);
        if (call >= 0) note(seccomp_rule_add(filter_, SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), call, 0));
    }
    /// 0, or a negative error number.
    [[nodiscard]] int load() {
        note(seccomp_attr_set(filter_, SCMP_FLTATR_CTL_TSYNC, 1)); // services have threads already
        return error_ != 0 ? error_ : seccomp_load(filter_);
    }

  private:
    void note(int result) {
        if (error_ == 0) error_ = result;
    }
    scmp_filter_ctx filter_;
    int error_ = 0;
};

constexpr scmp_datum_t whole = ~scmp_datum_t{0};

void allow_what_is_left(Filter& filter) {
    // descriptors that are open
    filter.allow({"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
                  "pwritev2", "lseek", "fsync", "fdatasync", "sync_file_range", "msync", "ftruncate", "fallocate",
                  "fadvise64", "fstat", "fstatfs", "fcntl", "flock", "close", "close_range", "dup", "poll", "ppoll",
                  "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
                  "eventfd2"});
    filter.allow_when("newfstatat", 3, AT_EMPTY_PATH, AT_EMPTY_PATH); // what fstat() is made of
    // isatty(), lines edited at a terminal, passwords that are not shown; none puts characters into its input
    for (const scmp_datum_t request : {scmp_datum_t{TCGETS}, scmp_datum_t{TCSETS}, scmp_datum_t{TCSETSW},
                                       scmp_datum_t{TCSETSF}, scmp_datum_t{TIOCGWINSZ}, scmp_datum_t{FIONREAD}})
        filter.allow_when("ioctl", 1, whole, request);
    // memory
    filter.allow({"brk", "munmap", "mremap", "madvise", "mincore", "mlock", "munlock"});
    filter.allow_when("mmap", 2, PROT_EXEC, 0);
    filter.allow_when("mprotect", 2, PROT_EXEC, 0);
    // threads; clone3 hides its flags in memory, and without it the C library falls back to clone
    filter.allow_when("clone", 0, CLONE_THREAD, CLONE_THREAD);
    filter.answer("clone3", ENOSYS);
    filter.allow({"futex", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "gettid", "getpid",
                  "getppid", "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam",
                  "sched_getscheduler", "membarrier", "getcpu", "exit", "exit_group", "restart_syscall", "getuid",
                  "geteuid", "getgid", "getegid", "getrlimit", "getrusage", "sysinfo", "uname", "times", "getrandom"});
    filter.allow_when("prlimit64", 2, whole, 0); // getrlimit(): no new limit
    filter.allow_when("prctl", 0, whole, PR_SET_NAME);
    // a second filter only takes more away: a verb inside a plugin's verb gives up files as well
    filter.allow({"seccomp"});
    filter.allow_when("prctl", 0, whole, PR_SET_NO_NEW_PRIVS);
    // signals, to itself alone
    filter.allow({"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend",
                  "rt_sigtimedwait", "sigaltstack", "pause"});
    filter.allow_when("tgkill", 0, whole, static_cast<scmp_datum_t>(::getpid()));
    // time
    filter.allow({"clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "alarm",
                  "setitimer", "getitimer", "timerfd_create", "timerfd_settime", "timerfd_gettime"});
}

void allow_needs(Filter& filter, const manifest::ServiceNeeds& needs) {
    if (needs.files)
        filter.allow({"open", "openat", "openat2", "creat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat",
                      "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "stat", "lstat",
                      "statx", "newfstatat", "statfs", "access", "faccessat", "faccessat2", "readlink",
                      "readlinkat", "getdents64", "getcwd", "chmod", "fchmod", "fchmodat", "truncate", "utimensat",
                      "memfd_create", "umask", "sendfile", "copy_file_range"});
    if (needs.sockets)
        filter.allow({"socket", "socketpair", "bind", "listen", "accept", "accept4", "connect", "getsockname",
                      "getpeername", "setsockopt", "getsockopt", "sendto", "sendmsg", "sendmmsg", "recvfrom",
                      "recvmsg", "recvmmsg", "shutdown"});
    if (needs.processes)
        filter.allow({"clone", "fork", "vfork", "execve", "execveat", "wait4", "waitid", "kill", "tgkill", "pipe",
                      "pipe2", "dup2", "dup3", "setpgid", "setsid", "prlimit64", "pidfd_open", "pidfd_send_signal"});
}

} // namespace

bool confine_process(const manifest::ServiceNeeds& needs, std::string& why_not) {
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> context(seccomp_init(SCMP_ACT_ERRNO(EPERM)),
                                                                   seccomp_release);
    int error = -ENOMEM;
    if (context != nullptr) {
        Filter filter(context.get());
        allow_what_is_left(filter);
        allow_needs(filter, needs);
        error = filter.load();
    }
    if (error != 0) why_not = "seccomp: " + std::error_code(-error, std::generic_category()).message();
    return error == 0;
}

} // namespace rvm::host
