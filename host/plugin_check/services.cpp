// Step about services: they start, are well, and stop in time with all their threads.
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "plugin_check/check.hpp"

namespace rvm::host {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t stop_deadline_ms = 1'000; // of a service that has done nothing yet
constexpr std::uint64_t patience_ms = 3'000;      // then it will not stop any more
constexpr milliseconds thread_exit{200};          // a joined thread leaves the kernel's list a little later

/// Ends the child with a finding when nobody calls it off in time.
class Watchdog {
  public:
    Watchdog(std::string where, CheckLog& log)
        : thread_([this, where = std::move(where), &log] { watch(where, log); }) {}
    ~Watchdog() {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

  private:
    void watch(const std::string& where, CheckLog& log) {
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, milliseconds(patience_ms), [this] { return over_; })) return;
        log.fail(ErrorCode::plugin_stop_deadline, where, "stop() does not return",
                 fmt::format("at most {} ms", stop_deadline_ms), fmt::format("more than {} ms", patience_ms));
        log.finish();
        ::_exit(0);
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    bool over_ = false;
    std::thread thread_;
};

bool check_call(const char* name, rvm_status status, const rvm_error& error, const std::string& where, CheckLog& log) {
    if (status == RVM_OK) return true;
    const std::string text(error.message, ::strnlen(error.message, sizeof error.message));
    log.fail(ErrorCode::plugin_step_failed, where,
             text.empty() ? fmt::format("{}() failed", name) : fmt::format("{}() failed: {}", name, text), "status 0",
             fmt::format("status {}", status));
    return false;
}

std::size_t threads() { return count_entries("/proc/self/task"); }

void check_service(const rvm_service& service, CheckLog& log) {
    const std::string where = fmt::format("service {}", service.id);
    const std::size_t before = threads();
    rvm_error error{};
    error.struct_size = sizeof error;
    log.doing(where + ": start");
    if (!check_call("start", service.start(service.self, &error), error, where, log)) return;
    if (service.health != nullptr) {
        log.doing(where + ": health");
        check_call("health", service.health(service.self, &error), error, where, log);
    }
    log.doing(where + ": stop");
    const auto begin = Clock::now();
    {
        const Watchdog watchdog(where, log);
        check_call("stop", service.stop(service.self, stop_deadline_ms, &error), error, where, log);
    }
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begin).count();
    if (static_cast<std::uint64_t>(took) > stop_deadline_ms)
        log.fail(ErrorCode::plugin_stop_deadline, where, "stop() took too long",
                 fmt::format("at most {} ms", stop_deadline_ms), fmt::format("{} ms", took));
    const auto give_up = Clock::now() + thread_exit;
    while (threads() > before && Clock::now() < give_up)
        std::this_thread::sleep_for(milliseconds(1));
    if (const std::size_t after = threads(); after > before)
        log.fail(ErrorCode::plugin_stop_deadline, where, "threads are left running after stop()",
                 fmt::format("{}", before), fmt::format("{}", after));
}

} // namespace

void check_services(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto services = items_of<rvm_service>(*runtime, candidate, log);
    if (services.empty()) log.skip("provides no service");
    for (const auto& service : services)
        check_service(*service.item, log);
}

} // namespace rvm::host
