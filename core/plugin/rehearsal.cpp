#include "plugin/rehearsal.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rvm::plugin {
namespace {

constexpr int survived = 113; // a library that ends the process ends it with another status
std::atomic<bool> skipped{false};

/// The embedder's handlers, and a sanitizer's, must not see what happens here.
void forget_signal_handlers() {
    for (int number = 1; number < NSIG; ++number)
        if (number != SIGKILL && number != SIGSTOP) std::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void run_child(const std::function<void()>& steps, unsigned seconds) {
    forget_signal_handlers();
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    alarm(seconds);
    try {
        steps();
    } catch (...) { // the caller meets the same exception again
    }
    _exit(survived);
}

std::string describe(int status, unsigned seconds) {
    if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        if (number == SIGALRM) return fmt::format("no end after {} s", seconds);
        return fmt::format("signal {} ({})", number, strsignal(number));
    }
    return fmt::format("exit status {}", WEXITSTATUS(status));
}

} // namespace

void skip_rehearsals() noexcept { skipped.store(true, std::memory_order_relaxed); }

bool rehearse(const std::function<void()>& steps, const std::string& file, const std::string& plugin, Report& report,
              unsigned seconds) {
    if (skipped.load(std::memory_order_relaxed)) return true;
    const pid_t child = fork();
    if (child == 0) run_child(steps, seconds);
    if (child < 0) return true;
    int status = 0;
    pid_t waited = -1;
    do {
        waited = waitpid(child, &status, 0);
    } while (waited < 0 && errno == EINTR);
    if (waited != child) return true; // an embedder that reaps every child took it
    if (WIFEXITED(status) && WEXITSTATUS(status) == survived) return true;
    Finding& finding =
        report.error(ErrorCode::plugin_load_failed, file, "load", "the plugin does not survive being loaded");
    finding.expected = "loading in a child process ends normally";
    finding.found = describe(status, seconds);
    finding.hint = "the file is damaged, or its start-up code is wrong: build or install it again";
    finding.plugin = plugin;
    return false;
}

} // namespace rvm::plugin
