#include "store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* One version of the contents: pairs ascending by keyspace, then by key as unsigned bytes. A view keeps the version it
 * began with; a commit makes a new one. */
struct pair {
    uint32_t keyspace;
    uint64_t key_size, value_size;
    uint8_t* bytes; /* key, then value */
};
struct version {
    uint64_t count, users;
    struct pair* pairs;
};
struct rvm_store_view {
    struct version* version;
};
struct rvm_cursor {
    struct version* version;
    uint64_t at;
    uint32_t keyspace;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct version empty = {0, 2, NULL}; /* one user more than there are: it is never freed */
static struct version* latest = &empty;

static void leave(struct version* version) {
    pthread_mutex_lock(&lock);
    const uint64_t users = --version->users;
    pthread_mutex_unlock(&lock);
    if (users != 0) return;
    for (uint64_t i = 0; i < version->count; ++i)
        free(version->pairs[i].bytes);
    free(version->pairs);
    free(version);
}

static struct version* enter(void) {
    pthread_mutex_lock(&lock);
    struct version* version = latest;
    ++version->users;
    pthread_mutex_unlock(&lock);
    return version;
}

static int compare(const struct pair* pair, uint32_t keyspace, rvm_view key) {
    if (pair->keyspace != keyspace) return pair->keyspace < keyspace ? -1 : 1;
    const uint64_t common = pair->key_size < key.size ? pair->key_size : key.size;
    const int order = common == 0 ? 0 : memcmp(pair->bytes, key.data, common);
    if (order != 0) return order;
    return pair->key_size < key.size ? -1 : pair->key_size > key.size;
}

/* The first pair that is not before the key. */
static uint64_t find(const struct version* version, uint32_t keyspace, rvm_view key) {
    uint64_t low = 0, high = version->count;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (compare(&version->pairs[middle], keyspace, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int make(struct pair* out, uint32_t keyspace, rvm_view key, rvm_view value) {
    out->bytes = malloc(key.size + value.size + 1);
    if (out->bytes == NULL) return 0;
    out->keyspace = keyspace;
    out->key_size = key.size;
    out->value_size = value.size;
    if (key.size != 0) memcpy(out->bytes, key.data, key.size);
    if (value.size != 0) memcpy(out->bytes + key.size, value.data, value.size);
    return 1;
}

static rvm_status store_open(const void* self, const char* config, rvm_store** out, rvm_error* error) {
    (void)self;
    (void)config;
    (void)error;
    *out = (rvm_store*)&latest;
    return RVM_OK;
}

static void store_close(rvm_store* store) { (void)store; }

static rvm_status store_view(rvm_store* store, rvm_store_view** out, rvm_error* error) {
    (void)store;
    (void)error;
    *out = malloc(sizeof **out);
    if (*out == NULL) return RVM_E_NO_MEMORY;
    (*out)->version = enter();
    return RVM_OK;
}

static void store_release(rvm_store_view* view) {
    leave(view->version);
    free(view);
}

static rvm_status store_get(rvm_store_view* view, uint32_t keyspace, rvm_view key, rvm_view* value) {
    const uint64_t at = find(view->version, keyspace, key);
    if (at == view->version->count || compare(&view->version->pairs[at], keyspace, key) != 0) return RVM_E_NOT_FOUND;
    const struct pair* pair = &view->version->pairs[at];
    value->data = pair->bytes + pair->key_size;
    value->size = pair->value_size;
    return RVM_OK;
}

static rvm_status store_seek(rvm_store_view* view, uint32_t keyspace, rvm_view key, rvm_cursor** out) {
    *out = malloc(sizeof **out);
    if (*out == NULL) return RVM_E_NO_MEMORY;
    (*out)->version = view->version;
    (*out)->keyspace = keyspace;
    (*out)->at = find(view->version, keyspace, key);
    return RVM_OK;
}

static rvm_status store_next(rvm_cursor* cursor, rvm_view* key, rvm_view* value) {
    if (cursor->at == cursor->version->count) return RVM_E_NOT_FOUND;
    const struct pair* pair = &cursor->version->pairs[cursor->at];
    if (pair->keyspace != cursor->keyspace) return RVM_E_NOT_FOUND;
    ++cursor->at;
    key->data = pair->bytes;
    key->size = pair->key_size;
    value->data = pair->bytes + pair->key_size;
    value->size = pair->value_size;
    return RVM_OK;
}

static void store_end(rvm_cursor* cursor) { free(cursor); }

/* Puts one write into a version that nobody else sees yet. */
static rvm_status apply(struct version* version, const rvm_store_write* write) {
    const uint64_t at = find(version, write->keyspace, write->key);
    const int present = at < version->count && compare(&version->pairs[at], write->keyspace, write->key) == 0;
    if (present) {
        free(version->pairs[at].bytes);
        memmove(&version->pairs[at], &version->pairs[at + 1], (--version->count - at) * sizeof(struct pair));
    }
    if (write->value.data == NULL) return RVM_OK; /* an erasure */
    memmove(&version->pairs[at + 1], &version->pairs[at], (version->count - at) * sizeof(struct pair));
    if (!make(&version->pairs[at], write->keyspace, write->key, write->value)) {
        memmove(&version->pairs[at], &version->pairs[at + 1], (version->count - at) * sizeof(struct pair));
        return RVM_E_NO_MEMORY;
    }
    ++version->count;
    return RVM_OK;
}

static rvm_status store_commit(rvm_store* store, const rvm_store_write* writes, uint64_t count, rvm_error* error) {
    (void)store;
    (void)error;
    struct version* old = enter();
    struct version* fresh = malloc(sizeof *fresh);
    if (fresh == NULL) {
        leave(old);
        return RVM_E_NO_MEMORY;
    }
    fresh->count = 0;
    fresh->users = 1;
    fresh->pairs = malloc((old->count + count + 1) * sizeof(struct pair));
    rvm_status status = fresh->pairs == NULL ? RVM_E_NO_MEMORY : RVM_OK;
    for (uint64_t i = 0; i < old->count && status == RVM_OK; ++i) {
        const struct pair* pair = &old->pairs[i];
        const rvm_view key = {pair->bytes, pair->key_size}, value = {pair->bytes + pair->key_size, pair->value_size};
        if (make(&fresh->pairs[fresh->count], pair->keyspace, key, value))
            ++fresh->count;
        else
            status = RVM_E_NO_MEMORY;
    }
    for (uint64_t i = 0; i < count && status == RVM_OK; ++i)
        status = apply(fresh, &writes[i]);
    leave(old);
    if (status != RVM_OK) {
        leave(fresh);
        return status;
    }
    pthread_mutex_lock(&lock);
    old = latest;
    latest = fresh;
    pthread_mutex_unlock(&lock);
    leave(old);
    return RVM_OK;
}

uint64_t shop_pairs(void) {
    struct version* version = enter();
    const uint64_t count = version->count;
    leave(version);
    return count;
}

const rvm_storage shop_storage = {
    .struct_size = sizeof(rvm_storage),
    .id = "shop",
    .summary = "the shop's own store",
    .open = store_open,
    .close = store_close,
    .view = store_view,
    .release = store_release,
    .get = store_get,
    .seek = store_seek,
    .next = store_next,
    .end = store_end,
    .commit = store_commit,
};
