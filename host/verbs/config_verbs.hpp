// The actions of `rvm config`. Each opens deployments with every plugin loaded, as a node that starts would.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/session.hpp"
#include "manifest/manifest.hpp"

namespace rvm::host {

/// A manifest, and its deployment when it could be opened.
struct Deployment {
    std::string file; ///< as messages name it
    std::string text; ///< what the file holds
    Report report;    ///< everything found so far
    std::unique_ptr<Runtime> runtime; ///< nullptr: `report` says why

    Deployment() = default;
    Deployment(Deployment&&) = default;
    Deployment& operator=(Deployment&&) = delete;
    ~Deployment(); ///< closes; findings are dropped
    /// Stops the plugins; what goes wrong then is added to `report`.
    void close();
};

/// Opens `file` ("-": standard input; empty: the manifest in use) with --plugin files added. Throws Failure for a file
/// that cannot be read.
[[nodiscard]] Deployment open_deployment(Session& session, const std::string& file);
/// The same for a text that stands for `file`.
[[nodiscard]] Deployment open_deployment_text(Session& session, std::string file, std::string text);

/// Adds a warning (RVM-D01) to the report of an opened deployment for every name in its manifest that nothing answers
/// to: items with a price, granted syscalls, formats with rules, preferences. The beginning of an id ("crypto.*") is
/// only a note where the deployment has no item of that kind at all.
void judge_names(Deployment& deployment);

/// `document` with a pin for every plugin that is loaded and nothing else listed, and the fingerprint it must have.
/// `folder` is where the result will stand: relative paths are made to hold there.
[[nodiscard]] nlohmann::ordered_json locked(const nlohmann::ordered_json& document, Deployment& deployment,
                                            const std::filesystem::path& folder);
/// What `locked` wrote must be read back as a manifest; throws Failure (RVM-X01) otherwise.
[[nodiscard]] std::string manifest_text(const nlohmann::ordered_json& document);

int check_config(Session& session, const std::string& file, bool deny_warnings);
int diff_configs(Session& session, const std::string& before, const std::string& after);
int explain_config(Session& session, const std::string& file);
int init_config(Session& session, const std::string& file, const std::string& profile);
/// With `deny_warnings` nothing is written when there is a warning; the exit status is 78 then.
int lock_config(Session& session, const std::string& file, const std::string& output, bool deny_warnings);
int print_schema(Session& session, const std::string& which);

} // namespace rvm::host
