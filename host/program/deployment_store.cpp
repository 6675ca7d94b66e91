#include "program/deployment_store.hpp"

#include <fmt/format.h>

#include "manifest/manifest.hpp"
#include "runtime/code.hpp"
#include "runtime/runtime_impl.hpp"
#include "state/store_transfer.hpp"

namespace rvm::host {

namespace {

Runtime::Impl& lasting(Session& session) {
    Runtime& runtime = session.runtime();
    if (!runtime.manifest().storage.lasts())
        throw failure(
            ErrorCode::state_not_kept, runtime.manifest().file, "/storage/engine",
            fmt::format("the engine \"{}\" forgets its world when the process ends", runtime.manifest().storage.engine),
            "\"storage\": { \"engine\": \"lmdb\", \"config\": { \"path\": \"world\" } }");
    return session.runtime_with_store().impl();
}

} // namespace

DeploymentStore::DeploymentStore(Session& session)
    : session_(session), engine_(*lasting(session).storage), store_(*lasting(session).store) {}

void DeploymentStore::check(rvm_status status, const char* what, const rvm_error* error) const {
    if (status == RVM_OK) return;
    const std::string why =
        error != nullptr && error->message[0] != '\0' ? error->message : std::string(status_name(status));
    const ErrorCode code = status == RVM_E_RETRY    ? ErrorCode::store_changed
                           : status == RVM_E_CONFIG ? ErrorCode::store_commit_failed
                                                    : ErrorCode::state_damaged;
    throw failure(code, session_.runtime().manifest().file, "/storage", fmt::format("{}: {}", what, why));
}

state::StoreReader& DeploymentStore::reader() {
    bool unfinished = false;
    check(state::import_unfinished(engine_, store_, &unfinished), "the store cannot be read");
    if (unfinished)
        throw failure(ErrorCode::state_import_unfinished, session_.runtime().manifest().file, "/storage",
                      "an import into the store was interrupted", "run `rvm state import` again");
    rvm_error error{sizeof(rvm_error), 0, ""};
    check(reader_.open(engine_, store_, &error), "the store cannot be read", &error);
    return reader_;
}

state::CodeHash DeploymentStore::code_hash() {
    return [this](std::string_view id, rvm_view code, rvm_bytes32* out) {
        Report report;
        const rvm_format* format = session_.runtime().format(id, report);
        if (format == nullptr) return false;
        *out = runtime::code_hash(*format, code);
        return true;
    };
}

} // namespace rvm::host
