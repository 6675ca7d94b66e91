// Opening the store of a deployment: the engine, earlier record versions, the formats that its accounts need.
#include <utility>

#include "base/bytes.hpp"
#include "runtime/runtime_impl.hpp"
#include "state/store_formats.hpp"
#include "state/store_migrate.hpp"

namespace rvm {
namespace {

bool refuse(const manifest::Manifest& manifest, const plugin::PluginSlot& engine, std::string message, Report& report) {
    report.error(ErrorCode::store_open_failed, manifest.file, "/storage", std::move(message)).plugin = engine.id();
    return false;
}

std::string ids_of(const std::vector<plugin::Provided>& list) {
    std::string text;
    for (const plugin::Provided& item : list)
        text += (text.empty() ? "" : ", ") + item.id;
    return text;
}

/// `config`, an object, with the member "must_exist": true. Of two such members the last one counts.
std::string with_must_exist(const std::string& config) {
    std::string text = config.substr(0, config.rfind('}'));
    if (text != "{") text += ',';
    return text + R"("must_exist":true})";
}

} // namespace

bool Runtime::Impl::need_store(RuntimeOptions::Store use, Report& report) {
    const std::lock_guard lock(store_opening);
    if (store != nullptr || open_store(use, report)) return true;
    if (store != nullptr) storage->close(std::exchange(store, nullptr)); // what it holds was refused
    return false;
}

bool Runtime::Impl::open_store(RuntimeOptions::Store use, Report& report) {
    using Store = RuntimeOptions::Store;
    const auto engine = registry->find<rvm_storage>(manifest.storage.engine, report);
    if (!engine) return false;
    if (storage == nullptr) storage = engine.item; // worlds read it while another thread opens the store
    if (!manifest.storage.lasts()) use = Store::make;
    if (use == Store::when_used) return true;
    rvm_error error{sizeof(rvm_error), 0, ""};
    rvm_status opened = RVM_E_CONFIG;
    if (use != Store::make) {
        opened = storage->open(storage->self, with_must_exist(manifest.storage.config).c_str(), &store, &error);
        if (opened == RVM_E_NOT_FOUND) {
            if (use == Store::if_there) return true;
            Finding& finding =
                report.error(ErrorCode::store_open_failed, manifest.file, "/storage/config", error.message);
            finding.plugin = engine.owner->id();
            finding.hint = "correct the path; `rvm deploy` and `rvm state import` make the store of a new deployment";
            return false;
        }
    }
    // RVM_E_CONFIG: the engine may not know the member. What else it refuses it refuses again.
    if (opened == RVM_E_CONFIG)
        opened = storage->open(storage->self, manifest.storage.config.c_str(), &store, &error);
    if (opened != RVM_OK)
        return refuse(manifest, *engine.owner, error.message, report);
    std::uint32_t migrated = 0;
    if (state::migrate_store(*storage, *store, &migrated, &error) != RVM_OK)
        return refuse(manifest, *engine.owner, error.message, report);
    if (migrated != 0)
        report.warning(ErrorCode::store_open_failed, manifest.file, "/storage",
                       "the store's records were brought from version " + std::to_string(migrated) + " to " +
                           std::to_string(state::record_version));
    return find_formats(report);
}

bool Runtime::Impl::find_formats(Report& report) {
    state::StoreReader reader;
    state::StoreFormats needed;
    // A store that cannot be read is refused by whoever needs to read it: some verbs repair one.
    if (reader.open(*storage, *store, nullptr) != RVM_OK || state::read_formats(reader, &needed) != RVM_OK) return true;
    bool complete = true;
    for (const auto& [format, first] : needed) {
        rvm_address account;
        if (registry->provider(RVM_KIND_FORMAT, format) != nullptr ||
            state::account_of_format(reader, format, first, &account) != RVM_OK)
            continue;
        Finding& finding =
            report.error(ErrorCode::state_format_missing, manifest.file, "/storage",
                         "the account 0x" + to_hex(account.bytes) + " is a program of the format " + format);
        finding.expected = "a plugin that provides " RVM_KIND_FORMAT ":" + format;
        finding.found = "the formats " + ids_of(registry->provided(RVM_KIND_FORMAT));
        complete = false;
    }
    return complete;
}

} // namespace rvm
