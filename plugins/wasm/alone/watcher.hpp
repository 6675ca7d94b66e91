// Somebody in this process who looks on while a module runs on its own. What they see changes nothing of the run,
// which they may only end.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "translate/program.hpp"

namespace rvm::wasm::alone {

/// A block of code that is entered.
struct Block {
    std::size_t depth;    ///< calls below
    const Program& program;
    std::uint32_t byte;   ///< of the module
    std::uint64_t price;  ///< units
    std::int64_t left;    ///< units, before it is paid
};

/// Hears the runs of its thread while it lives, instead of the one before it. Empty members hear nothing.
class Watcher {
  public:
    std::function<void(int descriptor, std::span<const std::uint8_t> bytes)> wrote;
    std::function<void(const Block& block)> entered;
    std::function<bool()> stops; ///< asked now and then whether a run in a cancellable world is to end

    Watcher() noexcept : before_(current_) { current_ = this; }
    ~Watcher() { current_ = before_; }
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    /// Of this thread, or null.
    [[nodiscard]] static Watcher* current() noexcept { return current_; }

  private:
    static thread_local Watcher* current_;
    Watcher* before_;
};

} // namespace rvm::wasm::alone
