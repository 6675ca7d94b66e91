#include "verbs/report.hpp"

#include <array>
#include <iterator>
#include <map>

#include "verbs/json_writer.hpp"

namespace rvm::ledger {
namespace {

void write_findings(JsonWriter& out, std::string_view key, const std::vector<Finding>& findings) {
    out.key(key);
    out.begin_array();
    for (const Finding& finding : findings) {
        out.begin_object();
        out.member("file", finding.file);
        out.member("test", finding.test);
        out.member("case", finding.where);
        out.member("reason", finding.reason);
        out.key("details");
        out.begin_array();
        for (const std::string& detail : finding.details)
            out.string(detail);
        out.end_array();
        out.end_object();
    }
    out.end_array();
}

std::string document(const Tally& tally) {
    JsonWriter out;
    out.begin_object();
    out.count("passed", tally.passed);
    out.count("failed", tally.failures.size());
    out.count("skipped", tally.skipped);
    write_findings(out, "failures", tally.failures);
    write_findings(out, "skips", tally.skips);
    out.end_object();
    return out.take() + "\n";
}

} // namespace

void Tally::add(Tally&& other) {
    passed += other.passed;
    skipped += other.skipped;
    std::move(other.failures.begin(), other.failures.end(), std::back_inserter(failures));
    std::move(other.skips.begin(), other.skips.end(), std::back_inserter(skips));
    std::move(other.empty.begin(), other.empty.end(), std::back_inserter(empty));
}

void Console::out(std::string_view text) const {
    static_cast<void>(
        io_.write(io_.ctx, RVM_IO_OUT, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
}

void Console::error(std::string_view text) const {
    static_cast<void>(
        io_.write(io_.ctx, RVM_IO_ERROR, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
}

std::string Console::read_all() const {
    std::string out;
    std::array<std::uint8_t, 4096> bytes;
    while (true) {
        rvm_span chunk{bytes.data(), bytes.size()};
        if (io_.read(io_.ctx, &chunk) != RVM_OK || chunk.size == 0) return out;
        out.append(reinterpret_cast<const char*>(chunk.data), static_cast<std::size_t>(chunk.size));
    }
}

void Console::failure(const Finding& finding) const {
    if (json()) return;
    std::string text = "FAILED " + finding.file;
    if (!finding.test.empty()) text += "\n  " + finding.test;
    if (!finding.where.empty()) text += "\n  " + finding.where;
    text += "\n  " + finding.reason + "\n";
    for (const std::string& detail : finding.details)
        text += "    " + detail + "\n";
    out(text);
}

void Console::summary(const Tally& tally, bool verbose) const {
    if (json()) return out(document(tally));
    std::map<std::string, std::size_t> reasons;
    for (const Finding& skip : tally.skips) {
        ++reasons[skip.reason];
        if (verbose) out("skipped " + skip.file + " " + skip.test + " " + skip.where + ": " + skip.reason + "\n");
    }
    for (const auto& [reason, count] : reasons)
        out("skipped " + std::to_string(count) + ": " + reason + "\n");
    out(std::to_string(tally.passed) + " passed, " + std::to_string(tally.failures.size()) + " failed, " +
        std::to_string(tally.skipped) + " skipped\n");
}

} // namespace rvm::ledger
