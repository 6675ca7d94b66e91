// <<name>>: a storage engine in memory. A commit makes a new map; views keep the map of their time.
#include <map>
#include <memory>
#include <mutex>

#include <rvm/plugin.hpp>

namespace {

namespace sdk = rvm::sdk;

using Bytes = std::vector<std::uint8_t>;
using Key = std::pair<std::uint32_t, Bytes>; // keyspace, key: ordered by unsigned bytes, a beginning comes first
using Table = std::map<Key, std::shared_ptr<const Bytes>>;

struct Store {
    std::mutex guard;   // of `current`; held for a pointer only, so that views never wait for a writer
    std::mutex writing; // one commit at a time
    std::shared_ptr<const Table> current = std::make_shared<Table>();

    std::shared_ptr<const Table> table() {
        const std::lock_guard lock(guard);
        return current;
    }
};
struct View {
    std::shared_ptr<const Table> table;
};
struct Cursor {
    Table::const_iterator at, end;
    std::uint32_t keyspace;
};

Store& store_of(rvm_store* store) { return *reinterpret_cast<Store*>(store); }
View& view_of(rvm_store_view* view) { return *reinterpret_cast<View*>(view); }
Cursor& cursor_of(rvm_cursor* cursor) { return *reinterpret_cast<Cursor*>(cursor); }
Key key_of(std::uint32_t keyspace, rvm_view key) {
    const auto bytes = sdk::bytes(key);
    return {keyspace, Bytes(bytes.begin(), bytes.end())};
}
// Never NULL: an empty value is not an absent one.
rvm_view present(const Bytes& bytes) {
    static constexpr std::uint8_t nothing = 0;
    return {bytes.empty() ? &nothing : bytes.data(), bytes.size()};
}

rvm_status open(const void*, const char*, rvm_store** out, rvm_error*) {
    *out = reinterpret_cast<rvm_store*>(new Store);
    return RVM_OK;
}
void close(rvm_store* store) noexcept { delete &store_of(store); }

rvm_status view(rvm_store* store, rvm_store_view** out, rvm_error*) {
    *out = reinterpret_cast<rvm_store_view*>(new View{store_of(store).table()});
    return RVM_OK;
}
void release(rvm_store_view* view) noexcept { delete &view_of(view); }

rvm_status get(rvm_store_view* view, std::uint32_t keyspace, rvm_view key, rvm_view* value) {
    const Table& table = *view_of(view).table;
    const auto found = table.find(key_of(keyspace, key));
    if (found == table.end()) return RVM_E_NOT_FOUND;
    *value = present(*found->second);
    return RVM_OK;
}

rvm_status seek(rvm_store_view* view, std::uint32_t keyspace, rvm_view key, rvm_cursor** out) {
    const Table& table = *view_of(view).table;
    *out = reinterpret_cast<rvm_cursor*>(new Cursor{table.lower_bound(key_of(keyspace, key)), table.end(), keyspace});
    return RVM_OK;
}
rvm_status next(rvm_cursor* handle, rvm_view* key, rvm_view* value) noexcept {
    Cursor& cursor = cursor_of(handle);
    if (cursor.at == cursor.end || cursor.at->first.first != cursor.keyspace) return RVM_E_NOT_FOUND;
    *key = present(cursor.at->first.second);
    *value = present(*cursor.at->second);
    ++cursor.at;
    return RVM_OK;
}
void end(rvm_cursor* cursor) noexcept { delete &cursor_of(cursor); }

// All or nothing: readers see the old map until the new one is whole.
rvm_status commit(rvm_store* handle, const rvm_store_write* writes, std::uint64_t count, rvm_error*) {
    Store& store = store_of(handle);
    const std::lock_guard one_at_a_time(store.writing);
    auto table = std::make_shared<Table>(*store.table());
    for (const rvm_store_write& write : std::span(writes, count)) {
        if (write.keyspace >= RVM_KEYSPACE_LIMIT) return RVM_E_INVALID_ARGUMENT;
        if (write.value.data == nullptr) {
            table->erase(key_of(write.keyspace, write.key));
        } else {
            const auto value = sdk::bytes(write.value);
            (*table)[key_of(write.keyspace, write.key)] = std::make_shared<Bytes>(value.begin(), value.end());
        }
    }
    std::shared_ptr<const Table> old = std::move(table);
    {
        const std::lock_guard lock(store.guard);
        store.current.swap(old);
    } // the old map dies outside the lock
    return RVM_OK;
}

// thunk<>: what these functions throw ends at the boundary.
constexpr rvm_storage item = {.struct_size = sizeof(rvm_storage),
                              .flags = 0,
                              .id = "<<name>>",
                              .summary = "ordered keys in memory",
                              .self = nullptr,
                              .open = sdk::thunk<&open>,
                              .close = close,
                              .view = sdk::thunk<&view>,
                              .release = release,
                              .get = sdk::thunk<&get>,
                              .seek = sdk::thunk<&seek>,
                              .next = next,
                              .end = end,
                              .commit = sdk::thunk<&commit>};

<<tail>>
