// What a tracer sees of the state.
#pragma once

#include <rvm/plugin.h>

namespace rvm::state {

/// Called synchronously, after the change it reports; everything passed dies when the function returns. Reverts are not
/// reported: who observes knows which frames failed. Must not throw and must not call into the world.
class StateObserver {
  public:
    virtual ~StateObserver() = default;
    /// Old and new value of a balance, nonce, code, slot or transient slot; DESTROY when an account gets marked.
    virtual void state(const rvm_state_event& event) noexcept = 0;
    virtual void log(const rvm_log_event& event) noexcept = 0;
};

} // namespace rvm::state
