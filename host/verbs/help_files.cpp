#include "verbs/help_files.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/options.hpp"
#include "cli/plugin_command.hpp"
#include "cli/verb.hpp"
#include "plugin/registry.hpp"

namespace rvm::host {

namespace {

/// One option, taken apart.
struct Option {
    std::string short_name, long_name; ///< "-o", "--output"; one may be empty
    std::string value;                 ///< "FILE"; empty: takes none that stands apart
    std::string help;
    bool global = false;
};
struct Description {
    std::string name, summary, usage, example, notes;
    std::string plugin;               ///< id of the one whose verb it is; empty: the program's own
    std::vector<std::string> actions; ///< words that may come first, from the usage
    std::vector<Option> options;
    std::vector<Options::Line> arguments;
};

Option taken_apart(const Options::Line& line) {
    Option option;
    option.help = line.right;
    option.global = line.global;
    for (std::string& word : split(line.left, " ")) {
        if (word.ends_with(",")) word.pop_back();
        if (word.starts_with("--"))
            option.long_name = word.substr(0, word.find('[')); // "--trace[=TRACER]"
        else if (word.starts_with("-"))
            option.short_name = word;
        else if (!word.empty())
            option.value = word;
    }
    return option;
}

bool is_action(std::string_view word) {
    return !word.empty() && word.front() != '-' &&
           std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

/// "plugin list | inspect FILE", or "wasm run|check FILE": run and check. Nothing for verbs without alternatives.
std::vector<std::string> actions_of(std::string_view usage) {
    usage.remove_prefix(std::min(usage.find(' '), usage.size()));
    std::vector<std::string> actions;
    const auto first_word = [](const std::string& text) {
        const auto words = split(text, " ");
        const auto word = std::ranges::find_if(words, [](const std::string& each) { return !each.empty(); });
        return word == words.end() ? std::string() : *word;
    };
    auto alternatives = split(usage, " | ");
    if (std::ranges::all_of(alternatives, [&](const std::string& text) { return is_action(first_word(text)); })) {
        for (const std::string& alternative : alternatives)
            actions.push_back(first_word(alternative));
    } else {
        actions = split(first_word(std::string(usage)), "|");
        if (!std::ranges::all_of(actions, is_action)) return {};
    }
    return actions.size() < 2 ? std::vector<std::string>{} : actions;
}

/// "--input.{alloc,env}": --input.alloc and --input.env.
std::vector<std::string> spelled_out(const std::string& name) {
    const std::size_t open = name.find('{'), close = name.find('}');
    if (open == std::string::npos || close == std::string::npos || close < open) return {name};
    std::vector<std::string> names;
    for (const std::string& middle : split(std::string_view{name}.substr(open + 1, close - open - 1), ","))
        names.push_back(name.substr(0, open) + middle + name.substr(close + 1));
    return names;
}

/// The options that a usage line of a plugin's verb has: "[--gas N]", "[--trace[=TRACER]]", "-o FILE", "[--json]".
std::vector<Option> options_of(std::string_view usage) {
    std::vector<Option> options;
    const auto words = split(usage, " ");
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string word = words[i].substr(std::min(words[i].find_first_not_of("[("), words[i].size()));
        if (word.size() < 2 || word.front() != '-') continue;
        const std::size_t end = std::min(word.find_first_of("[]()=|"), word.size());
        Option option;
        if (end == word.size() && i + 1 < words.size()) { // nothing closes it: its value follows
            const std::string& next = words[i + 1];
            const std::string value = next.substr(0, next.find_first_of("])"));
            if (!value.empty() && value.front() != '|' && value.front() != '[') option.value = value;
        }
        for (const std::string& name : spelled_out(word.substr(0, end))) {
            (name.starts_with("--") ? option.long_name : option.short_name) = name;
            const bool known = std::ranges::any_of(options, [&](const Option& other) {
                return other.long_name == option.long_name && other.short_name == option.short_name;
            });
            if (!known) options.push_back(option);
        }
    }
    return options;
}

/// Verbs of plugins have the options of their usage line, and the program's own where the names are free.
void add_verbs_of_plugins(Session& session, std::vector<Description>& list) {
    Report report; // a broken deployment has no such verbs; `rvm config check` tells about it
    Runtime* const runtime = session.try_runtime(report);
    if (runtime == nullptr) return;
    const std::vector<Option> own = list.front().options;
    for (const PluginVerb& verb : plugin_verbs(*runtime)) {
        Description description;
        description.name = verb.name;
        description.summary = verb.help->summary;
        description.usage = verb.help->usage;
        description.example = verb.help->example;
        description.plugin = verb.owner->id();
        description.actions = actions_of(description.usage);
        description.options = options_of(description.usage);
        for (Option option : own) {
            if (!option.global) continue;
            option.short_name.clear(); // means what the plugin likes
            const bool taken = std::ranges::any_of(description.options, [&](const Option& other) {
                return other.long_name == option.long_name;
            });
            if (!taken) description.options.push_back(option);
        }
        list.push_back(std::move(description));
    }
}

/// Asks each verb for its help, as `--help` does: options are known where they are declared.
std::vector<Description> descriptions(Session& session) {
    std::vector<Description> list;
    for (const Verb& verb : verb_table()) {
        Description description;
        description.name = verb.name;
        description.summary = verb.summary;
        description.usage = verb.usage;
        description.example = verb.example;
        description.notes = verb.notes;
        description.actions = actions_of(verb.usage);
        GlobalOptions unused;
        Options options(verb, {"--help"}, unused);
        try {
            static_cast<void>(verb.run(session, options));
        } catch (const Options::HelpWanted& wanted) {
            for (const Options::Line& line : wanted.options)
                description.options.push_back(taken_apart(line));
            description.arguments = wanted.arguments;
        }
        list.push_back(std::move(description));
    }
    add_verbs_of_plugins(session, list);
    return list;
}

/// Text of a manual page: a leading dot or quote would be a request, a backslash an escape, a hyphen a dash.
std::string roff(std::string_view text) {
    std::string result;
    bool begins = true;
    for (const char c : text) {
        if (begins && (c == '.' || c == '\'')) result += "\\&";
        begins = c == '\n';
        if (c == '\\')
            result += "\\e";
        else if (c == '-')
            result += "\\-";
        else
            result += c;
    }
    return result;
}

std::string roff_option(const Option& option) {
    std::string names = option.short_name;
    if (!option.long_name.empty()) names += (names.empty() ? "" : ", ") + option.long_name;
    return fmt::format(".TP\n\\fB{}\\fR {}\n{}\n", roff(names),
                       option.value.empty() ? "" : fmt::format("\\fI{}\\fR", roff(option.value)), roff(option.help));
}

/// In single quotes for a shell.
std::string quoted(std::string_view text, std::string_view quote_inside) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'')
            result += quote_inside;
        else
            result += c;
    }
    return result + "'";
}

