// Test results in the XML that build servers read (JUnit's testsuites/testsuite/testcase/failure and skipped).
#pragma once

#include <string>
#include <vector>

#include "testing/runner.hpp"

namespace rvm::host::testing {

/// Characters that XML 1.0 cannot hold are replaced.
[[nodiscard]] std::string junit_xml(const std::vector<TestResult>& results);

} // namespace rvm::host::testing
