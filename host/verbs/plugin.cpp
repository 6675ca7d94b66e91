// rvm plugin: what a deployment has, what a file claims, and whether it keeps its promises.
#include <array>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "verbs/plugin_verbs.hpp"

namespace rvm::host {

int run_plugin(Session& session, Options& options) {
    std::string action, file;
    PluginCheckOptions check;
    options.argument("ACTION", action, "list, inspect or check");
    options.argument("FILE", file, "inspect, check: the plugin's .so; -: stdin (inspect only)", false);
    options.text("--profile", "PROFILE", check.profile, "check: development, standard or consensus; default consensus");
    options.number("--seconds", "N", check.seconds, "check: give up after N seconds; default 120", 1, 3600);
    options.text("--plugin-config", "FILE", check.config,
                 "check: JSON object that a manifest would give it as \"config\"");
    options.parse();

    if (action == "list") {
        if (!file.empty()) throw UsageError(fmt::format("unexpected argument \"{}\"", file));
        return list_plugins(session);
    }
    if (action != "inspect" && action != "check") {
        constexpr std::array<std::string_view, 3> actions{"list", "inspect", "check"};
        const std::string near = nearest(action, actions);
        throw UsageError(fmt::format("unknown action \"{}\"", action),
                         near.empty() ? "list, inspect FILE or check FILE"
                                      : fmt::format("did you mean `rvm plugin {}`?", near));
    }
    if (file.empty()) throw UsageError("FILE is missing", fmt::format("rvm plugin {} PATH/TO/PLUGIN.so", action));
    if (action == "inspect") return inspect_plugin(session, file);
    return check_plugin(session, file, check);
}

} // namespace rvm::host
