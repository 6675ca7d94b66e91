// rvm state: the world in the deployment's storage.
#include "verbs/state_verbs.hpp"

#include <array>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "cli/verb.hpp"

namespace rvm::host {

int run_state(Session& session, Options& options) {
    std::string action, first, second, output = "-", height_text;
    bool stream = false;
    options.argument("ACTION", action, "show, get, export, import, diff, verify or compact");
    options.argument("FIRST", first, "get: ADDRESS; import: FILE, -: stdin; diff: FROM, a height", false);
    options.argument("SECOND", second, "get: KEY of a slot; diff: TO, a height", false);
    options.text("--height", "N", height_text, "get: as it was after commit N");
    options.flag("--stream", stream, "export, import from stdin: the compact form");
    options.text("-o,--output", "FILE", output, "export: default -, standard output");
    options.parse();

    struct Action {
        std::string_view name;
        int least, most; // words after it
    };
    constexpr std::array actions{Action{"show", 0, 0},   Action{"get", 1, 2},  Action{"export", 0, 0},
                                 Action{"import", 1, 1}, Action{"diff", 1, 2}, Action{"verify", 0, 0},
                                 Action{"compact", 0, 0}};
    std::array<std::string_view, actions.size()> names{};
    const Action* chosen = nullptr;
    for (std::size_t i = 0; i < actions.size(); ++i) {
        names[i] = actions[i].name;
        if (actions[i].name == action) chosen = &actions[i];
    }
    if (chosen == nullptr) {
        const std::string near = nearest(action, names);
        throw UsageError(fmt::format("unknown action \"{}\"", action),
                         near.empty() ? "`rvm help state` lists them"
                                      : fmt::format("did you mean `rvm state {}`?", near));
    }
    const int words = first.empty() ? 0 : second.empty() ? 1 : 2;
    if (words < chosen->least || words > chosen->most)
        throw UsageError(fmt::format("`rvm state {}` takes {} word{}, found {}", action,
                                     chosen->least == chosen->most
                                         ? fmt::format("{}", chosen->most)
                                         : fmt::format("{} or {}", chosen->least, chosen->most),
                                     chosen->most == 1 ? "" : "s", words));
    std::optional<std::uint64_t> height;
    if (!height_text.empty()) {
        height = parse_number(height_text);
        if (!height) throw UsageError(fmt::format("--height: expected a number, found \"{}\"", height_text));
    }
    session.confine_but_for_files(Session::Programs::none);
    if (action == "show") return show_state(session);
    if (action == "get") return get_state(session, first, second, height);
    if (action == "export") return export_state(session, output, stream);
    if (action == "import") return import_state(session, first, stream);
    if (action == "diff") return diff_state(session, first, second);
    if (action == "verify") return verify_state(session);
    return compact_state(session);
}

} // namespace rvm::host
