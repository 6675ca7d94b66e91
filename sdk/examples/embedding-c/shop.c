/* rvm inside a program that brings its own storage, syscall and observer, and loads no plugin file:
 *
 *     shop PRICE.rvm FOREVER.rvm
 *
 * It places a contract, simulates a call, makes it, keeps the result in its own store, opens a second runtime over that
 * store, and ends a program that does not end by itself. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rvm/rvm.h>

#include "store.h"

/* ---- What the shop contributes ---- */

static uint64_t asked = 0; /* how often a program asked for a price */

/* The price of item n is 100 n. */
static rvm_status price(const void* self, rvm_frame* frame, rvm_view input, rvm_span output, uint64_t* output_size) {
    (void)self;
    (void)frame;
    uint64_t item = 0;
    if (input.size != sizeof item || output.size < sizeof item) return RVM_TRAP_LIMIT;
    memcpy(&item, input.data, sizeof item);
    item *= 100;
    memcpy(output.data, &item, sizeof item);
    *output_size = sizeof item;
    ++asked;
    return RVM_OK;
}

static const rvm_gas_schedule price_gas = {.struct_size = sizeof(rvm_gas_schedule), .base = 50};
static const rvm_syscall price_syscall = {
    .struct_size = sizeof(rvm_syscall),
    .flags = RVM_F_EXTERNAL, /* what the shop charges is not the programs' to know */
    .id = "shop.price",
    .summary = "item, 8 bytes -> price, 8 bytes",
    .gas = &price_gas,
    .max_output = 8,
    .run = price,
};

/* An observer that counts instructions. */
static rvm_status begin(void* self, const char* config, uint64_t execution, void** cookie) {
    (void)config;
    (void)execution;
    *cookie = self;
    return RVM_OK;
}
static void count(void* self, void* cookie, uint64_t frame, const rvm_op_event* event) {
    (void)cookie;
    (void)frame;
    (void)event;
    ++*(uint64_t*)self;
}
static uint64_t instructions = 0;
static const rvm_tracer counter = {
    .struct_size = sizeof(rvm_tracer),
    .interest = RVM_TRACE_OP,
    .id = "shop/counter",
    .summary = "counts instructions",
    .self = &instructions,
    .begin = begin,
    .op = count,
};

static const rvm_contribution items[] = {
    {RVM_KIND_STORAGE, &shop_storage}, {RVM_KIND_SYSCALL, &price_syscall}, {RVM_KIND_TRACER, &counter}, {NULL, NULL}};

static void hear(void* ctx, uint32_t level, const char* plugin, const char* text) {
    (void)ctx;
    fprintf(stderr, "%s says (level %u): %s\n", plugin, level, text);
}

static const char manifest[] = "{\"format_version\": 1, \"name\": \"shop\", \"profile\": \"standard\","
                               " \"storage\": {\"engine\": \"shop\"}, \"syscalls\": [\"shop.*\"]}";

static rvm_runtime* open_shop(void) {
    rvm_error error = {.struct_size = sizeof error};
    const rvm_runtime_options options = {.struct_size = sizeof options,
                                         .manifest_json = manifest,
                                         .own_id = "shop",
                                         .own_items = items,
                                         .log = hear};
    rvm_runtime* runtime = rvm_runtime_create(&options, &error);
    if (runtime == NULL) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    return runtime;
}

/* ---- Worlds ---- */

static const rvm_host_world* worlds;

static void must(rvm_status status, const char* what) {
    if (status == RVM_OK) return;
    fprintf(stderr, "%s: %s\n", what, rvm_status_text(status));
    exit(1);
}

static rvm_world* open_world(rvm_runtime* runtime, uint32_t flags) {
    rvm_error error = {.struct_size = sizeof error};
    rvm_world* world = NULL;
    must(worlds->open(rvm_runtime_context(runtime), flags, &world, &error), error.message);
    return world;
}

static const rvm_address contract = {{[19] = 0xaa}}, customer = {{[19] = 0xcc}};

static rvm_status call(rvm_world* world, uint64_t item, const char* tracer, rvm_result* result) {
    rvm_error error = {.struct_size = sizeof error};
    const rvm_tx_env env = {.struct_size = sizeof env, .tracer = tracer};
    must(worlds->tx_begin(world, &env, &error), error.message);
    const rvm_message message = {.struct_size = sizeof message,
                                 .kind = RVM_CALL_CALL,
                                 .gas = 1000000,
                                 .sender = customer,
                                 .recipient = contract,
                                 .code_address = contract,
                                 .input = {(const uint8_t*)&item, sizeof item}};
    memset(result, 0, sizeof *result);
    result->struct_size = sizeof *result;
    return worlds->execute(world, &message, result, &error);
}

