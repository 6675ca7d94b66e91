// Which events of a recording are shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/step_reader.hpp"

namespace rvm::host {

struct TraceFilter {
    std::uint64_t depth = UINT32_MAX;       ///< frames deeper than this are left out, with all that happens in them
    std::optional<rvm_address> address;     ///< frames of other accounts are left out
    std::vector<std::string> instructions;  ///< only these, by name in any case; empty: all
    bool calls = true, steps = true, state = true, logs = true;
    std::uint64_t first = 0, last = UINT64_MAX; ///< instructions of an execution, from 0, both included

    /// Reads "calls,steps,state,logs". Throws UsageError.
    void only(const std::string& kinds);
    /// Reads "N", "N..M", "N.." or "..M". Throws UsageError.
    void range(const std::string& text);
};

/// Applies a filter event by event.
class Filtering {
  public:
    explicit Filtering(const TraceFilter& filter) : filter_(filter) {}
    /// Whether the event, the next of its execution, is shown. Events for people alone (answers of the outside) are
    /// not.
    [[nodiscard]] bool shows(const record::Event& event);

  private:
    const TraceFilter& filter_;
    std::vector<bool> open_; ///< of each open frame: whether it is shown
    std::uint64_t step_ = 0;
};

} // namespace rvm::host