std::string names_of(const std::vector<Option>& options, bool global) {
    std::string names;
    for (const Option& option : options) {
        if (option.global && !global) continue;
        for (const std::string* name : {&option.short_name, &option.long_name})
            if (!name->empty()) names += (names.empty() ? "" : " ") + *name;
    }
    return names;
}

std::string bash(const std::vector<Description>& verbs) {
    std::string all, cases;
    for (const Description& description : verbs) {
        all += (all.empty() ? "" : " ") + description.name;
        cases += fmt::format("        {}) words='{} {}' ;;\n", description.name, fmt::join(description.actions, " "),
                             names_of(description.options, true));
    }
    return fmt::format(R"(# bash completion of rvm, from its verb table: `rvm help --completion bash`
_rvm() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} verb= words= at
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${{COMP_WORDS[at]}} in
            --config | --plugin) ((at++)) ;;
            -*) ;;
            *) verb=${{COMP_WORDS[at]}}; break ;;
        esac
    done
    case $verb in
        '') words='{} {}' ;;
{}    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [[ -n $verb && $word != -* ]]; then COMPREPLY+=($(compgen -f -- "$word")); fi
}}
complete -o filenames -F _rvm rvm
)",
                       all, names_of(verbs.front().options, true), cases);
}

std::string zsh(const std::vector<Description>& verbs) {
    constexpr std::string_view inside = "'\\''";
    std::string all, cases;
    for (const Description& description : verbs) {
        all += fmt::format("        {}\n",
                           quoted(fmt::format("{}:{}", description.name, description.summary), inside));
        std::string arguments;
        for (const Option& option : description.options)
            for (const std::string* name : {&option.short_name, &option.long_name}) {
                if (name->empty()) continue;
                std::string help;
                for (const char c : option.help) // brackets and colons separate the parts of a specification
                    help += c == '[' || c == ']' ? std::string("\\") + c : c == ':' ? "\\:" : std::string(1, c);
                std::string specification = help.empty() ? *name : fmt::format("{}[{}]", *name, help);
                if (!option.value.empty()) specification += fmt::format(":{}:_files", option.value);
                arguments += fmt::format(" \\\n                {}", quoted(specification, inside));
            }
        if (!description.actions.empty())
            arguments += fmt::format(" \\\n                '1:action:({})'", fmt::join(description.actions, " "));
        cases += fmt::format("            {}) _arguments{} \\\n                '*:file:_files' ;;\n", description.name,
                             arguments);
    }
    return fmt::format(R"(#compdef rvm
# zsh completion of rvm, from its verb table: `rvm help --completion zsh`
_rvm() {{
    local -a verbs
    verbs=(
{}    )
    if (( CURRENT == 2 )); then
        _describe verb verbs
    else
        local verb=$words[2]
        shift words
        (( CURRENT-- ))
        case $verb in
{}        esac
    fi
}}
_rvm "$@"
)",
                       all, cases);
}

