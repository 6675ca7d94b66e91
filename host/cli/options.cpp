#include "cli/options.hpp"

#include <algorithm>
#include <charconv>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/bytes.hpp"

namespace rvm::host {

struct Options::Impl {
    const Verb& verb;
    std::vector<std::string> given;
    CLI::App app;
    std::vector<Line> arguments;
    std::vector<Line> options;
    std::vector<std::string> long_names;
    std::vector<std::string>* rest = nullptr;
    bool in_globals = false;
    const std::string* action = nullptr; ///< the word given, once parsed
    std::span<const std::string_view> actions;
    std::vector<std::string_view> scope; ///< of only_for()
    struct Scoped {
        const CLI::Option* option;
        std::string name; ///< "--output"
        std::vector<std::string_view> actions;
    };
    std::vector<Scoped> scoped;

    Impl(const Verb& v, std::vector<std::string> g) : verb(v), given(std::move(g)) {}

    CLI::Option* declared(CLI::Option* option, const std::string& names, const std::string& value,
                          const std::string& help) {
        option->multi_option_policy(CLI::MultiOptionPolicy::Throw);
        std::string left;
        for (const std::string& name : split(names, ",")) {
            if (name.starts_with("--")) long_names.push_back(name);
            left += (left.empty() ? "" : ", ") + name;
        }
        if (!left.starts_with("-") || left.starts_with("--"))
            left = "    " + left; // short names have a column of theirs
        if (!value.empty()) left += value.front() == '[' ? value : " " + value;
        std::string whose;
        if (!scope.empty()) {
            scoped.push_back({option, names.substr(names.rfind(',') + 1), scope});
            whose = joined(scope, ", ") + ": ";
        }
        options.push_back({std::move(left), whose + help, in_globals});
        return option;
    }

    static std::string joined(std::span<const std::string_view> words, std::string_view last) {
        std::string text;
        for (std::size_t i = 0; i < words.size(); ++i)
            text.append(i == 0 ? "" : i + 1 == words.size() ? last : ", ").append(words[i]);
        return text;
    }
    void judge_action() const;
    /// "FILE" of the option of this name; empty: unknown.
    [[nodiscard]] std::string value_of(const std::string& name) const {
        for (const Line& line : options) {
            const auto words = split(line.left, " ");
            const bool named =
                std::ranges::any_of(words, [&](const std::string& word) { return word == name || word == name + ","; });
            if (named) return words.back();
        }
        return {};
    }
    void split_rest();
    [[nodiscard]] std::string nearest_option(std::string_view word) const {
        const std::size_t equals = word.find('=');
        std::vector<std::string_view> names(long_names.begin(), long_names.end());
        return nearest(word.substr(0, equals), names);
    }
};

Options::Options(const Verb& verb, std::vector<std::string> arguments, GlobalOptions& globals)
    : impl_(std::make_unique<Impl>(verb, std::move(arguments))) {
    impl_->app.set_help_flag(); // shown by help() below, in our own layout
    impl_->in_globals = true;
    text("--config", "FILE", globals.config,
         "deployment manifest; default $RVM_CONFIG, else share/rvm/configs/dev.json");
    texts("--plugin", "FILE", globals.plugins, "one more plugin (profile development only); repeatable");
    flag("--json", globals.json, "print one JSON document instead of text");
    flag("--no-color", globals.no_color, "never colour; NO_COLOR does the same");
    flag("-q,--quiet", globals.quiet, "no warnings");
    flag("-v,--verbose", globals.verbose, "say more");
    impl_->in_globals = false;
}

Options::~Options() = default;

void Options::flag(const std::string& names, bool& variable, const std::string& help) {
    impl_->declared(impl_->app.add_flag(names, variable), names, "", help)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast); // `-q -q` is harmless
}

void Options::text(const std::string& names, const std::string& value, std::string& variable, const std::string& help) {
    impl_->declared(impl_->app.add_option(names, variable), names, value, help);
}

void Options::optional_text(const std::string& names, const std::string& value, const std::string& absent,
                            std::string& variable, const std::string& help) {
    // A flag that carries a value: it is taken only after '=', so that a file name after `--trace` stays an argument.
    auto* option = impl_->app.add_flag(names + "{" + absent + "}", variable);
    impl_->declared(option, names, "[=" + value + "]", help);
}

void Options::texts(const std::string& names, const std::string& value, std::vector<std::string>& variable,
                    const std::string& help) {
    impl_->declared(impl_->app.add_option(names, variable), names, value, help)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
}

void Options::number(const std::string& names, const std::string& value, std::uint64_t& variable,
                     const std::string& help, std::uint64_t lowest, std::uint64_t highest) {
    auto take = [&variable, names, lowest, highest](const std::string& text) {
        const auto parsed = parse_number(text);
        if (!parsed || *parsed < lowest || *parsed > highest)
            throw CLI::ValidationError(fmt::format("{}: expected a number from {} to {}, found \"{}\"",
                                                   names.substr(names.rfind(',') + 1), lowest, highest, text));
        variable = *parsed;
    };
    impl_->declared(impl_->app.add_option_function<std::string>(names, take), names, value, help);
}

