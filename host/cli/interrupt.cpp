#include "cli/interrupt.hpp"

#include <atomic>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace rvm::host {

namespace {

std::atomic<bool> noted{false};
static_assert(std::atomic<bool>::is_always_lock_free); // or a signal handler could not write it

/// A byte for each note: poll(2) waits for it and for input at once, where a flag that is set between a look at it and
/// the wait would be missed. Made for the first conversation and kept.
int wake_up[2] = {-1, -1};

std::atomic<World*> running{nullptr};
static_assert(std::atomic<World*>::is_always_lock_free); // or a signal handler could not read it

void cancel_running() noexcept { // stores a flag: safe in signal handlers
    if (World* const world = running.load(std::memory_order_acquire)) world->table().cancel(world->get());
}

} // namespace

InterruptWatch::InterruptWatch(Second second) {
    if (second == Second::is_noted && wake_up[0] < 0 && ::pipe2(wake_up, O_CLOEXEC | O_NONBLOCK) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    static_cast<void>(take());
    struct sigaction action {};
    action.sa_handler = [](int) { note(); };
    action.sa_flags = second == Second::ends_process ? static_cast<int>(SA_RESETHAND) : 0;
    ::sigaction(SIGINT, &action, &before_);
}

InterruptWatch::~InterruptWatch() { ::sigaction(SIGINT, &before_, nullptr); }

bool InterruptWatch::interrupted() noexcept { return noted.load(std::memory_order_relaxed); }

bool InterruptWatch::take() noexcept {
    char bytes[64];
    while (wake_up[0] >= 0 && ::read(wake_up[0], bytes, sizeof bytes) > 0) {
    }
    return noted.exchange(false, std::memory_order_relaxed);
}

void InterruptWatch::note() noexcept {
    const int before = errno;
    noted.store(true, std::memory_order_relaxed);
    cancel_running();
    if (wake_up[1] >= 0) static_cast<void>(!::write(wake_up[1], "", 1)); // a full pipe wakes as well
    errno = before;
}

bool InterruptWatch::wait_readable(int fd) noexcept {
    for (;;) {
        pollfd waits[] = {{fd, POLLIN, 0}, {wake_up[0], POLLIN, 0}};
        const int ready = ::poll(waits, 2, -1);
        if (interrupted()) return false;
        if (ready > 0 && waits[0].revents != 0) return true;
    }
}

CancelOnInterrupt::CancelOnInterrupt(World* world) noexcept { running.store(world, std::memory_order_release); }

CancelOnInterrupt::~CancelOnInterrupt() { running.store(nullptr, std::memory_order_release); }

void CancelOnInterrupt::begun() const noexcept {
    if (InterruptWatch::interrupted()) cancel_running();
}

} // namespace rvm::host
