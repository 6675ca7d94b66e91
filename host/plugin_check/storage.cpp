// Step about storage engines: snapshots, order, batches.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/values.hpp"
#include "plugin/registry.hpp"
#include "plugin_check/check.hpp"

namespace rvm::host {

namespace {

constexpr std::uint32_t keyspace = RVM_KEYSPACE_CALLER;
constexpr int batches = 32;
constexpr std::uint64_t writes_a_batch = 24;
using Model = std::map<Bytes, Bytes>;

/// Reads everything through a cursor and by key, and compares it with the model.
void compare(const rvm_storage& engine, rvm_store_view* view, const Model& model, const std::string& where,
             const std::string& when, CheckLog& log) {
    rvm_cursor* cursor = nullptr;
    if (engine.seek(view, keyspace, {nullptr, 0}, &cursor) != RVM_OK) {
        log.fail(ErrorCode::check_law, where, fmt::format("seek failed {}", when));
        return;
    }
    Model seen;
    Bytes last;
    rvm_view key{}, value{};
    bool ordered = true;
    while (engine.next(cursor, &key, &value) == RVM_OK && seen.size() <= model.size()) {
        const ByteView key_bytes = bytes_of(key), value_bytes = bytes_of(value);
        Bytes current(key_bytes.begin(), key_bytes.end());
        ordered = ordered && (seen.empty() || last < current);
        last = current;
        seen[std::move(current)] = Bytes(value_bytes.begin(), value_bytes.end());
    }
    engine.end(cursor);
    if (!ordered)
        log.fail(ErrorCode::check_law, where, fmt::format("keys are not in order {}", when), "unsigned bytes");
    if (seen != model)
        log.fail(ErrorCode::check_law, where, fmt::format("the contents are wrong {}", when),
                 fmt::format("{} keys", model.size()), fmt::format("{} keys", seen.size()));
    for (const auto& [name, expected] : model) {
        rvm_view found{};
        if (engine.get(view, keyspace, view_of(name), &found) != RVM_OK ||
            !std::ranges::equal(bytes_of(found), expected)) {
            log.fail(ErrorCode::check_law, where, fmt::format("get does not find what was committed {}", when));
            return;
        }
    }
}

void check_engine(const rvm_storage& engine, CheckLog& log) {
    const std::string where = fmt::format("storage {}", engine.id);
    rvm_store* store = nullptr;
    rvm_error error{};
    error.struct_size = sizeof error;
    if (engine.open(engine.self, "{}", &store, &error) != RVM_OK) {
        log.note(fmt::format("{} needs a configuration to open ({}): its laws were not checked", where, error.message));
        return;
    }
    Model model;
    Questions questions;
    for (int batch = 0; batch < batches && !log.failed(); ++batch) {
        const Model before = model;
        rvm_store_view* old_view = nullptr;
        if (engine.view(store, &old_view, &error) != RVM_OK) {
            log.fail(ErrorCode::check_law, where, "view failed");
            break;
        }
        std::vector<std::pair<Bytes, Bytes>> kept;
        std::vector<bool> erased;
        for (std::uint64_t i = 0; i < writes_a_batch; ++i) {
            kept.emplace_back(questions.bytes(1 + questions.next() % 2), questions.bytes(questions.next() % 40));
            kept.back().first[0] &= 15; // few keys: later batches overwrite and erase
            erased.push_back(questions.next() % 4 == 0);
        }
        static constexpr std::uint8_t nothing = 0;
        std::vector<rvm_store_write> writes;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const rvm_view value{kept[i].second.empty() ? &nothing : kept[i].second.data(), kept[i].second.size()};
            writes.push_back({view_of(kept[i].first), erased[i] ? rvm_view{nullptr, 0} : value, keyspace, 0});
            if (erased[i])
                model.erase(kept[i].first);
            else
                model[kept[i].first] = kept[i].second;
        }
        if (engine.commit(store, writes.data(), writes.size(), &error) != RVM_OK)
            log.fail(ErrorCode::check_law, where, fmt::format("commit failed: {}", error.message));
        compare(engine, old_view, before, where, "in a view taken before a commit", log);
        engine.release(old_view);
        rvm_store_view* view = nullptr;
        if (engine.view(store, &view, &error) != RVM_OK) {
            log.fail(ErrorCode::check_law, where, "view failed");
            break;
        }
        compare(engine, view, model, where, "after a commit", log);
        engine.release(view);
    }
    engine.close(store);
}

} // namespace

void check_storage(const Candidate& candidate, CheckLog& log) {
    const auto runtime = open_candidate(candidate, log);
    if (runtime == nullptr) return;
    const auto found = items_of<rvm_storage>(*runtime, candidate, log);
    if (found.empty()) log.skip("provides no storage engine");
    for (const auto& engine : found) {
        check_engine(*engine.item, log);
    }
}

} // namespace rvm::host
