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

struct PluginNewOptions {
    std::string kind, language; ///< as the templates beside the program have them
    std::string id;             ///< empty: org.example.NAME
    std::string directory;      ///< empty: NAME
};

struct PluginTrustOptions {
    std::string key;        ///< file with the secret to sign with
    std::string public_key; ///< "ed25519:HEX"; empty: the keys of the manifest
};

int list_plugins(Session& session);
int inspect_plugin(Session& session, const std::string& file);
int check_plugin(Session& session, const std::string& file, const PluginCheckOptions& options);
int keygen_plugin(Session& session, const std::string& file);
int sign_plugin(Session& session, const std::string& file, const PluginTrustOptions& options);
int verify_plugin(Session& session, const std::string& file, const PluginTrustOptions& options);
int pin_plugin(Session& session, const std::string& file);
int new_plugin(Session& session, const std::string& name, const PluginNewOptions& options);

} // namespace rvm::host
