// rvm state export | import: the whole state as an alloc of JSON or as a compact stream.
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "manifest/manifest.hpp"
#include "program/deployment_store.hpp"
#include "program/state_file.hpp"
#include "state/store_transfer.hpp"
#include "verbs/state_verbs.hpp"

namespace rvm::host {

namespace {

bool begins_as_stream(Session& session, const std::string& file) {
    InputFile input(session.io, file);
    std::uint8_t head[state::stream_magic.size()];
    std::size_t have = 0;
    while (have < sizeof head) {
        const std::size_t count = input.read(head + have, sizeof head - have);
        if (count == 0) return false;
        have += count;
    }
    return std::memcmp(head, state::stream_magic.data(), sizeof head) == 0;
}

[[noreturn]] void refuse_not_empty(Session& session) {
    throw failure(ErrorCode::state_not_empty, session.runtime().manifest().file, "/storage",
                  "the store holds a state already", "name an empty folder in \"storage\"");
}

state::ImportResult import_stream(Session& session, DeploymentStore& store, const std::string& file) {
    InputFile input(session.io, file);
    state::StreamReader stream([&](std::uint8_t* out, std::size_t size) { return input.read(out, size); });
    rvm_error error{sizeof(rvm_error), 0, ""};
    const auto progress = [&](std::uint64_t bytes) { session.progress("bytes read", bytes, 0); };
    const state::ImportResult result =
        state::import_store(store.engine(), store.store(), stream, store.code_hash(), progress, &error);
    const std::string name = file == "-" ? "standard input" : file;
    switch (result.fault) {
    case state::ImportFault::none:
        return result;
    case state::ImportFault::not_empty:
        refuse_not_empty(session);
    case state::ImportFault::store:
        throw failure(result.status == RVM_E_RETRY ? ErrorCode::store_changed : ErrorCode::store_commit_failed,
                      session.runtime().manifest().file, "/storage",
                      error.message[0] != '\0' ? error.message : std::string(status_name(result.status)));
    case state::ImportFault::malformed:
    case state::ImportFault::wrong_code:
        break;
    }
    Report report;
    const bool wrong_code = result.fault == state::ImportFault::wrong_code;
    Finding& finding =
        report.error(ErrorCode::state_stream_malformed, name,
                     fmt::format("byte {}", wrong_code ? stream.offset() : stream.fault().offset),
                     wrong_code ? "a code has another hash than the stream says" : "the stream is not valid");
    if (!wrong_code) {
        finding.expected = stream.fault().expected;
        finding.found = stream.fault().found;
    }
    throw Failure(std::move(report));
}

} // namespace

int export_state(Session& session, const std::string& output, bool stream) {
    DeploymentStore store(session);
    state::StoreReader& reader = store.reader();
    const auto said = [&] { // standard output holds the state itself otherwise
        if (session.globals.json) session.print_json({{"file", output}, {"stream", stream}});
        return RVM_EXIT_OK;
    };
    if (!stream) {
        store.close();
        World world(session.runtime(), World::deployment);
        if (output == "-") {
            session.io.out(alloc_text(world));
            return RVM_EXIT_OK;
        }
        save_state(output, world);
        return said();
    }
    const auto produce = [&](const FileSink& sink) {
        state::StreamWriter writer([&](rvm_view bytes) {
            sink({reinterpret_cast<const char*>(bytes.data), static_cast<std::size_t>(bytes.size)});
        });
        store.check(state::export_store(reader, writer), "the store cannot be exported; `rvm state verify` says more");
    };
    if (output == "-") {
        produce([&](std::string_view bytes) { session.io.out(bytes); });
        return RVM_EXIT_OK;
    }
    write_atomically(output, produce, ErrorCode::output_unwritable);
    return said();
}

int import_state(Session& session, const std::string& file, bool stream) {
    // Looked at first: no store is made for a file that is not there.
    const bool as_stream = (file != "-" && begins_as_stream(session, file)) || stream;
    DeploymentStore store(session);
    nlohmann::ordered_json json{{"file", file == "-" ? "standard input" : file}};
    if (as_stream) {
        const state::ImportResult result = import_stream(session, store, file);
        json["accounts"] = result.accounts;
        json["slots"] = result.slots;
        json["codes"] = result.codes;
        json["pairs"] = result.pairs;
        if (result.unchecked_codes != 0) json["unchecked_codes"] = result.unchecked_codes;
    } else {
        rvm_error error{sizeof(rvm_error), 0, ""};
        store.check(state::discard_unfinished(store.engine(), store.store(), &error), "the store cannot be emptied",
                    &error);
        if (!store.reader().fresh()) refuse_not_empty(session);
        store.close();
        World world(session.runtime(), World::deployment);
        load_state(session.io, file, true, StateForm::alloc_or_genesis, session.runtime(), world);
        world.commit();
        std::uint64_t accounts = 0;
        const rvm_account_fn count = [](void* ctx, const rvm_address*, const rvm_account_state*, rvm_view,
                                        const char*) -> rvm_status {
            ++*static_cast<std::uint64_t*>(ctx);
            return RVM_OK;
        };
        static_cast<void>(world.table().each_account(world.get(), count, &accounts));
        json["accounts"] = accounts;
    }
    if (session.globals.json) {
        session.print_json(json);
        return RVM_EXIT_OK;
    }
    for (const auto& [name, value] : json.items())
        session.line(name, value.is_string() ? value.get<std::string>() : value.dump());
    return RVM_EXIT_OK;
}

} // namespace rvm::host
