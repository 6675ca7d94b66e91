// One session of `rvm repl`: entries run one after the other on what the former ones left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program/machine.hpp"
#include "repl/kept.hpp"

namespace rvm::host::repl {

class Evaluator {
  public:
    /// `state_file` as Machine takes it; what an entry stores goes there when the entry succeeds.
    Evaluator(Session& session, MessageOptions message, std::string state_file);

    /// Runs an entry and shows what came of it. False: it was refused, trapped or reverted, and the session is as
    /// before.
    bool run(const std::string& text);
    /// Forgets everything but the world.
    void reset();

    [[nodiscard]] const Kept& kept() const noexcept { return kept_; }
    /// Texts of the entries that succeeded.
    [[nodiscard]] const std::vector<std::string>& accepted() const noexcept { return accepted_; }
    [[nodiscard]] std::uint64_t gas_spent() const noexcept { return spent_; }
    [[nodiscard]] std::uint64_t last_gas() const noexcept { return last_; }
    std::uint64_t& budget() noexcept { return message_.gas; } ///< gas of one entry
    bool trace = false;                                       ///< show every instruction

  private:
    void show(const Receipt& receipt, bool reached);
    void show_trace_lines();

    Session& session_;
    MessageOptions message_;
    Machine machine_;
    Kept kept_;
    std::vector<std::string> accepted_;
    std::uint64_t entries_ = 0, spent_ = 0, last_ = 0;
};

/// "10 20 30", bottom first, words above 2^63 also as negative numbers.
[[nodiscard]] std::string stack_text(const std::vector<std::uint64_t>& stack);

} // namespace rvm::host::repl
