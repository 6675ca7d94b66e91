// What a storage engine does beyond rvm.storage/1: the verb that carries its name.
//
// A plugin with the engine X may bring the verb `rvm X` with the actions `info` (one JSON object with --json), `check`
// (the engine's own files; 0 sound, 78 not) and `compact` (gives back unused space). `rvm state` asks it.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/session.hpp"

namespace rvm::host {

struct EngineAnswer {
    int status = 0;
    std::string out, err;

    /// What went wrong, without the code that the plugin has for it: whoever asked reports it under one of its own.
    [[nodiscard]] std::string why() const;
};

/// Runs `action` of the verb named as the manifest's storage engine, as with --json; nullopt when there is no such
/// verb.
[[nodiscard]] std::optional<EngineAnswer> ask_engine(Session& session, const char* action);
/// The answer as a JSON object; throws Failure when the action failed or answered something else.
[[nodiscard]] nlohmann::ordered_json engine_json(Session& session, const char* action, const EngineAnswer& answer);

} // namespace rvm::host
