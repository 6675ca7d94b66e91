#include "cli/session.hpp"
#include "verbs/plugin_verbs.hpp"

namespace rvm::host {
int check_plugin(Session&, const std::string&, const PluginCheckOptions&) { throw UsageError("not yet"); }
} // namespace rvm::host
