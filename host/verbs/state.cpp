// rvm state: the world in the deployment's storage.
#include "verbs/state_verbs.hpp"

#include <array>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "cli/values.hpp"
#include "cli/verb.hpp"

namespace rvm::host {

int run_state(Session& session, Options& options) {
    std::string action, first, second, output, height_text;
    bool stream = false;
    options.argument("ACTION", action, "show, get, export, import, diff, verify or compact");
    options.argument("FIRST", first, "get: ADDRESS; import: FILE, -: stdin; diff: FROM, a height", false);
    options.argument("SECOND", second, "get: KEY of a slot; diff: TO, a height", false);
    options.text("--height", "N", height_text, "get: as it was after commit N");
    options.flag("--stream", stream, "export, import from stdin: the compact form");
    options.text("-o,--output", "FILE", output, "export: the file; default -, standard output");
    options.parse();

    enum : unsigned { none = 0, height_option = 1, stream_option = 2, output_option = 4 };
    struct Action {
        std::string_view name;
        int least, most;  // words after it
        unsigned options; // that it takes
    };
    constexpr std::array actions{Action{"show", 0, 0, none},
                                 Action{"get", 1, 2, height_option},
                                 Action{"export", 0, 0, stream_option | output_option},
                                 Action{"import", 1, 1, stream_option},
                                 Action{"diff", 1, 2, none},
                                 Action{"verify", 0, 0, none},
                                 Action{"compact", 0, 0, none}};
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
    struct Given {
        std::string_view name;
        unsigned option;
        bool given;
    };
    for (const Given& each :
         {Given{"--height", height_option, !height_text.empty()}, Given{"--stream", stream_option, stream},
          Given{"--output", output_option, !output.empty()}}) {
        if (!each.given || (chosen->options & each.option) != 0) continue;
        std::string takers;
        for (const Action& other : actions)
            if ((other.options & each.option) != 0)
                takers += fmt::format("{}`rvm state {}`", takers.empty() ? "" : " and ", other.name);
        throw UsageError(fmt::format("`rvm state {}` does not take {}", action, each.name),
                         fmt::format("{} is an option of {}", each.name, takers));
    }
    std::optional<std::uint64_t> height;
    if (!height_text.empty()) {
        height = parse_number(height_text);
        if (!height) throw UsageError(fmt::format("--height: expected a number, found \"{}\"", height_text));
    }
    // Words are judged before the deployment is opened.
    rvm_address address{};
    std::optional<rvm_u256> key;
    if (action == "get") {
        const auto parsed = parse_address(first);
        if (!parsed) throw UsageError(fmt::format("ADDRESS: expected 0x and 40 hex digits, found \"{}\"", first));
        address = *parsed;
        if (!second.empty() && !(key = parse_u256(second)))
            throw UsageError(fmt::format("KEY: expected a number of at most 256 bits, found \"{}\"", second));
    }
    std::optional<std::uint64_t> from, to;
    if (action == "diff") {
        from = parse_number(first);
        to = parse_number(second);
        if (!from || (!to && !second.empty()))
            throw UsageError("FROM and TO are heights", "`rvm state show` names those that are kept");
        if (to && *from > *to) throw UsageError(fmt::format("FROM {} is after TO {}", *from, *to));
    }
    if (action != "import") session.store = RuntimeOptions::Store::must_exist;
    session.confine_but_for_files(Session::Programs::none);
    if (action == "show") return show_state(session);
    if (action == "get") return get_state(session, address, key, height);
    if (action == "export") return export_state(session, output.empty() ? "-" : output, stream);
    if (action == "import") return import_state(session, first, stream);
    if (action == "diff") return diff_state(session, *from, to);
    if (action == "verify") return verify_state(session);
    return compact_state(session);
}

} // namespace rvm::host
