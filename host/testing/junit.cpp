#include "testing/junit.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace rvm::host::testing {

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\n')
            out += "&#10;";
        else
            out += byte < 0x20 && c != '\t' ? '?' : c;
    }
    return out;
}

/// The attributes that count the tests of a suite, or of all.
std::string totals(const std::vector<const TestResult*>& tests) {
    const auto skipped = std::ranges::count_if(tests, [](const TestResult* test) { return !test->skipped.empty(); });
    const auto passed = std::ranges::count_if(tests, [](const TestResult* test) { return test->passed; });
    double seconds = 0;
    for (const TestResult* test : tests)
        seconds += test->seconds;
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.6f}\"", tests.size(),
                       std::ssize(tests) - passed - skipped, skipped, seconds);
}

std::string testcase(const TestResult& result) {
    const std::string begin = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"",
                                          escaped(result.suite), escaped(result.name), result.seconds);
    if (result.passed) return begin + "/>\n";
    if (!result.skipped.empty())
        return fmt::format("{}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", begin, escaped(result.skipped));
    std::string text;
    for (const std::string& message : result.messages)
        text += message + "\n";
    return fmt::format("{}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n", begin,
                       escaped(result.messages.empty() ? "" : result.messages.front()), escaped(text));
}

} // namespace

std::string junit_xml(const std::vector<TestResult>& results) {
    std::map<std::string, std::vector<const TestResult*>> suites;
    for (const TestResult& result : results)
        suites[result.suite].push_back(&result);
    std::string body;
    for (const auto& [suite, list] : suites) {
        body += fmt::format("  <testsuite name=\"{}\" {}>\n", escaped(suite), totals(list));
        for (const TestResult* result : list)
            body += testcase(*result);
        body += "  </testsuite>\n";
    }
    std::vector<const TestResult*> all;
    for (const TestResult& result : results)
        all.push_back(&result);
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n{}</testsuites>\n", totals(all),
                       body);
}

} // namespace rvm::host::testing
