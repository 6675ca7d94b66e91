#include "state/memory_store.hpp"

#include "state/memory_tree.hpp"
#include "state/store_error.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

namespace rvm::state {
namespace {

using Roots = std::array<MemoryTree, RVM_KEYSPACE_LIMIT>;

struct Store {
    std::mutex mutex; // guards `roots`; held for a copy of the pointers only
    std::shared_ptr<const Roots> roots = std::make_shared<const Roots>();
    std::mutex commit_mutex; // one commit at a time

    std::shared_ptr<const Roots> current() {
        const std::lock_guard lock(mutex);
        return roots;
    }
};

struct View {
    std::shared_ptr<const Roots> roots;
};

Store& store_of(rvm_store* store) noexcept { return *reinterpret_cast<Store*>(store); }
View& view_of(rvm_store_view* view) noexcept { return *reinterpret_cast<View*>(view); }
MemoryTree::Cursor& cursor_of(rvm_cursor* cursor) noexcept { return *reinterpret_cast<MemoryTree::Cursor*>(cursor); }

/// Nothing may unwind across the boundary.
template <class Body>
rvm_status guarded(rvm_error* error, Body&& body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return explain(error, RVM_E_NO_MEMORY, "out of memory in the storage engine \"memory\"");
    } catch (...) {
        return explain(error, RVM_E_INTERNAL, "unexpected failure in the storage engine \"memory\"");
    }
}

bool is_empty_object(std::string_view json) noexcept {
    const auto trim = [](std::string_view text) {
        constexpr std::string_view blank = " \t\r\n";
        const std::size_t first = text.find_first_not_of(blank);
        if (first == std::string_view::npos) return std::string_view{};
        return text.substr(first, text.find_last_not_of(blank) - first + 1);
    };
    json = trim(json);
    return json.empty() || (json.front() == '{' && json.back() == '}' && json.size() >= 2 &&
                            trim(json.substr(1, json.size() - 2)).empty());
}

rvm_status open(const void*, const char* config_json, rvm_store** out, rvm_error* error) {
    if (config_json != nullptr && !is_empty_object(config_json))
        return explain(error, RVM_E_CONFIG, "the storage engine \"memory\" takes no settings");
    return guarded(error, [&] {
        *out = reinterpret_cast<rvm_store*>(new Store);
        return RVM_OK;
    });
}

void close(rvm_store* store) { delete &store_of(store); }

rvm_status view(rvm_store* store, rvm_store_view** out, rvm_error* error) {
    return guarded(error, [&] {
        *out = reinterpret_cast<rvm_store_view*>(new View{store_of(store).current()});
        return RVM_OK;
    });
}

void release(rvm_store_view* view) { delete &view_of(view); }

rvm_status get(rvm_store_view* view, std::uint32_t keyspace, rvm_view key, rvm_view* value) {
    if (keyspace >= RVM_KEYSPACE_LIMIT) return RVM_E_INVALID_ARGUMENT;
    return (*view_of(view).roots)[keyspace].find(key, value) ? RVM_OK : RVM_E_NOT_FOUND;
}

rvm_status seek(rvm_store_view* view, std::uint32_t keyspace, rvm_view key, rvm_cursor** out) {
    if (keyspace >= RVM_KEYSPACE_LIMIT) return RVM_E_INVALID_ARGUMENT;
    return guarded(nullptr, [&] {
        *out = reinterpret_cast<rvm_cursor*>(new MemoryTree::Cursor((*view_of(view).roots)[keyspace], key));
        return RVM_OK;
    });
}

rvm_status next(rvm_cursor* cursor, rvm_view* key, rvm_view* value) {
    return guarded(nullptr, [&] { return cursor_of(cursor).next(key, value) ? RVM_OK : RVM_E_NOT_FOUND; });
}

void end(rvm_cursor* cursor) { delete &cursor_of(cursor); }

rvm_status commit(rvm_store* handle, const rvm_store_write* writes, std::uint64_t count, rvm_error* error) {
    return guarded(error, [&] {
        Store& store = store_of(handle);
        const std::lock_guard one_at_a_time(store.commit_mutex);
        auto roots = std::make_shared<Roots>(*store.current());
        for (std::uint64_t i = 0; i < count; ++i) {
            const rvm_store_write& write = writes[i];
            if (write.keyspace >= RVM_KEYSPACE_LIMIT)
                return explain(error, RVM_E_INVALID_ARGUMENT, "a write names a keyspace that does not exist");
            if (write.value.data == nullptr)
                (*roots)[write.keyspace].erase(write.key);
            else
                (*roots)[write.keyspace].put(write.key, write.value);
        }
        std::shared_ptr<const Roots> old = std::move(roots);
        {
            const std::lock_guard lock(store.mutex);
            store.roots.swap(old);
        } // the old roots die outside the lock
        return RVM_OK;
    });
}

} // namespace
} // namespace rvm::state

extern "C" const rvm_storage rvm_memory_storage = {
    sizeof(rvm_storage),
    0,
    "memory",
    "ordered maps in memory; gone when the process ends",
    nullptr,
    rvm::state::open,
    rvm::state::close,
    rvm::state::view,
    rvm::state::release,
    rvm::state::get,
    rvm::state::seek,
    rvm::state::next,
    rvm::state::end,
    rvm::state::commit,
};
