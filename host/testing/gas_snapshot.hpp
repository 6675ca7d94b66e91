// What the tests of a folder cost, kept in a file: a change of a program's price shows in review.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace rvm::host::testing {

/// "suite: test" -> gas of all its calls.
using GasSnapshot = std::map<std::string, std::uint64_t>;

/// Throws Failure: the file and what is wrong with it.
[[nodiscard]] GasSnapshot load_gas_snapshot(Session& session, const std::string& file);
/// Replaces the file in one step.
void save_gas_snapshot(const std::string& file, const GasSnapshot& snapshot);
/// One line a test whose gas is not as it was, that is new or is gone.
[[nodiscard]] std::vector<std::string> gas_differences(const GasSnapshot& before, const GasSnapshot& now);

} // namespace rvm::host::testing
