#include <rvm/report.hpp>

#include <algorithm>
#include <cctype>

namespace rvm {
namespace {

char upper(char c) { return (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c; }

/// "f01", "F01", "rvm-f01" and "RVM-F01" name the same code.
bool same_code(std::string_view wanted, std::string_view code) {
    constexpr std::string_view prefix = "RVM-";
    auto equal = [](char a, char b) { return upper(a) == upper(b); };
    if (std::ranges::equal(wanted, code, equal)) return true;
    return std::ranges::equal(wanted, code.substr(prefix.size()), equal);
}

std::string_view severity_name(Severity severity) {
    switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: break;
    }
    return "error";
}

} // namespace

const std::vector<ErrorInfo>& all_errors() noexcept {
    static const std::vector<ErrorInfo> table{
#define RVM_ERROR(name, code, exit_status, title, explanation, remedy)                                                 \
    {ErrorCode::name, code, exit_status, title, explanation, remedy},
#include <rvm/error_codes.def>
#undef RVM_ERROR
    };
    return table;
}

const ErrorInfo& error_info(ErrorCode code) noexcept { return all_errors()[static_cast<std::size_t>(code)]; }

const ErrorInfo* find_error(std::string_view text) noexcept {
    for (const ErrorInfo& info : all_errors())
        if (same_code(text, info.text)) return &info;
    return nullptr;
}

std::string Finding::text() const {
    std::string out{severity_name(severity)};
    out.append(" ").append(error_info(code).text).append(": ");
    if (!file.empty()) out.append(file).append(": ");
    if (!where.empty()) out.append(where).append(": ");
    if (!plugin.empty()) out.append("plugin ").append(plugin).append(": ");
    out.append(message.empty() ? error_info(code).title : std::string_view{message});
    if (!expected.empty() || !found.empty()) {
        out.append(" (");
        if (!expected.empty()) out.append("expected ").append(expected);
        if (!expected.empty() && !found.empty()) out.append(", ");
        if (!found.empty()) out.append("found ").append(found);
        out.append(")");
    }
    if (!hint.empty()) out.append("\n  hint: ").append(hint);
    if (!snippet.empty()) out.append("\n").append(snippet);
    return out;
}

Finding& Report::add(Finding finding) {
    if (finding.severity == Severity::error) ++errors_;
    return findings_.emplace_back(std::move(finding));
}

Finding& Report::error(ErrorCode code, std::string file, std::string where, std::string message) {
    return add({.code = code, .severity = Severity::error, .file = std::move(file), .where = std::move(where),
                .message = std::move(message), .expected = {}, .found = {}, .hint = {}, .plugin = {}});
}

Finding& Report::warning(ErrorCode code, std::string file, std::string where, std::string message) {
    return add({.code = code, .severity = Severity::warning, .file = std::move(file), .where = std::move(where),
                .message = std::move(message), .expected = {}, .found = {}, .hint = {}, .plugin = {}});
}

void Report::merge(Report other) {
    for (Finding& finding : other.findings_) add(std::move(finding));
}

int Report::exit_status() const noexcept {
    for (const Finding& finding : findings_)
        if (finding.severity == Severity::error) return error_info(finding.code).exit_status;
    return 0;
}

std::string Report::text() const {
    std::string out;
    for (const Finding& finding : findings_) {
        if (!out.empty()) out += '\n';
        out += finding.text();
    }
    return out;
}

} // namespace rvm
