#include "verbs/report.hpp"

#include <array>
#include <iterator>
#include <map>

namespace rvm::ledger {
namespace {

void append_json(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4u];
            out += digits[byte & 15u];
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
    append_json(out, key);
    out += ": ";
    append_json(out, value);
}

void append_finding(std::string& out, const Finding& finding) {
    out += "    {";
    append_member(out, "file", finding.file);
    out += ", ";
    append_member(out, "test", finding.test);
    out += ", ";
    append_member(out, "case", finding.where);
    out += ", ";
    append_member(out, "reason", finding.reason);
    out += ", \"details\": [";
    for (std::size_t i = 0; i < finding.details.size(); ++i) {
        if (i != 0) out += ", ";
        append_json(out, finding.details[i]);
    }
    out += "]}";
}

void append_findings(std::string& out, std::string_view key, const std::vector<Finding>& findings) {
    out += "  ";
    append_json(out, key);
    out += ": [";
    for (std::size_t i = 0; i < findings.size(); ++i) {
        out += i == 0 ? "\n" : ",\n";
        append_finding(out, findings[i]);
    }
    out += findings.empty() ? "]" : "\n  ]";
}

std::string document(const Tally& tally) {
    std::string out = "{\n  \"passed\": " + std::to_string(tally.passed) +
                      ",\n  \"failed\": " + std::to_string(tally.failures.size()) +
                      ",\n  \"skipped\": " + std::to_string(tally.skipped) + ",\n";
    append_findings(out, "failures", tally.failures);
    out += ",\n";
    append_findings(out, "skips", tally.skips);
    return out += "\n}\n";
}

} // namespace

void Tally::add(Tally&& other) {
    passed += other.passed;
    skipped += other.skipped;
    std::move(other.failures.begin(), other.failures.end(), std::back_inserter(failures));
    std::move(other.skips.begin(), other.skips.end(), std::back_inserter(skips));
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
