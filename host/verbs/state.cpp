// rvm state: the world in the deployment's storage.
#include "verbs/state_verbs.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "cli/verb.hpp"

namespace rvm::host {

int run_state(Session& session, Options& options) {
    std::string action, first, second, output, height_text;
    bool stream = false;
    struct Action {
        std::string_view name;
        int least, most; // words after it
    };
    static constexpr std::array actions{Action{"show", 0, 0},   Action{"get", 1, 2},  Action{"export", 0, 0},
                                        Action{"import", 1, 1}, Action{"diff", 1, 2}, Action{"verify", 0, 0},
                                        Action{"compact", 0, 0}};
    static constexpr auto names = [] {
        std::array<std::string_view, actions.size()> list{};
        std::ranges::transform(actions, list.begin(), &Action::name);
        return list;
    }();
    options.action(action, names);
    options.argument("FIRST", first, "get: ADDRESS; import: FILE, -: stdin; diff: FROM, a height", false);
    options.argument("SECOND", second, "get: KEY of a slot; diff: TO, a height", false);
    options.only_for({"get"});
    options.text("--height", "N", height_text, "as it was after commit N");
    options.only_for({"export", "import"});
    options.flag("--stream", stream, "the compact form; import sees it by itself but on standard input");
    options.only_for({"export"});
    options.text("-o,--output", "FILE", output, "the file; default -, standard output");
    options.parse();

    const Action& chosen = *std::ranges::find(actions, std::string_view{action}, &Action::name);
    const int words = first.empty() ? 0 : second.empty() ? 1 : 2;
    if (words < chosen.least || words > chosen.most)
        throw UsageError(fmt::format("`rvm state {}` takes {} word{}, found {}", action,
                                     chosen.least == chosen.most ? fmt::format("{}", chosen.most)
                                                                 : fmt::format("{} or {}", chosen.least, chosen.most),
                                     chosen.most == 1 ? "" : "s", words));
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
