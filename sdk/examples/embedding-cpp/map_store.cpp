#include "map_store.hpp"

#include <new>

struct rvm_store_view {
    std::shared_ptr<const handler::MapStore::Pairs> pairs;
};
struct rvm_cursor {
    handler::MapStore::Pairs::const_iterator at, end;
    std::uint32_t keyspace;
};

namespace handler {
namespace {

std::string text(rvm_view view) { return {reinterpret_cast<const char*>(view.data), static_cast<std::size_t>(view.size)}; }
rvm_view view(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

MapStore& store_of(rvm_store* store) { return *reinterpret_cast<MapStore*>(store); }

/// No exception may reach rvm.
template <typename Work>
rvm_status guarded(Work work) noexcept {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return RVM_E_NO_MEMORY;
    } catch (...) {
        return RVM_E_INTERNAL;
    }
}

rvm_status open(const void* self, const char*, rvm_store** out, rvm_error*) {
    *out = reinterpret_cast<rvm_store*>(const_cast<void*>(self));
    return RVM_OK;
}
void close(rvm_store*) {}

rvm_status take_view(rvm_store* store, rvm_store_view** out, rvm_error*) {
    return guarded([&] {
        *out = new rvm_store_view{store_of(store).snapshot()};
        return RVM_OK;
    });
}
void release(rvm_store_view* view) { delete view; }

rvm_status get(rvm_store_view* from, std::uint32_t keyspace, rvm_view key, rvm_view* value) {
    return guarded([&] {
        const auto found = from->pairs->find({keyspace, text(key)});
        if (found == from->pairs->end()) return RVM_E_NOT_FOUND;
        *value = view(found->second);
        return RVM_OK;
    });
}

rvm_status seek(rvm_store_view* from, std::uint32_t keyspace, rvm_view key, rvm_cursor** out) {
    return guarded([&] {
        *out = new rvm_cursor{from->pairs->lower_bound({keyspace, text(key)}), from->pairs->end(), keyspace};
        return RVM_OK;
    });
}
rvm_status next(rvm_cursor* cursor, rvm_view* key, rvm_view* value) {
    if (cursor->at == cursor->end || cursor->at->first.first != cursor->keyspace) return RVM_E_NOT_FOUND;
    *key = view(cursor->at->first.second);
    *value = view(cursor->at->second);
    ++cursor->at;
    return RVM_OK;
}
void end(rvm_cursor* cursor) { delete cursor; }

rvm_status commit(rvm_store* store, const rvm_store_write* writes, std::uint64_t count, rvm_error*) {
    return guarded([&] {
        store_of(store).commit(writes, count);
        return RVM_OK;
    });
}

} // namespace

MapStore::MapStore(const char* id) {
    engine_.struct_size = sizeof engine_;
    engine_.id = id;
    engine_.summary = "pairs in a std::map";
    engine_.self = this;
    engine_.open = open;
    engine_.close = handler::close;
    engine_.view = take_view;
    engine_.release = release;
    engine_.get = get;
    engine_.seek = seek;
    engine_.next = handler::next;
    engine_.end = handler::end;
    engine_.commit = handler::commit;
}

std::shared_ptr<const MapStore::Pairs> MapStore::snapshot() const {
    const std::lock_guard guard(lock_);
    return pairs_;
}

std::size_t MapStore::size() const { return snapshot()->size(); }

void MapStore::commit(const rvm_store_write* writes, std::uint64_t count) {
    auto next = std::make_shared<Pairs>(*snapshot()); // all or nothing: readers see it when it is whole
    for (std::uint64_t i = 0; i < count; ++i) {
        std::pair<std::uint32_t, std::string> key{writes[i].keyspace, text(writes[i].key)};
        if (writes[i].value.data == nullptr)
            next->erase(key);
        else
            (*next)[std::move(key)] = text(writes[i].value);
    }
    const std::lock_guard guard(lock_);
    pairs_ = std::move(next);
}

} // namespace handler
