// Verbs that plugins contribute: help from the sidecar, code only when the verb runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/session.hpp"
#include "manifest/sidecar.hpp"

namespace rvm::plugin {
class PluginSlot;
}

namespace rvm::host {

/// A verb of a plugin as its sidecar describes it. Points into the session's registry.
struct PluginVerb {
    std::string_view name;
    const manifest::CommandHelp* help = nullptr;
    plugin::PluginSlot* owner = nullptr;
};

/// Every verb plugins provide, by name. Loads no plugin.
[[nodiscard]] std::vector<PluginVerb> plugin_verbs(Runtime& runtime);

/// The text of `rvm VERB --help`.
[[nodiscard]] std::string plugin_verb_help(const PluginVerb& verb);

/// The same for --json: an entry of `rvm help --json`.
[[nodiscard]] nlohmann::ordered_json plugin_verb_json(const PluginVerb& verb);

/// Loads the plugin and runs its verb; `arguments` are those after the verb. Throws Failure when it is refused.
[[nodiscard]] int run_plugin_verb(Session& session, const PluginVerb& verb, const std::vector<std::string>& arguments);

} // namespace rvm::host
