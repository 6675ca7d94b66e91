// Ctrl-C as a wish to stop, for work that has something to tidy up.
#pragma once

#include <csignal>
#include <cstdint>

#include <rvm/runtime.hpp>

namespace rvm::host {

/// While it lives, Ctrl-C is noted instead of ending the process. One at a time.
class InterruptWatch {
  public:
    enum class Second : std::uint8_t {
        ends_process, ///< as usual: for work that looks now and then
        is_noted,     ///< as the first: for conversations
    };

    /// Throws std::system_error where a conversation gets no pipe.
    explicit InterruptWatch(Second second = Second::ends_process);
    ~InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;

    /// Whether the user interrupted since the watch began, or since the last take(). Callable from any thread.
    [[nodiscard]] static bool interrupted() noexcept;
    /// The same, and forgets it.
    static bool take() noexcept;
    /// Notes an interruption: what a handler of SIGINT that stands in for the watch's calls. Safe in signal handlers.
    static void note() noexcept;
    /// Waits until `fd` can be read or has ended: true; or the user interrupted, be it before the call: false. Needs a
    /// watch that notes the second Ctrl-C as well.
    [[nodiscard]] static bool wait_readable(int fd) noexcept;

  private:
    struct sigaction before_ {};
};

/// While it lives, an interruption that is noted also ends what runs in a world. One at a time.
class CancelOnInterrupt {
  public:
    /// `world` must be one that can be cancelled (RVM_WORLD_CANCELLABLE); null: nothing happens.
    explicit CancelOnInterrupt(World* world) noexcept;
    ~CancelOnInterrupt();
    CancelOnInterrupt(const CancelOnInterrupt&) = delete;
    CancelOnInterrupt& operator=(const CancelOnInterrupt&) = delete;

    /// To be called when a transaction has begun, which forgets that it was cancelled.
    void begun() const noexcept;
};

} // namespace rvm::host
