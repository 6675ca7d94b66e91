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

} // namespace

std::string junit_xml(const std::vector<TestResult>& results) {
    std::map<std::string, std::vector<const TestResult*>> suites;
    for (const TestResult& result : results)
        suites[result.suite].push_back(&result);
    const auto failures = [](const auto& list) {
        return std::ranges::count_if(list, [](const TestResult* result) { return !result->passed; });
    };
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const auto& [suite, list] : suites) {
        xml += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", escaped(suite), list.size(),
                           failures(list));
        for (const TestResult* result : list) {
            xml += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"", escaped(suite),
                               escaped(result->name), result->seconds);
            if (result->passed) {
                xml += "/>\n";
                continue;
            }
            std::string text;
            for (const std::string& message : result->messages)
                text += message + "\n";
            xml += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                               escaped(result->messages.empty() ? "" : result->messages.front()), escaped(text));
        }
        xml += "  </testsuite>\n";
    }
    return xml + "</testsuites>\n";
}

} // namespace rvm::host::testing
