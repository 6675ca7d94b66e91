// rvm help: all verbs, those of plugins too.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/dispatch.hpp"
#include "cli/plugin_command.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "plugin/registry.hpp"
#include "verbs/help_files.hpp"

namespace rvm::host {

int run_help(Session& session, Options& options) {
    std::string topic;
    std::string shell;
    bool man = false;
    options.argument("VERB", topic, "a verb to explain; none: list all", false);
    options.flag("--man", man, "write the manual page, for man(1)");
    options.text("--completion", "SHELL", shell, "write the completions for bash, zsh or fish");
    options.parse();
    if (man || !shell.empty()) {
        if (!topic.empty() || (man && !shell.empty())) throw UsageError("--man and --completion stand alone");
        const std::string text = man ? manual_page(session) : completions(session, shell);
        if (session.globals.json)
            session.print_json({{"text", text}});
        else
            session.io.out(text);
        return RVM_EXIT_OK;
    }
    if (!topic.empty()) return dispatch_verb(session, {topic, "--help"});

    Report report; // a broken deployment must not take the help away; `rvm config check` tells about it
    Runtime* runtime = session.try_runtime(report);
    const auto plugins = runtime == nullptr ? std::vector<PluginVerb>{} : plugin_verbs(*runtime);

    if (session.globals.json) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const Verb& verb : verb_table())
            list.push_back(
                {{"verb", verb.name}, {"summary", verb.summary}, {"usage", verb.usage}, {"example", verb.example}});
        for (const PluginVerb& verb : plugins)
            list.push_back(plugin_verb_json(verb));
        session.print_json(list);
        return RVM_EXIT_OK;
    }
    std::size_t width = 0;
    for (const Verb& verb : verb_table())
        width = std::max(width, verb.name.size());
    for (const PluginVerb& verb : plugins)
        width = std::max(width, verb.name.size());
    const auto row = [&](std::string_view name, std::string_view summary) {
        session.io.out(
            fmt::format("  {}  {}\n", session.io.paint(Style::heading, fmt::format("{:<{}}", name, width)), summary));
    };
    session.io.out("rvm: runs metered, deterministic programs of every format its plugins provide\n\n"
                   "Usage:\n  rvm VERB [options] ...\n\nVerbs:\n");
    for (const Verb& verb : verb_table())
        row(verb.name, verb.summary);
    if (!plugins.empty()) session.io.out("\nVerbs of plugins:\n");
    for (const PluginVerb& verb : plugins)
        row(verb.name, verb.help->summary);
    session.io.out("\n`rvm VERB --help` shows options and an example.\nBegin with `rvm demo`.\n");
    return RVM_EXIT_OK;
}

} // namespace rvm::host
