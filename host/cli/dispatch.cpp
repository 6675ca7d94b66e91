#include "cli/dispatch.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "cli/options.hpp"
#include "cli/plugin_command.hpp"
#include "cli/verb.hpp"
#include "manifest/manifest.hpp"

namespace rvm::host {

namespace {

/// Sets the global option that begins at words[at] and returns how many words it takes; 0 when it is another word.
std::size_t take_global(const std::vector<std::string>& words, std::size_t at, GlobalOptions& globals) {
    const std::string& word = words[at];
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name == "--config" || name == "--plugin") {
        std::string value;
        std::size_t used = 1;
        if (equals != std::string::npos) {
            value = word.substr(equals + 1);
        } else {
            if (at + 1 >= words.size()) throw UsageError(fmt::format("{}: a file is missing", name));
            value = words[at + 1];
            used = 2;
        }
        if (name == "--config")
            globals.config = value;
        else
            globals.plugins.push_back(value);
        return used;
    }
    bool* flag = word == "--json"                      ? &globals.json
                 : word == "--no-color"                ? &globals.no_color
                 : word == "-q" || word == "--quiet"   ? &globals.quiet
                 : word == "-v" || word == "--verbose" ? &globals.verbose
                                                       : nullptr;
    if (flag == nullptr) return 0;
    *flag = true;
    return 1;
}

/// Whether `option` stands among the words; those behind "--" are a program's.
bool asks_for(const std::vector<std::string>& words, std::string_view option) {
    const auto end = std::ranges::find(words, "--");
    return std::find(words.begin(), end, option) != end;
}

/// Whether the deployment's storage engine is `name`. False for a manifest that cannot be read: opening it says why.
bool is_engine(const Session& session, const std::string& name) {
    Report unread;
    const auto manifest = manifest::load_manifest(session.manifest_file(), unread);
    return manifest && manifest->storage.engine == name;
}

int run_builtin(Session& session, const Verb& verb, std::vector<std::string> arguments) {
    Options options(verb, std::move(arguments), session.globals);
    return verb.run(session, options);
}

/// A plugin's verb parses its own words; the global options that name files and the output form are the host's all the
/// same, up to "--".
int run_from_plugin(Session& session, const std::string& name, const std::vector<std::string>& words) {
    std::vector<std::string> arguments;
    bool help = false;
    for (std::size_t at = 0; at < words.size();) {
        if (words[at] == "--") {
            arguments.insert(arguments.end(), words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
            break;
        }
        const bool short_option = words[at] == "-q" || words[at] == "-v"; // may mean something else to the plugin
        const std::size_t used = short_option ? 0 : take_global(words, at, session.globals);
        if (used == 0) {
            help = help || words[at] == "--help" || words[at] == "-h";
            arguments.push_back(words[at]);
        }
        at += used == 0 ? 1 : used;
    }
    if (session.globals.no_color) session.io.no_colour();

    // The verb of the engine looks after a store (program/engine_verb.hpp); none of its actions makes one.
    const bool of_engine = !help && is_engine(session, name);
    if (of_engine) session.store = RuntimeOptions::Store::must_exist;
    Report report;
    Runtime* runtime = session.try_runtime(report);
    if (runtime == nullptr && of_engine) throw Failure(std::move(report));
    const auto verbs = runtime == nullptr ? std::vector<PluginVerb>{} : plugin_verbs(*runtime);
    for (const PluginVerb& verb : verbs) {
        if (verb.name != name) continue;
        session.show(report);
        if (!help) return run_plugin_verb(session, verb, arguments);
        if (session.globals.json)
            session.print_json(plugin_verb_json(verb));
        else
            session.io.out(plugin_verb_help(verb));
        return RVM_EXIT_OK;
    }

    std::vector<std::string_view> names;
    for (const Verb& verb : verb_table())
        names.push_back(verb.name);
    for (const PluginVerb& verb : verbs)
        names.push_back(verb.name);
    const std::string near = nearest(name, names);
    if (runtime == nullptr) session.show(report); // why verbs of plugins are not known
    throw UsageError(fmt::format("unknown verb \"{}\"", name),
                     near.empty() ? "`rvm help` lists all verbs" : fmt::format("did you mean `rvm {}`?", near));
}

/// An option's left column without the space that lines short names up.
std::string unpadded(const std::string& left) {
    return left.substr(std::min(left.find_first_not_of(' '), left.size()));
}

nlohmann::ordered_json help_json(const Options::HelpWanted& help) {
    nlohmann::ordered_json json{{"verb", help.verb->name},
                                {"summary", help.verb->summary},
                                {"usage", help.verb->usage},
                                {"example", help.verb->example},
                                {"notes", help.verb->notes},
                                {"arguments", nlohmann::ordered_json::array()},
                                {"options", nlohmann::ordered_json::array()}};
    for (const Options::Line& line : help.arguments)
        json["arguments"].push_back({{"name", line.left}, {"help", line.right}});
    for (const Options::Line& line : help.options)
        json["options"].push_back({{"name", unpadded(line.left)}, {"help", line.right}, {"every_verb", line.global}});
    return json;
}

int finish(Session& session, int status, const Report& report) {
    session.show(report);
    if (session.globals.json) {
        nlohmann::ordered_json document;
        document["exit"] = status;
        document["findings"] = report_json(report);
        session.print_json(document);
    }
    return status;
}

} // namespace

int dispatch_verb(Session& session, std::vector<std::string> words) {
    std::size_t at = 0;
    while (at < words.size()) {
        const std::size_t used = take_global(words, at, session.globals);
        if (used == 0) break;
        at += used;
    }
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at));
    // Colour must be off before the first word of an error; a plugin's own arguments are left alone.
    if (asks_for(words, "--no-color")) session.globals.no_color = true;
    if (session.globals.no_color) session.io.no_colour();

    if (words.empty()) {
        static_cast<void>(run_builtin(session, *find_verb("help"), {}));
        return RVM_EXIT_USAGE;
    }
    std::string name = words.front();
    words.erase(words.begin());
    if (name == "--help" || name == "-h") name = "help";
    if (name == "--version" || name == "-V") name = "version";
    if (name.starts_with("-")) {
        static constexpr std::string_view known[] = {"--config", "--plugin",  "--json", "--no-color",
                                                     "--quiet",  "--verbose", "--help", "--version"};
        const std::string near = nearest(std::string_view{name}.substr(0, name.find('=')), known);
        throw UsageError(fmt::format("unknown option {}", name),
                         near.empty() ? "options of a verb stand after it: `rvm VERB --help`"
                                      : fmt::format("did you mean {}?", near));
    }
    if (const Verb* verb = find_verb(name)) return run_builtin(session, *verb, std::move(words));
    return run_from_plugin(session, name, words);
}

