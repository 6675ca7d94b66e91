#include "command.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <rvm/plugin.hpp>

#include "page_check.hpp"
#include "verb/error.hpp"

namespace rvm::lmdb {

namespace {

using Json = nlohmann::ordered_json;

void write(const rvm_command_io& io, std::uint32_t stream, const std::string& text) {
    if (io.write(io.ctx, stream, sdk::view(text)) != RVM_OK) throw sdk::Failure(RVM_E_IO, "the output was lost");
}

std::string keyspace_label(std::uint32_t number) {
    static constexpr std::array<std::string_view, 5> of_the_host{"accounts", "slots", "code", "meta", "changes"};
    return number < of_the_host.size() ? std::string(of_the_host[number]) : std::to_string(number);
}

Json facts_json(Store& store) {
    const Facts facts = store.facts();
    Json json{{"engine", "lmdb"},
              {"path", store.settings().path},
              {"layout", layout_version},
              {"sync", sync_name(store.settings().sync)},
              {"sync_means", sync_promise(store.settings().sync)},
              {"read_only", store.settings().read_only},
              {"map_bytes", facts.map_bytes},
              {"file_bytes", facts.file_bytes},
              {"page_bytes", facts.page_bytes},
              {"used_pages", facts.used_pages},
              {"free_pages", facts.free_pages},
              {"transaction", facts.commits},
              {"reader_slots", facts.readers}};
    Json entries = Json::object();
    for (std::uint32_t i = 0; i < RVM_KEYSPACE_LIMIT; ++i)
        if (facts.entries[i] != 0) entries[keyspace_label(i)] = facts.entries[i];
    json["entries"] = std::move(entries);
    return json;
}

std::string lines_of(const Json& json) {
    constexpr std::size_t column = 14; // the longest name and two spaces
    std::string text;
    const auto line = [&](const std::string& name, const Json& value) {
        text += name + std::string(column > name.size() ? column - name.size() : 1, ' ') +
                (value.is_string() ? value.get<std::string>() : value.dump()) + "\n";
    };
    for (const auto& [name, value] : json.items()) {
        if (!value.is_object()) {
            line(name, value);
            continue;
        }
        for (const auto& [keyspace, count] : value.items())
            line(keyspace, count);
    }
    return text;
}

} // namespace

std::int32_t run_command(Engine& engine, const rvm_command_io& io, std::int32_t argc, const char* const* argv) {
    const std::string_view action = argc == 2 ? argv[1] : "";
    if (action != "info" && action != "compact" && action != "check")
        throw verb::Error(verb::Fault::command_line, "expected info, compact or check; `rvm lmdb --help` explains");
    Store* const store = engine.store();
    if (store == nullptr)
        throw verb::Error(verb::Fault::unprovided, "the manifest's storage engine is another one: no store of LMDB is open");
    const bool as_json = (io.flags & RVM_IO_JSON) != 0;
    if (action == "info") {
        const Json json = facts_json(*store);
        write(io, RVM_IO_OUT, as_json ? json.dump(2) + "\n" : lines_of(json));
        return RVM_EXIT_OK;
    }
    if (action == "check") {
        const View view(*store); // keeps the pages of this commit
        const PageCounts counts =
            check_pages(store->settings().path + "/data.mdb", PageDepth::all, view.commit_number());
        const Json json{{"used_pages", counts.used}, {"free_pages", counts.free}, {"transaction", counts.commit}};
        write(io, RVM_IO_OUT, as_json ? json.dump(2) + "\n" : lines_of(json));
        return RVM_EXIT_OK;
    }
    const std::uint64_t before = store->facts().file_bytes;
    store->compact();
    const Json json{{"file_bytes_before", before}, {"file_bytes", store->facts().file_bytes}};
    write(io, RVM_IO_OUT,
          as_json ? json.dump(2) + "\n"
                  : "file bytes    " + std::to_string(before) + " -> " + json["file_bytes"].dump() + "\n");
    return RVM_EXIT_OK;
}

} // namespace rvm::lmdb
