#include "engine.hpp"

#include <memory>

#include <rvm/plugin.hpp>

namespace rvm::lmdb {

namespace {

/// What the boundary calls a store: it knows the engine that lists it.
struct OpenStore {
    OpenStore(Engine& owner, Settings settings) : engine(owner), store(std::move(settings)) {}
    Engine& engine;
    Store store;
};

OpenStore& store_of(rvm_store* store) noexcept { return *reinterpret_cast<OpenStore*>(store); }
View& view_of(rvm_store_view* view) noexcept { return *reinterpret_cast<View*>(view); }
Cursor& cursor_of(rvm_cursor* cursor) noexcept { return *reinterpret_cast<Cursor*>(cursor); }

} // namespace

/// Functions of the table.
struct Thunks {
    static rvm_status open(const void* self, const char* config, rvm_store** out, rvm_error* error) noexcept {
        return sdk::guard(error, [&] {
            // The table hands itself out as const; the list of open stores is the engine's own business.
            auto& engine = *static_cast<Engine*>(const_cast<void*>(self));
            auto opened = std::make_unique<OpenStore>(engine, Settings::parse(config != nullptr ? config : "{}"));
            const std::lock_guard lock(engine.mutex_);
            engine.open_.insert(&opened->store);
            *out = reinterpret_cast<rvm_store*>(opened.release());
        });
    }
    static void close(rvm_store* handle) noexcept {
        const std::unique_ptr<OpenStore> store(&store_of(handle));
        const std::lock_guard lock(store->engine.mutex_);
        store->engine.open_.erase(&store->store);
    }
    static rvm_status view(rvm_store* store, rvm_store_view** out, rvm_error* error) noexcept {
        return sdk::guard(error, [&] { *out = reinterpret_cast<rvm_store_view*>(new View(store_of(store).store)); });
    }
    static void release(rvm_store_view* view) noexcept { delete &view_of(view); }
    static rvm_status get(rvm_store_view* view, std::uint32_t keyspace, rvm_view key, rvm_view* value) noexcept {
        return view_of(view).get(keyspace, key, value);
    }
    static rvm_status seek(rvm_store_view* view, std::uint32_t keyspace, rvm_view key, rvm_cursor** out) noexcept {
        return sdk::guard(nullptr,
                          [&] { *out = reinterpret_cast<rvm_cursor*>(new Cursor(view_of(view), keyspace, key)); });
    }
    static rvm_status next(rvm_cursor* cursor, rvm_view* key, rvm_view* value) noexcept {
        return cursor_of(cursor).next(key, value);
    }
    static void end(rvm_cursor* cursor) noexcept { delete &cursor_of(cursor); }
    static rvm_status commit(rvm_store* store, const rvm_store_write* writes, std::uint64_t count,
                             rvm_error* error) noexcept {
        return sdk::guard(error, [&] { store_of(store).store.commit(writes, count); });
    }
};

Engine::Engine() noexcept
    : table_{sizeof(rvm_storage),
             0,
             "lmdb",
             "ordered maps in one file of LMDB; lasts",
             this,
             Thunks::open,
             Thunks::close,
             Thunks::view,
             Thunks::release,
             Thunks::get,
             Thunks::seek,
             Thunks::next,
             Thunks::end,
             Thunks::commit} {}

Store* Engine::store() {
    const std::lock_guard lock(mutex_);
    return open_.empty() ? nullptr : *open_.begin();
}

} // namespace rvm::lmdb
