// Which instructions of a suite's programs ran: seen by an observer that the program adds to the deployment.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "testing/stage.hpp"

namespace rvm::host::testing {

/// The observer as a built-in plugin, for RuntimeOptions::builtins. One execution at a time.
[[nodiscard]] const rvm_entry* coverage_plugin() noexcept;
inline constexpr const char* coverage_tracer = "rvm.host/coverage";

/// What of one program ran.
struct ProgramCoverage {
    std::string program; ///< the file as the suite names it
    std::uint64_t executed = 0;
    std::uint64_t total = 0; ///< 0: its format cannot list its instructions
    struct Missed {
        std::uint64_t pc = 0;
        std::string text, source;
    };
    std::vector<Missed> missed;
};

/// Forgets everything seen so far.
void clear_coverage() noexcept;
/// What ran of the suite's programs since; `stage` is a world of the suite to look at them in.
[[nodiscard]] std::vector<ProgramCoverage> coverage_of(Session& session, const Suite& suite, Stage& stage);

} // namespace rvm::host::testing
