/* <<name>>: a storage engine in memory. A commit makes a new sorted table; views keep the table of their time. */
#include <rvm/plugin.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* One key with its value; shared by all tables that hold it, never changed. */
struct entry {
    atomic_size_t users;
    uint32_t keyspace;
    uint64_t key_size, value_size;
    uint8_t bytes[]; /* key, value */
};

/* All entries at one commit, ascending by keyspace, then key. Never changed once it is published. */
struct table {
    atomic_size_t users;
    uint64_t count;
    struct entry* entries[];
};

struct store {
    pthread_mutex_t guard;   /* of `current`; held for a pointer only, so that views never wait for a writer */
    pthread_mutex_t writing; /* one commit at a time */
    struct table* current;
};

struct cursor {
    const struct table* table;
    uint64_t at;
    uint32_t keyspace;
};

static void drop_entry(struct entry* entry) {
    if (atomic_fetch_sub(&entry->users, 1) == 1) free(entry);
}

static void drop_table(struct table* table) {
    if (atomic_fetch_sub(&table->users, 1) != 1) return;
    for (uint64_t i = 0; i < table->count; ++i)
        drop_entry(table->entries[i]);
    free(table);
}

static struct table* make_table(uint64_t capacity) {
    struct table* table = malloc(sizeof *table + capacity * sizeof table->entries[0]);
    if (table == NULL) return NULL;
    atomic_init(&table->users, 1);
    table->count = 0;
    return table;
}

/* Below zero, zero or above it, as `entry` sorts before, at or behind the key. Unsigned bytes; a beginning comes first. */
static int compare(const struct entry* entry, uint32_t keyspace, rvm_view key) {
    if (entry->keyspace != keyspace) return entry->keyspace < keyspace ? -1 : 1;
    const uint64_t shared = entry->key_size < key.size ? entry->key_size : key.size;
    const int order = shared == 0 ? 0 : memcmp(entry->bytes, key.data, shared);
    if (order != 0 || entry->key_size == key.size) return order;
    return entry->key_size < key.size ? -1 : 1;
}