int dispatch(Session& session, std::vector<std::string> arguments) noexcept {
    // An error of the command line itself is JSON too when JSON was asked for.
    if (asks_for(arguments, "--json")) session.globals.json = true;
    int status = RVM_EXIT_INTERNAL;
    try {
        try {
            status = dispatch_verb(session, std::move(arguments));
        } catch (const Options::HelpWanted& help) {
            if (session.globals.json)
                session.print_json(help_json(help));
            else
                session.io.out(help.text);
            status = RVM_EXIT_OK;
        } catch (const UsageError& error) {
            Report report;
            report.error(ErrorCode::usage, {}, {}, error.what()).hint = error.hint();
            status = finish(session, RVM_EXIT_USAGE, report);
        } catch (const Failure& failed) {
            status = finish(session, failed.report().exit_status(), failed.report());
        } catch (const std::exception& error) {
            Report report;
            report.error(ErrorCode::internal, {}, {}, error.what());
            status = finish(session, RVM_EXIT_INTERNAL, report);
        }
        Report late; // the verb has said its own already
        session.close(late);
        session.show(late);
        if (!late.ok() && status == RVM_EXIT_OK) status = late.exit_status();
        session.io.flush();
        if (session.io.lost() != 0) {
            Report report;
            report.error(ErrorCode::output_lost, "standard output", {}, std::strerror(session.io.lost()));
            session.show(report);
            if (status == RVM_EXIT_OK) status = error_info(ErrorCode::output_lost).exit_status;
        }
    } catch (...) { // no memory for words either
        return RVM_EXIT_INTERNAL;
    }
    return status;
}

} // namespace rvm::host
