// How findings about a plugin weigh for the deployment.
#pragma once

#include <rvm/report.hpp>

namespace rvm::plugin {

/// Trust findings (T01 to T05) stop even an optional plugin's deployment: a file that is not what the operator vouched
/// for is an attack or an accident, never an option.
[[nodiscard]] inline bool is_trust_finding(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::plugin_path_unsafe:
    case ErrorCode::plugin_ownership:
    case ErrorCode::plugin_pin_mismatch:
    case ErrorCode::plugin_signature_bad:
    case ErrorCode::plugin_untrusted:
        return true;
    default:
        return false;
    }
}

/// The findings of an optional plugin: errors become warnings, except about trust.
[[nodiscard]] inline Report softened(const Report& report) {
    Report out;
    for (Finding finding : report.findings()) {
        if (finding.severity == Severity::error && !is_trust_finding(finding.code))
            finding.severity = Severity::warning;
        out.add(std::move(finding));
    }
    return out;
}

/// The findings of something nobody asked for: all errors become warnings.
[[nodiscard]] inline Report all_warnings(const Report& report) {
    Report out;
    for (Finding finding : report.findings()) {
        if (finding.severity == Severity::error) finding.severity = Severity::warning;
        out.add(std::move(finding));
    }
    return out;
}

} // namespace rvm::plugin