/* Index of the first entry that does not sort before the key. */
static uint64_t lower_bound(const struct table* table, uint32_t keyspace, rvm_view key) {
    uint64_t low = 0, high = table->count;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (compare(table->entries[middle], keyspace, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static rvm_status open_store(const void* self, const char* config_json, rvm_store** out, rvm_error* error) {
    (void)self;
    (void)config_json;
    (void)error;
    struct store* store = malloc(sizeof *store);
    struct table* empty = make_table(0);
    if (store == NULL || empty == NULL) {
        free(store);
        free(empty);
        return RVM_E_NO_MEMORY;
    }
    pthread_mutex_init(&store->guard, NULL);
    pthread_mutex_init(&store->writing, NULL);
    store->current = empty;
    *out = (rvm_store*)store;
    return RVM_OK;
}

static void close_store(rvm_store* handle) {
    struct store* store = (struct store*)handle;
    drop_table(store->current);
    pthread_mutex_destroy(&store->guard);
    pthread_mutex_destroy(&store->writing);
    free(store);
}

static struct table* current_table(struct store* store) {
    pthread_mutex_lock(&store->guard);
    struct table* table = store->current;
    atomic_fetch_add(&table->users, 1);
    pthread_mutex_unlock(&store->guard);
    return table;
}

static rvm_status view(rvm_store* store, rvm_store_view** out, rvm_error* error) {
    (void)error;
    *out = (rvm_store_view*)current_table((struct store*)store);
    return RVM_OK;
}

static void release(rvm_store_view* view) { drop_table((struct table*)view); }

static rvm_status get(rvm_store_view* view, uint32_t keyspace, rvm_view key, rvm_view* value) {
    const struct table* table = (const struct table*)view;
    const uint64_t at = lower_bound(table, keyspace, key);
    if (at == table->count || compare(table->entries[at], keyspace, key) != 0) return RVM_E_NOT_FOUND;
    value->data = table->entries[at]->bytes + table->entries[at]->key_size;
    value->size = table->entries[at]->value_size;
    return RVM_OK;
}

static rvm_status seek(rvm_store_view* view, uint32_t keyspace, rvm_view key, rvm_cursor** out) {
    struct cursor* cursor = malloc(sizeof *cursor);
    if (cursor == NULL) return RVM_E_NO_MEMORY;
    cursor->table = (const struct table*)view;
    cursor->keyspace = keyspace;
    cursor->at = lower_bound(cursor->table, keyspace, key);
    *out = (rvm_cursor*)cursor;
    return RVM_OK;
}

static rvm_status next(rvm_cursor* handle, rvm_view* key, rvm_view* value) {
    struct cursor* cursor = (struct cursor*)handle;
    if (cursor->at == cursor->table->count) return RVM_E_NOT_FOUND;
    const struct entry* entry = cursor->table->entries[cursor->at];
    if (entry->keyspace != cursor->keyspace) return RVM_E_NOT_FOUND;
    ++cursor->at;
    key->data = entry->bytes;
    key->size = entry->key_size;
    value->data = entry->bytes + entry->key_size;
    value->size = entry->value_size;
    return RVM_OK;
}

static void end(rvm_cursor* cursor) { free(cursor); }

/* Applies one write to a table that nobody else sees yet and that has room for one more entry. */
static rvm_status apply(struct table* table, const rvm_store_write* write) {
    const uint64_t at = lower_bound(table, write->keyspace, write->key);
    const int found = at < table->count && compare(table->entries[at], write->keyspace, write->key) == 0;
    struct entry** place = &table->entries[at];
    const size_t behind = (size_t)(table->count - at) * sizeof *place;
    if (write->value.data == NULL) { /* erases */
        if (!found) return RVM_OK;
        drop_entry(*place);
        memmove(place, place + 1, behind - sizeof *place);
        --table->count;
        return RVM_OK;
    }
    struct entry* entry = malloc(sizeof *entry + write->key.size + write->value.size);
    if (entry == NULL) return RVM_E_NO_MEMORY;
    atomic_init(&entry->users, 1);
    entry->keyspace = write->keyspace;
    entry->key_size = write->key.size;
    entry->value_size = write->value.size;
    if (write->key.size != 0) memcpy(entry->bytes, write->key.data, write->key.size);
    if (write->value.size != 0) memcpy(entry->bytes + write->key.size, write->value.data, write->value.size);
    if (found) {
        drop_entry(*place);
    } else {
        memmove(place + 1, place, behind);
        ++table->count;
    }
    *place = entry;
    return RVM_OK;
}

/* All or nothing: readers see the old table until the new one is whole. */
static rvm_status commit(rvm_store* handle, const rvm_store_write* writes, uint64_t count, rvm_error* error) {
    (void)error;
    struct store* store = (struct store*)handle;
    pthread_mutex_lock(&store->writing);
    struct table* old = current_table(store);
    struct table* new = make_table(old->count + count);
    rvm_status status = new == NULL ? RVM_E_NO_MEMORY : RVM_OK;
    if (status == RVM_OK) {
        for (uint64_t i = 0; i < old->count; ++i) {
            atomic_fetch_add(&old->entries[i]->users, 1);
            new->entries[i] = old->entries[i];
        }
        new->count = old->count;
    }
    for (uint64_t i = 0; i < count && status == RVM_OK; ++i)
        status = writes[i].keyspace < RVM_KEYSPACE_LIMIT ? apply(new, &writes[i]) : RVM_E_INVALID_ARGUMENT;
    if (status == RVM_OK) {
        pthread_mutex_lock(&store->guard);
        store->current = new;
        pthread_mutex_unlock(&store->guard);
        drop_table(old); /* the store's own use */
    } else if (new != NULL) {
        drop_table(new);
    }
    drop_table(old);
    pthread_mutex_unlock(&store->writing);
    return status;
}

static const rvm_storage item = {
    .struct_size = sizeof(rvm_storage),
    .id = "<<name>>",
    .summary = "ordered keys in memory",
    .open = open_store,
    .close = close_store,
    .view = view,
    .release = release,
    .get = get,
    .seek = seek,
    .next = next,
    .end = end,
    .commit = commit,
};

<<tail>>
