// Between the host and a plugin: host functions that fail when they are told to.
#pragma once

#include <atomic>
#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::host {

/// Counts calls and makes one of them fail. Thread-safe.
class Saboteur {
  public:
    /// Counts from zero and lets call number `strike` fail (1 is the next one; 0: none).
    void arm(std::uint64_t strike) noexcept {
        calls_ = 0;
        strike_ = strike;
    }
    /// Counts no more and fails no more; calls() and struck() stay.
    void disarm() noexcept { strike_ = off; }
    /// True: this call has to fail.
    [[nodiscard]] bool strikes() noexcept { return strike_ != off && ++calls_ == strike_; }
    [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }
    [[nodiscard]] bool struck(std::uint64_t strike) const noexcept { return calls_ >= strike; }

  private:
    static constexpr std::uint64_t off = UINT64_MAX;
    std::atomic<std::uint64_t> calls_{0};
    std::atomic<std::uint64_t> strike_{off};
};

/// Decides about the host functions that a tapped plugin calls.
[[nodiscard]] Saboteur& host_saboteur() noexcept;
/// What a host function that fails answers when it has a status.
inline constexpr rvm_status host_failure = RVM_E_IO;

/// RuntimeOptions::tap_host: puts every function that can fail, of the table and of the host's interfaces, under the
/// saboteur. Built-in plugins and those of other ids than the last tap_plugin() are left alone.
void tap_host(const char* plugin_id, rvm_host& host);
void tap_plugin(const char* plugin_id);

} // namespace rvm::host
