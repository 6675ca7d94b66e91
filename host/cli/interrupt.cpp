#include "cli/interrupt.hpp"

#include <atomic>

namespace rvm::host {

namespace {

std::atomic<bool> noted{false};
static_assert(std::atomic<bool>::is_always_lock_free); // or a signal handler could not write it

void note(int) { noted.store(true, std::memory_order_relaxed); }

} // namespace

InterruptWatch::InterruptWatch() {
    noted.store(false, std::memory_order_relaxed);
    struct sigaction action {};
    action.sa_handler = note;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, &before_);
}

InterruptWatch::~InterruptWatch() { ::sigaction(SIGINT, &before_, nullptr); }

bool InterruptWatch::interrupted() noexcept { return noted.load(std::memory_order_relaxed); }

} // namespace rvm::host