/* The low 64 bits of a result of 32 bytes. */
static uint64_t number(const rvm_result* result) {
    uint64_t value = 0;
    for (uint64_t i = 24; i < 32 && result->output.size == 32; ++i)
        value = value << 8 | result->output.data[i];
    return value;
}

static uint64_t kept_price(rvm_world* world) {
    const rvm_u256 key = {{0, 0, 0, 0}};
    rvm_u256 value = {{0, 0, 0, 0}};
    rvm_account* account = NULL;
    must(worlds->account(world, &contract, 0, &account), "account");
    must(worlds->slot(world, account, &key, &value), "slot");
    return value.limbs[0];
}

static void place(rvm_world* world, const char* file) {
    static uint8_t code[65536];
    FILE* from = fopen(file, "rb");
    const size_t size = from == NULL ? 0 : fread(code, 1, sizeof code, from);
    if (from != NULL) fclose(from);
    rvm_error error = {.struct_size = sizeof error};
    const rvm_tx_env env = {.struct_size = sizeof env};
    rvm_account* account = NULL;
    rvm_changes* changes = NULL;
    must(worlds->tx_begin(world, &env, &error), error.message);
    must(worlds->account(world, &contract, 0, &account), "account");
    must(worlds->set_code(world, account, (rvm_view){code, size}, NULL, "native", &error), file);
    must(worlds->tx_end(world, 0, &changes, &error), error.message);
    worlds->release_changes(changes);
}

static void* cancel_soon(void* world) {
    const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
    nanosleep(&moment, NULL);
    worlds->cancel(world);
    return NULL;
}

int main(int argc, char** argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: shop PRICE.rvm FOREVER.rvm\n");
        return 2;
    }
    rvm_runtime* runtime = open_shop();
    worlds = rvm_runtime_worlds(runtime);
    rvm_error error = {.struct_size = sizeof error};
    rvm_world* world = open_world(runtime, RVM_WORLD_RECORD_READS);
    place(world, argv[1]);
    must(worlds->commit(world, NULL, 0, &error), error.message);
    printf("placed: the shop's store %s\n", shop_pairs() > 0 ? "has it" : "is empty");

    /* A simulation: everything happens, then it is dropped. */
    rvm_result result;
    must(call(world, 7, NULL, &result), "call");
    printf("simulated: item 7 costs %d\n", (int)number(&result));
    worlds->tx_abort(world);
    printf("  the contract keeps %d\n", (int)kept_price(world));

    /* The same for good, observed: what was read and what changed is known afterwards. */
    must(call(world, 7, "shop/counter", &result), "call");
    printf("made: item 7 costs %d, %d instructions\n", (int)number(&result), (int)instructions);
    rvm_changes* changes = NULL;
    must(worlds->tx_end(world, 0, &changes, &error), error.message);
    uint64_t changed = 0, reads = 0;
    const rvm_account_change* change = worlds->changes(changes, &changed);
    (void)worlds->reads(world, &reads);
    printf("  %d account and %d slot changed, %s\n", (int)changed, (int)change[0].slot_count,
           reads > 0 ? "reads are known" : "no read is known");
    worlds->release_changes(changes);
    must(worlds->commit(world, NULL, 0, &error), error.message);
    worlds->close(world);
    rvm_runtime_close(runtime);

    /* What the store holds outlives the runtime. */
    runtime = open_shop();
    world = open_world(runtime, 0);
    printf("opened again: the contract keeps %d\n", (int)kept_price(world));
    worlds->close(world);

    /* A program that does not end, ended by another thread. */
    world = open_world(runtime, RVM_WORLD_EPHEMERAL | RVM_WORLD_CANCELLABLE);
    place(world, argv[2]);
    const rvm_tx_env env = {.struct_size = sizeof env};
    must(worlds->tx_begin(world, &env, &error), error.message);
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_soon, world);
    const rvm_message message = {.struct_size = sizeof message,
                                 .kind = RVM_CALL_CALL,
                                 .gas = INT64_MAX,
                                 .sender = customer,
                                 .recipient = contract,
                                 .code_address = contract};
    result.struct_size = sizeof result;
    const rvm_status status = worlds->execute(world, &message, &result, &error);
    pthread_join(thread, NULL);
    printf("endless program: %s\n", status == RVM_E_CANCELLED ? "cancelled" : rvm_status_text(status));
    worlds->discard(world);
    worlds->close(world);
    rvm_runtime_close(runtime);
    printf("prices asked for: %d\n", (int)asked);
    return 0;
}
