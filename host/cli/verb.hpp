// A verb of the rvm program, and the one table of them.
#pragma once

#include <span>
#include <string_view>

namespace rvm::host {

class Session;
class Options;

/// One line of the verb table. All texts are static.
struct Verb {
    std::string_view name;
    std::string_view summary; ///< one line, lower case, no full stop
    std::string_view usage;   ///< without the leading "rvm "
    std::string_view example; ///< a command line that works in an installed prefix
    std::string_view notes;   ///< paragraphs below the options; may be empty
    /// Parses the arguments with `options` and does the work. Returns the exit status; throws Failure and UsageError.
    int (*run)(Session& session, Options& options);
};

/// Every built-in verb in the order `rvm help` shows them.
[[nodiscard]] std::span<const Verb> verb_table() noexcept;
/// The verb with this name; nullptr when it is not a built-in one.
[[nodiscard]] const Verb* find_verb(std::string_view name) noexcept;

int run_asm(Session&, Options&);
int run_bench(Session&, Options&);
int run_call(Session&, Options&);
int run_check(Session&, Options&);
int run_config(Session&, Options&);
int run_demo(Session&, Options&);
int run_deploy(Session&, Options&);
int run_disasm(Session&, Options&);
int run_explain(Session&, Options&);
int run_fingerprint(Session&, Options&);
int run_help(Session&, Options&);
int run_plugin(Session&, Options&);
int run_profile(Session&, Options&);
int run_record(Session&, Options&);
int run_replay(Session&, Options&);
int run_repl(Session&, Options&);
int run_run(Session&, Options&);
int run_state(Session&, Options&);
int run_test(Session&, Options&);
int run_trace(Session&, Options&);
int run_version(Session&, Options&);

} // namespace rvm::host