std::string fish(const std::vector<Description>& verbs) {
    constexpr std::string_view inside = "\\'";
    std::string text = "# fish completion of rvm, from its verb table: `rvm help --completion fish`\n";
    const auto line = [&](const std::string& condition, const Option& option) {
        text += "complete -c rvm" + (condition.empty() ? "" : fmt::format(" -n {}", quoted(condition, inside)));
        if (!option.short_name.empty()) text += " -s " + option.short_name.substr(1);
        if (!option.long_name.empty()) text += " -l " + option.long_name.substr(2);
        text += fmt::format("{} -d {}\n", option.value.empty() ? "" : " -r", quoted(option.help, inside));
    };
    for (const Option& option : verbs.front().options)
        if (option.global) line({}, option);
    for (const Description& description : verbs) {
        text += fmt::format("complete -c rvm -n __fish_use_subcommand -f -a {} -d {}\n", description.name,
                            quoted(description.summary, inside));
        const std::string seen = fmt::format("__fish_seen_subcommand_from {}", description.name);
        for (const std::string& action : description.actions)
            text += fmt::format("complete -c rvm -n '{}' -a {}\n", seen, action);
        for (const Option& option : description.options)
            if (!option.global) line(seen, option);
    }
    return text;
}

} // namespace

std::string manual_page(Session& session) {
    const auto verbs = descriptions(session);
    std::string text = ".\\\" From the verb table: rvm help --man\n.TH RVM 1\n.SH NAME\nrvm \\- runs metered, "
                       "deterministic programs of "
                       "every format its plugins provide\n.SH SYNOPSIS\n.B rvm\n.I VERB\n[options] ...\n.SH VERBS\n";
    for (const Description& description : verbs) {
        text += fmt::format(".SS {}\nrvm {}\n.PP\n{}.\n", description.name, roff(description.usage),
                            roff(description.summary));
        if (!description.plugin.empty()) {
            text += fmt::format("From the plugin {}.\n.PP\nExample:\n.nf\n  {}\n.fi\n", roff(description.plugin),
                                roff(description.example));
            continue; // its usage names its options
        }
        for (const Options::Line& argument : description.arguments)
            text += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(argument.left), roff(argument.right));
        for (const Option& option : description.options)
            if (!option.global) text += roff_option(option);
        if (!description.notes.empty()) text += fmt::format(".PP\n.nf\n{}\n.fi\n", roff(description.notes));
        text += fmt::format(".PP\nExample:\n.nf\n  {}\n.fi\n", roff(description.example));
    }
    text += ".SH OPTIONS OF EVERY VERB\n";
    for (const Option& option : verbs.front().options)
        if (option.global) text += roff_option(option);
    text += ".SH EXIT STATUS\n"
            ".TP\n0\ndone\n.TP\n1\nthe program reverted, trapped or is not valid; a check found "
            "something\n.TP\n2\nwrong command line, or an "
            "input file that cannot be read\n.TP\n70\ninternal error, or the output was lost\n.TP\n78\nthe manifest, a "
            "plugin or a state file "
            "was refused\n.PP\nEvery refusal names a code: \\fBrvm explain\\fR CODE.\n"
            ".SH ENVIRONMENT\n.TP\n\\fBRVM_CONFIG\\fR\nthe manifest, where \\fB\\-\\-config\\fR names "
            "none\n.TP\n\\fBNO_COLOR\\fR\nno colour\n"
            ".SH FILES\n.TP\n\\fIshare/rvm/configs/dev.json\\fR\nthe manifest of a prefix that is used when nothing "
            "names another\n";
    return text;
}

std::string completions(Session& session, const std::string& shell) {
    if (shell != "bash" && shell != "zsh" && shell != "fish")
        throw UsageError(fmt::format("--completion: unknown shell \"{}\"", shell), "bash, zsh or fish");
    const auto verbs = descriptions(session);
    return shell == "bash" ? bash(verbs) : shell == "zsh" ? zsh(verbs) : fish(verbs);
}

} // namespace rvm::host
