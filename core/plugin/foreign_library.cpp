#include "plugin/foreign_library.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "plugin/elf.hpp"
#include "plugin/library.hpp"
#include "plugin/rehearsal.hpp"
#include "plugin/texts.hpp"
#include "plugin/trust.hpp"

namespace rvm::plugin {
namespace {

/// T05 unless the deployment trusts files that show nothing; a warning where it allows them.
bool may_be_unpinned(const ForeignLibrary& wanted, const std::string& sha256, const std::string& plugin,
                     const manifest::Trust& trust, Report& report) {
    if (trust.require == manifest::TrustRequirement::none) return true;
    Finding finding;
    finding.code = ErrorCode::plugin_untrusted;
    finding.severity = trust.allow_unsigned ? Severity::warning : Severity::error;
    finding.file = wanted.file.string();
    finding.where = "sha256";
    finding.message = "nothing vouches for the library";
    finding.expected = "a pin";
    finding.found = "none";
    finding.hint = fmt::format("\"sha256\": \"{}\"", sha256);
    finding.plugin = plugin;
    report.add(std::move(finding));
    return trust.allow_unsigned;
}

} // namespace

void* load_foreign(const ForeignLibrary& wanted, const std::string& plugin, const manifest::Manifest& deployment,
                   std::string& sha256, Report& report) {
    const std::string file = wanted.file.string();
    const ReadPolicy policy{deployment.profile == manifest::Profile::development, max_library_bytes};
    const auto bytes = read_trusted(wanted.file.parent_path(), wanted.file.filename(), policy, report);
    if (!bytes) return nullptr;
    const Bytes digest = rvm::sha256(*bytes);
    sha256 = to_hex(digest);
    const bool trusted = wanted.pin.empty() ? may_be_unpinned(wanted, sha256, plugin, deployment.trust, report)
                                            : check_pin(wanted.pin, digest, file, "sha256", report);
    if (!trusted) return nullptr;

    const auto facts = preflight(*bytes, file, {.is_plugin = false}, report);
    if (!facts) return nullptr;
    if (std::ranges::find(facts->functions, wanted.symbol) == facts->functions.end()) {
        constexpr std::size_t shown = 4; // names listed in a message
        std::string found;
        for (std::size_t i = 0; i < std::min(shown, facts->functions.size()); ++i)
            found.append(i == 0 ? "" : ", ").append(printable(facts->functions[i]));
        Finding& finding =
            report.error(ErrorCode::entry_invalid, file, "exported functions", "the library lacks the function");
        finding.expected = printable(wanted.symbol);
        finding.found = facts->functions.empty() ? "none"
                        : facts->functions.size() > shown
                            ? fmt::format("{} and {} more", found, facts->functions.size() - shown)
                            : found;
        finding.plugin = plugin;
        return nullptr;
    }

    const FpChange fp_change = deployment.profile == manifest::Profile::consensus ? FpChange::refuse : FpChange::warn;
    const auto load = [&](Report& to) {
        return load_function(*bytes, plugin, sha256, wanted.symbol, fp_change, file, to);
    };
    const auto steps = [&] {
        Report unheard; // the child's; the same happens again below
        static_cast<void>(load(unheard));
    };
    return rehearse(steps, file, plugin, report) ? load(report) : nullptr;
}

} // namespace rvm::plugin
