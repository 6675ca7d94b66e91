// The actions of `rvm plugin`.
#pragma once

#include <cstdint>
#include <string>

#include "cli/session.hpp"

namespace rvm::host {

struct PluginCheckOptions {
    std::string profile = "consensus";
    std::uint64_t seconds = 120;
    std::string config; ///< file with the plugin's "config"; empty: its schema's defaults
};

int list_plugins(Session& session);
int inspect_plugin(Session& session, const std::string& file);
int check_plugin(Session& session, const std::string& file, const PluginCheckOptions& options);

} // namespace rvm::host