void Options::argument(const std::string& name, std::string& variable, const std::string& help, bool required) {
    impl_->app.add_option(name, variable)->required(required);
    impl_->arguments.push_back({name, help});
}

void Options::action(std::string& variable, std::span<const std::string_view> actions) {
    argument("ACTION", variable, Impl::joined(actions, " or "));
    impl_->action = &variable;
    impl_->actions = actions;
}

void Options::only_for(std::vector<std::string_view> actions) { impl_->scope = std::move(actions); }

/// Refuses an unknown action, and an option of another one.
void Options::Impl::judge_action() const {
    if (action == nullptr) return;
    if (std::ranges::find(actions, *action) == actions.end()) {
        const std::string near = nearest(*action, actions);
        throw UsageError(fmt::format("unknown action \"{}\"", *action),
                         near.empty() ? joined(actions, " or ")
                                      : fmt::format("did you mean `rvm {} {}`?", verb.name, near));
    }
    for (const Scoped& one : scoped)
        if (one.option->count() != 0 && std::ranges::find(one.actions, *action) == one.actions.end())
            throw UsageError(
                fmt::format("`rvm {} {}` does not take {}", verb.name, *action, one.name),
                fmt::format("{} is an option of `rvm {} {}`", one.name, verb.name, joined(one.actions, " and ")));
}

void Options::arguments(const std::string& name, std::vector<std::string>& variable, const std::string& help) {
    impl_->app.add_option(name, variable);
    impl_->arguments.push_back({name, help});
}

void Options::rest(const std::string& name, std::vector<std::string>& variable, const std::string& help) {
    impl_->rest = &variable;
    impl_->arguments.push_back({name, help});
}

/// Moves the words of Options::rest() away.
void Options::Impl::split_rest() {
    if (rest == nullptr) return;
    std::size_t at = 0;
    while (at < given.size() && given[at].size() > 1 && given[at].front() == '-') {
        const CLI::Option* option = app.get_option_no_throw(given[at]);
        const bool with_value = option != nullptr && option->get_items_expected_min() > 0;
        at += with_value && given[at].find('=') == std::string::npos ? 2 : 1;
    }
    at = std::min(at, given.size());
    rest->assign(given.begin() + static_cast<std::ptrdiff_t>(at), given.end());
    given.resize(at);
}

void Options::parse() {
    impl_->split_rest();
    for (const std::string& word : impl_->given) {
        if (word == "--") break;
        if (word == "--help" || word == "-h") throw HelpWanted{&impl_->verb, help(), impl_->options, impl_->arguments};
    }
    std::vector<std::string> reversed(impl_->given.rbegin(), impl_->given.rend()); // as CLI11 wants them
    const std::string see = fmt::format("`rvm {} --help` shows the options and an example", impl_->verb.name);
    try {
        impl_->app.parse(std::move(reversed));
    } catch (const CLI::ExtrasError&) {
        const std::vector<std::string> extras = impl_->app.remaining();
        const std::string word = extras.empty() ? std::string{} : extras.front();
        if (!word.starts_with('-')) throw UsageError(fmt::format("unexpected argument \"{}\"", word), see);
        const std::string near = impl_->nearest_option(word);
        throw UsageError(fmt::format("unknown option {}", word),
                         near.empty() ? see : fmt::format("did you mean {}?", near));
    } catch (
        const CLI::ArgumentMismatch& error) { // "--gas: 1 required TEXT missing", or something that was given twice
        const std::string text = error.what();
        const std::string name = text.substr(0, text.find(':'));
        const std::string value = impl_->value_of(name);
        if (value.empty() || !text.ends_with(" missing")) throw UsageError(text, see);
        throw UsageError(fmt::format("{}: {} is missing", name, value), see);
    } catch (const CLI::ParseError& error) {
        throw UsageError(error.what(), see);
    }
    impl_->judge_action();
}

std::string Options::help() const {
    const Impl& d = *impl_;
    std::size_t width = 0;
    for (const auto* lines : {&d.arguments, &d.options})
        for (const Line& line : *lines)
            width = std::max(width, line.left.size());
    std::string text = fmt::format("rvm {}: {}\n\nUsage:\n  rvm {}\n", d.verb.name, d.verb.summary, d.verb.usage);
    const auto block = [&](std::string_view title, const std::vector<Line>& lines, bool global) {
        bool first = true;
        for (const Line& line : lines) {
            if (line.global != global) continue;
            if (first) text += fmt::format("\n{}:\n", title);
            first = false;
            text += fmt::format("  {:<{}}  {}\n", line.left, width, line.right);
        }
    };
    block("Arguments", d.arguments, false);
    block("Options", d.options, false);
    block("Options of every verb", d.options, true);
    if (!d.verb.notes.empty()) text += fmt::format("\n{}\n", d.verb.notes);
    text += fmt::format("\nExample:\n  {}\n", d.verb.example);
    return text;
}

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.emplace_back(text.substr(begin, end - begin));
        begin = end + separator.size();
    }
    return parts;
}

} // namespace rvm::host
