// The tracers of a transaction: events go to the one it names and to the embedder's observer, each with its cookie.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <rvm/plugin.h>

#include "state/observer.hpp"

namespace rvm::runtime {

struct Frame;

/// One thread at a time. Without a tracer every test here is one load of `interest_`.
class Tracing final : public state::StateObserver {
  public:
    Tracing() = default;
    ~Tracing() override { end(nullptr); }
    Tracing(const Tracing&) = delete;
    Tracing& operator=(const Tracing&) = delete;

    /// Starts both; either may be nullptr. RVM_E_INVALID_ARGUMENT when one refuses its configuration: then none runs.
    [[nodiscard]] rvm_status begin(const rvm_tracer* tracer, const rvm_tracer* observer, const char* config,
                                   std::uint64_t execution);
    void end(const rvm_result* result);

    [[nodiscard]] bool active() const noexcept { return interest_ != 0; }
    [[nodiscard]] bool wants(std::uint32_t kind) const noexcept { return (interest_ & kind) != 0; }
    /// What the transaction's own tracer collected.
    [[nodiscard]] std::string text() const;

    void enter(Frame& frame, const char* format);
    void leave(Frame& frame, const rvm_result& result);
    void op(const Frame& frame, const rvm_op_event& event);
    void fault(const Frame& frame, const rvm_op_event& event, rvm_status status);

    void state(const rvm_state_event& event) noexcept override;
    void log(const rvm_log_event& event) noexcept override;

  private:
    struct Listener {
        const rvm_tracer* tracer = nullptr;
        void* cookie = nullptr;
    };
    /// Calls `member` of every listener that is interested in `kind`, with a copy of the event of its own.
    template <auto Member, class Event, class... More>
    void tell(std::uint32_t kind, std::uint64_t frame, const Event& event, More... more) const;

    std::array<Listener, 2> listeners_{}; ///< the transaction's tracer, the observer
    std::uint32_t interest_ = 0;
    std::uint64_t next_frame_ = 0;
    std::uint64_t current_frame_ = 0; ///< for state events
};

} // namespace rvm::runtime
