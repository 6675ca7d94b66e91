// rvm plugin: what a deployment has, what a file claims and keeps, how to begin one, sign it and pin it.
#include <array>

#include <fmt/format.h>

#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "verbs/plugin_verbs.hpp"

namespace rvm::host {

int run_plugin(Session& session, Options& options) {
    std::string action, operand;
    PluginCheckOptions check;
    PluginNewOptions fresh;
    PluginTrustOptions trust;
    static constexpr std::array<std::string_view, 8> actions{"list",   "inspect", "check",  "new",
                                                             "keygen", "sign",    "verify", "pin"};
    options.action(action, actions);
    options.argument("FILE", operand,
                     "the plugin's .so; inspect: -: stdin; new: the plugin's name; keygen: the new secret", false);
    options.only_for({"check"});
    options.text("--profile", "PROFILE", check.profile, "development, standard or consensus; default consensus");
    options.number("--seconds", "N", check.seconds, "give up after N seconds; default 120", 1, 3600);
    options.text("--plugin-config", "FILE", check.config, "JSON object that a manifest would give it as \"config\"");
    options.only_for({"new"});
    options.text("--kind", "KIND", fresh.kind, "what it provides");
    options.text("--lang", "LANGUAGE", fresh.language, "c, cpp or rust");
    options.text("--id", "ID", fresh.id, "the plugin's id; default org.example.NAME");
    options.text("--dir", "DIR", fresh.directory, "the folder to make; default NAME");
    options.only_for({"sign"});
    options.text("--key", "FILE", trust.key, "the secret, as keygen wrote it");
    options.only_for({"verify"});
    options.text("--public", "KEY", trust.public_key, "ed25519: and 64 hex digits; default: the keys of the manifest");
    options.parse();

    if (action == "list") {
        if (!operand.empty()) throw UsageError(fmt::format("unexpected argument \"{}\"", operand));
        return list_plugins(session);
    }
    if (action == "new") return new_plugin(session, operand, fresh);
    if (action == "keygen") return keygen_plugin(session, operand);
    if (operand.empty()) throw UsageError("FILE is missing", fmt::format("rvm plugin {} PATH/TO/PLUGIN.so", action));
    if (action == "inspect") return inspect_plugin(session, operand);
    if (action == "sign") return sign_plugin(session, operand, trust);
    if (action == "verify") return verify_plugin(session, operand, trust);
    if (action == "pin") return pin_plugin(session, operand);
    return check_plugin(session, operand, check);
}

} // namespace rvm::host
