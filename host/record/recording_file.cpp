#include "record/recording_file.hpp"

#include <fmt/format.h>

#include "cli/files.hpp"

namespace rvm::host {

Failure recording_failure(const std::string& file, const record::Malformed& malformed) {
    Report report;
    Finding& finding = report.error(ErrorCode::recording_malformed, file, fmt::format("offset {}", malformed.offset),
                                    "the recording cannot be read");
    finding.expected = malformed.expected;
    finding.found = malformed.found;
    return Failure(std::move(report));
}

record::Recording read_recording(Session& session, const std::string& file) {
    const std::string text = read_input(session.io, file, record::max_file_bytes);
    try {
        return record::decode(as_bytes(text), true);
    } catch (const record::Malformed& malformed) {
        throw recording_failure(file, malformed);
    } catch (const record::Newer& newer) {
        Report report;
        Finding& finding = report.error(ErrorCode::recording_newer, file, fmt::format("offset {}", record::file_magic.size()), "");
        finding.expected = fmt::format("version {}", record::file_version);
        finding.found = fmt::format("version {}", newer.version);
        throw Failure(std::move(report));
    }
}

} // namespace rvm::host
