// rvm state verify | compact: whether everything is as it was written, and less of it.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "manifest/manifest.hpp"
#include "program/deployment_store.hpp"
#include "program/engine_verb.hpp"
#include "state/store_transfer.hpp"
#include "verbs/state_verbs.hpp"

namespace rvm::host {

namespace {

void show_counts(Session& session, const nlohmann::ordered_json& json) {
    if (session.globals.json) {
        session.print_json(json);
        return;
    }
    for (const auto& [name, value] : json.items())
        if (!value.is_array() && !value.is_object())
            session.line(name, value.is_string() ? value.get<std::string>() : value.dump());
}

} // namespace

int verify_state(Session& session) {
    DeploymentStore store(session);
    const std::string& file = session.runtime().manifest().file;
    Report report;
    // The engine's own pages first: reading damaged ones through the engine may end badly.
    if (const auto answer = ask_engine(session, "check"); answer && answer->status != RVM_EXIT_OK) {
        report.error(ErrorCode::state_damaged, file, "/storage", answer->why());
        throw Failure(std::move(report));
    }
    state::StoreVerdict verdict;
    store.check(state::verify_store(store.reader(), store.code_hash(), &verdict),
                "the store cannot be read to its end");
    for (const state::StoreDamage& damage : verdict.damages) {
        Finding& finding = report.error(ErrorCode::state_damaged, file, damage.where, damage.message);
        finding.expected = damage.expected;
        finding.found = damage.found;
    }
    if (!report.ok()) throw Failure(std::move(report));
    show_counts(session, {{"accounts", verdict.accounts},
                          {"slots", verdict.slots},
                          {"codes", verdict.codes},
                          {"changes", verdict.change_sets},
                          {"unreachable", verdict.unreachable_slots}, // slots
                          {"unused", verdict.unused_codes},           // codes
                          {"unchecked", verdict.unchecked_codes},     // codes of formats that are not here
                          {"result", "sound"}});
    return RVM_EXIT_OK;
}

int compact_state(Session& session) {
    DeploymentStore store(session);
    static_cast<void>(store.reader()); // refuses an unfinished import
    store.close();
    state::SweepResult swept;
    rvm_error error{sizeof(rvm_error), 0, ""};
    store.check(state::sweep_store(store.engine(), store.store(), &swept, &error), "the store cannot be swept", &error);
    nlohmann::ordered_json json{{"removed_slots", swept.slots}, {"removed_codes", swept.codes}};
    if (const auto answer = ask_engine(session, "compact")) json.update(engine_json(session, "compact", *answer));
    show_counts(session, json);
    return RVM_EXIT_OK;
}

} // namespace rvm::host
