// rvm repl: native assembly, an entry at a time.
#include <cstdlib>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "repl/capture.hpp"
#include "repl/commands.hpp"
#include "repl/line_reader.hpp"

namespace rvm::host {

namespace {

std::string default_history() {
    if (const char* folder = ::secure_getenv("XDG_STATE_HOME"); folder != nullptr && folder[0] == '/')
        return std::string{folder} + "/rvm/history";
    if (const char* home = ::secure_getenv("HOME"); home != nullptr && home[0] == '/')
        return std::string{home} + "/.local/state/rvm/history";
    return {};
}

/// Runs an entry or a command; what goes wrong is shown and ends only that.
repl::Answer answer(Session& session, repl::Evaluator& evaluator, const std::string& text) {
    Report report;
    try {
        const std::size_t first = text.find_first_not_of(" \t\r\n");
        if (first == std::string::npos) return repl::Answer::done;
        if (text[first] == ':')
            return repl::run_command(
                session, evaluator, std::string_view{text}.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first));
        return evaluator.run(repl::without_joints(text)) ? repl::Answer::done : repl::Answer::failed;
    } catch (const UsageError& error) {
        report.error(ErrorCode::usage, {}, {}, error.what()).hint = error.hint();
    } catch (const Failure& failed) {
        report.merge(failed.report());
    }
    session.show(report);
    return repl::Answer::failed;
}

} // namespace

int run_repl(Session& session, Options& options) {
    std::string state, history = default_history();
    bool no_history = false;
    MessageOptions message;
    options.text("--state", "FILE", state, "JSON world to start from, updated by every entry that succeeds");
    options.text("--history", "FILE", history, "where lines are kept; default $XDG_STATE_HOME/rvm/history");
    options.flag("--no-history", no_history, "keep no lines");
    message.declare(options, true);
    options.parse();
    if (session.globals.json)
        throw UsageError("--json: a session is for people",
                         "`rvm run - --json` takes a program from its standard input");
    if (!message.trace.empty()) throw UsageError("--trace: `:trace on` shows every instruction");
    message.resolve(session);
    session.builtins.push_back(repl::repl_plugin());

    repl::Evaluator evaluator(session, message, state);
    repl::LineReader reader(session.io, no_history ? std::string{} : history,
                            [&](std::string_view before, std::string_view word) {
                                return repl::completions(session, evaluator, before, word);
                            });
    session.confine(state);
    if (reader.interactive() && !session.globals.quiet)
        session.io.out(fmt::format("rvm {}: native assembly; :help explains, Ctrl-D ends\n", RVM_PRODUCT_VERSION));

    bool failed = false;
    std::string entry;
    for (;;) {
        repl::LineReader::End why{};
        const auto line = reader.next(entry.empty() ? "rvm> " : "...> ", why);
        if (!line && why == repl::LineReader::End::interrupt) {
            session.io.out("\n");
            entry.clear();
            continue;
        }
        if (line) {
            if (entry.size() + line->size() > max_input_bytes) throw reader.too_long("the entry that goes on here");
            entry += *line + "\n";
        }
        const bool command =
            entry.find_first_not_of(" \t") != std::string::npos && entry[entry.find_first_not_of(" \t")] == ':';
        if (line && !command && repl::needs_more(entry)) continue;
        if (entry.find_first_not_of(" \t\r\n") != std::string::npos) reader.remember(entry.substr(0, entry.size() - 1));
        const repl::Answer said = answer(session, evaluator, std::exchange(entry, {}));
        failed = failed || said == repl::Answer::failed;
        if (!line || said == repl::Answer::quit) break;
    }
    if (reader.interactive()) session.io.out("\n");
    return failed && !reader.interactive() ? RVM_EXIT_TRAPPED : RVM_EXIT_OK;
}

} // namespace rvm::host
