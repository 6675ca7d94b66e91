// One program of one deployment that is measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "program/code.hpp"
#include "program/machine.hpp"

namespace rvm::host::bench {

/// The tracer that counts steps; one of Session::builtins. A step is what a format reports while it executes: an
/// instruction, of WebAssembly a basic block.
inline constexpr const char* count_tracer = "rvm.host/count";
[[nodiscard]] const rvm_entry* count_plugin() noexcept;

/// A program in a world of its own. Every execution begins in the same state: what it changes is undone, unmeasured.
/// Not thread-safe. Functions throw Failure.
class Subject {
  public:
    /// Loads `file` and executes it once, counting its steps. An interruption ends what runs with a Failure, save a
    /// program that takes no time worth it. `message` may not name a tracer. `state` is a state file or empty.
    Subject(Session& session, const std::string& file, const std::string& format, const std::string& state,
            MessageOptions message);

    [[nodiscard]] const Code& code() const noexcept { return code_; }
    [[nodiscard]] const Receipt& receipt() const noexcept { return receipt_; } ///< of the counted execution
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; } ///< every frame's
    [[nodiscard]] std::uint64_t gas() const noexcept { return static_cast<std::uint64_t>(receipt_.outcome.gas_used); }

    /// Executes for about `seconds`, measuring; the number of executions that take as long as one sample should.
    [[nodiscard]] std::uint64_t warm_up(double seconds, double sample_seconds);
    /// Nanoseconds an execution, over `executions` of them. An internal error when one has another outcome than the
    /// first.
    [[nodiscard]] double sample(std::uint64_t executions);

  private:
    [[nodiscard]] double execute();

    MessageOptions message_;
    Code code_;
    std::optional<Machine> machine_;
    Receipt receipt_;
    std::uint64_t steps_ = 0;
};

} // namespace rvm::host::bench
