// rvm state show | get: facts of the store, and single accounts and slots, now or at a height.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/values.hpp"
#include "manifest/manifest.hpp"
#include "program/deployment_store.hpp"
#include "program/engine_verb.hpp"
#include "state/limbs.hpp"
#include "state/store_history.hpp"
#include "verbs/state_verbs.hpp"

namespace rvm::host {

namespace {

using Json = nlohmann::ordered_json;

/// What the commits after `height` changed; throws Failure when that is not kept.
state::ChangeSet changes_after(Session& session, DeploymentStore& store, std::uint64_t height) {
    const state::StoreReader& reader = store.reader();
    state::KeptHeights kept;
    store.check(state::kept_heights(reader, &kept), "the change sets cannot be read");
    if (height == reader.commits()) return {};
    if (height > reader.commits() || kept.first > kept.last || height + 1 < kept.first)
        throw failure(ErrorCode::state_height_unknown, session.runtime().manifest().file, "/storage/history",
                      fmt::format("height {} is not kept", height),
                      kept.first > kept.last ? fmt::format("only {} is", reader.commits())
                                             : fmt::format("heights {} to {} are", kept.first - 1, reader.commits()));
    state::ChangeSet changes;
    store.check(state::read_changes(reader, height, reader.commits(), &changes), "a change set cannot be read");
    return changes;
}

const rvm_account_change* find(const state::ChangeSet& changes, const rvm_address& address) {
    for (const rvm_account_change& change : changes.accounts())
        if (state::equal(change.address, address)) return &change;
    return nullptr;
}

/// An account as it was before `change`.
void take_back(const rvm_account_change& change, state::AccountRecord& record) {
    if ((change.flags & RVM_CHANGE_DELTA) != 0) {
        record.balance = state::sub(record.balance, change.after.balance);
        return;
    }
    record.exists = state::exists_before(change);
    record.balance = change.before.balance;
    record.nonce = change.before.nonce;
    if ((change.flags & RVM_CHANGE_CODE) != 0) record.format.clear(); // that of the code before is not in a change set
    record.code_hash = change.before.code_hash;
}

int get_slot(Session& session, DeploymentStore& store, const rvm_address& address, const rvm_u256& key,
             const state::AccountRecord& record, const rvm_account_change* change) {
    rvm_u256 value{};
    store.check(store.reader().slot(address, record.incarnation, key, &value), "the slot cannot be read");
    if (change != nullptr) {
        const rvm_slot_change* listed = nullptr;
        for (std::uint64_t i = 0; i < change->slot_count; ++i)
            if (state::equal(change->slots[i].key, key)) listed = &change->slots[i];
        if ((change->flags & RVM_CHANGE_WIPED) != 0)
            throw failure(ErrorCode::state_height_unknown, session.runtime().manifest().file, "/storage/history",
                          "the storage of the account was wiped since; what was in it is not kept");
        if (listed != nullptr) value = listed->before;
    }
    if (session.globals.json)
        session.print_json({{"address", address_text(address)}, {"key", word_text(key)}, {"value", word_text(value)}});
    else
        session.line("value", fmt::format("{} ({})", decimal_text(value), hex_text(value)));
    return RVM_EXIT_OK;
}

} // namespace

int show_state(Session& session) {
    DeploymentStore store(session);
    const state::StoreReader& reader = store.reader();
    state::KeptHeights kept;
    store.check(state::kept_heights(reader, &kept), "the change sets cannot be read");
    Json json{{"height", reader.commits()}};
    if (kept.first <= kept.last) json["kept_from"] = kept.first - 1;
    json["history"] = session.runtime().manifest().storage.history;
    json["records"] = reader.fresh() ? Json(nullptr) : Json(state::record_version);
    json["sum"] = word_text(reader.sum());
    const auto answer = ask_engine(session, "info");
    json["storage"] =
        answer ? engine_json(session, "info", *answer) : Json{{"engine", session.runtime().manifest().storage.engine}};
    if (session.globals.json) {
        session.print_json(json);
        return RVM_EXIT_OK;
    }
    session.line("height", fmt::format("{}", reader.commits()));
    session.line("kept", kept.first > kept.last ? "no earlier height"
                                                : fmt::format("heights {} to {}", kept.first - 1, reader.commits()));
    for (const auto& [name, value] : json["storage"].items()) {
        if (!value.is_object()) {
            session.line(name, value.is_string() ? value.get<std::string>() : value.dump());
            continue;
        }
        for (const auto& [keyspace, count] : value.items())
            session.line(keyspace, count.dump());
    }
    return RVM_EXIT_OK;
}

int get_state(Session& session, const rvm_address& address, const std::optional<rvm_u256>& key,
              std::optional<std::uint64_t> height) {
    DeploymentStore store(session);
    const state::ChangeSet since = height ? changes_after(session, store, *height) : state::ChangeSet{};
    const rvm_account_change* const change = find(since, address);
    state::AccountRecord record;
    if (const rvm_status status = store.reader().account(address, &record); status != RVM_E_NOT_FOUND)
        store.check(status, "the account cannot be read");
    if (key) return get_slot(session, store, address, *key, record, change);
    if (change != nullptr) take_back(*change, record);
    if (!record.exists)
        throw failure(ErrorCode::state_account_missing, session.runtime().manifest().file, "/storage",
                      fmt::format("there is no account {}", address_text(address)));
    const bool has_code = !state::equal(record.code_hash, rvm_bytes32{});
    Json json{{"address", address_text(address)},
              {"balance", hex_text(record.balance)},
              {"nonce", record.nonce},
              {"code_hash", has_code ? Json(bytes_text(ByteView{record.code_hash.bytes})) : Json(nullptr)}};
    if (!record.format.empty()) {
        rvm_view code{};
        store.check(store.reader().code(record.code_hash, record.format, &code), "the code cannot be read");
        json["format"] = record.format;
        json["code_size"] = code.size;
    }
    if (change == nullptr) json["slots"] = record.slot_count;
    if (session.globals.json) {
        session.print_json(json);
        return RVM_EXIT_OK;
    }
    for (const auto& [name, value] : json.items())
        session.line(name, value.is_string() ? value.get<std::string>() : value.is_null() ? "none" : value.dump());
    return RVM_EXIT_OK;
}

int diff_state(Session& session, std::uint64_t from, std::optional<std::uint64_t> to_height) {
    DeploymentStore store(session);
    const state::StoreReader& reader = store.reader();
    const std::uint64_t to = to_height.value_or(reader.commits());
    static_cast<void>(changes_after(session, store, from)); // says what is kept
    if (to > reader.commits())
        throw failure(ErrorCode::state_height_unknown, session.runtime().manifest().file, "/storage",
                      fmt::format("height {} is yet to come", to),
                      fmt::format("the store is at {}", reader.commits()));
    state::ChangeSet changes;
    store.check(state::read_changes(store.reader(), from, to, &changes), "a change set cannot be read");

    Json accounts = Json::array();
    for (const rvm_account_change& change : changes.accounts()) {
        if (!state::changes_anything(change)) continue;
        Json entry{{"address", address_text(change.address)}};
        if ((change.flags & RVM_CHANGE_CREATED) != 0) entry["created"] = true;
        if ((change.flags & RVM_CHANGE_REMOVED) != 0) entry["removed"] = true;
        if ((change.flags & RVM_CHANGE_WIPED) != 0) entry["wiped"] = true;
        if ((change.flags & RVM_CHANGE_DELTA) != 0) {
            entry["credited"] = hex_text(change.after.balance);
        } else {
            if (!state::equal(change.before.balance, change.after.balance))
                entry["balance"] = {hex_text(change.before.balance), hex_text(change.after.balance)};
            if (change.before.nonce != change.after.nonce) entry["nonce"] = {change.before.nonce, change.after.nonce};
        }
        if ((change.flags & RVM_CHANGE_CODE) != 0)
            entry["code_hash"] = {bytes_text(ByteView{change.before.code_hash.bytes}),
                                  bytes_text(ByteView{change.after.code_hash.bytes})};
        Json slots = Json::object();
        for (std::uint64_t i = 0; i < change.slot_count; ++i)
            slots[hex_text(change.slots[i].key)] = {hex_text(change.slots[i].before), hex_text(change.slots[i].after)};
        if (!slots.empty()) entry["slots"] = std::move(slots);
        accounts.push_back(std::move(entry));
    }
    rvm_bytes32 digest{};
    changes.digest(&digest);
    if (session.globals.json) {
        session.print_json(
            {{"from", from}, {"to", to}, {"digest", bytes_text(ByteView{digest.bytes})}, {"accounts", accounts}});
        return RVM_EXIT_OK;
    }
    for (const Json& entry : accounts) {
        std::string words;
        for (const auto& [name, value] : entry.items()) {
            if (name == "address" || name == "slots") continue;
            const auto word = [](const Json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); };
            words += (words.empty() ? "" : ", ") +
                     (value.is_array()     ? fmt::format("{} {} -> {}", name, word(value[0]), word(value[1]))
                      : value.is_boolean() ? name
                                           : fmt::format("{} {}", name, word(value)));
        }
        session.line("account",
                     fmt::format("{}{}{}", entry["address"].get<std::string>(), words.empty() ? "" : " ", words));
        if (!entry.contains("slots")) continue;
        for (const auto& [slot, values] : entry["slots"].items())
            session.line("  slot",
                         fmt::format("{}: {} -> {}", slot, values[0].get<std::string>(), values[1].get<std::string>()));
    }
    session.line("digest", bytes_text(ByteView{digest.bytes}));
    return RVM_EXIT_OK;
}

} // namespace rvm::host
