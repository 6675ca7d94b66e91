// Ctrl-C as a wish to stop, for work that has something to tidy up.
#pragma once

#include <csignal>

namespace rvm::host {

/// While it lives, the first Ctrl-C is only noted; a second one ends the process as usual. One at a time.
class InterruptWatch {
  public:
    InterruptWatch();
    ~InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;
    /// Whether the user interrupted since the watch began. Callable from any thread.
    [[nodiscard]] static bool interrupted() noexcept;

  private:
    struct sigaction before_ {};
};

} // namespace rvm::host
