// The tracer of a transaction: events go to one contribution with its cookie.
#pragma once

#include <cstdint>
#include <string>

#include <rvm/plugin.h>
#include <rvm/report.hpp>

#include "state/observer.hpp"

namespace rvm::plugin {
class Registry;
}

namespace rvm::runtime {

struct Frame;

/// One thread at a time. Without a tracer every test here is one load of `interest_`.
class Tracing final : public state::StateObserver {
  public:
    Tracing() = default;
    ~Tracing() override { end(nullptr); }
    Tracing(const Tracing&) = delete;
    Tracing& operator=(const Tracing&) = delete;

    /// Starts the tracer `id`. RVM_E_INVALID_ARGUMENT with a text when there is none or it refuses its configuration.
    [[nodiscard]] rvm_status begin(plugin::Registry& registry, const char* id, const char* config,
                                   std::uint64_t execution, std::string& problem);
    void end(const rvm_result* result);

    [[nodiscard]] bool active() const noexcept { return tracer_ != nullptr; }
    [[nodiscard]] bool wants(std::uint32_t kind) const noexcept { return (interest_ & kind) != 0; }
    [[nodiscard]] std::string text() const;

    void enter(Frame& frame, const char* format);
    void leave(Frame& frame, const rvm_result& result);
    void op(const Frame& frame, const rvm_op_event& event);
    void fault(const Frame& frame, const rvm_op_event& event, rvm_status status);

    void state(const rvm_state_event& event) noexcept override;
    void log(const rvm_log_event& event) noexcept override;

  private:
    const rvm_tracer* tracer_ = nullptr;
    void* cookie_ = nullptr;
    std::uint32_t interest_ = 0;
    std::uint64_t next_frame_ = 0;
    std::uint64_t current_frame_ = 0; ///< for state events
};

} // namespace rvm::runtime
