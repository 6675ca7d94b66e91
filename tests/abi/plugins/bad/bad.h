/* What the planted bad plugins share: a valid plugin test.bad with one opcode test.bad that adds two words. Each file breaks
 * one thing by defining macros before it includes this header, or brings an item of its own kind in ITEM. */
#ifndef RVM_TEST_BAD_H
#define RVM_TEST_BAD_H

#include <rvm/plugin.h>
#include <string.h>

#ifndef FLAGS
#define FLAGS RVM_F_PURE
#endif
#ifndef GAS
#define GAS 3
#endif
#ifndef PROVIDES
#define PROVIDES "rvm.opcode/1:test.bad"
#endif
#ifndef ON_CREATE
#define ON_CREATE
#endif
#ifndef ON_CONTRIBUTIONS
#define ON_CONTRIBUTIONS
#endif
#ifndef ON_DESTROY
#define ON_DESTROY
#endif

#ifndef ITEM
#ifndef RUN
static rvm_status run_well(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] += args[1];
    return RVM_OK;
}
#define RUN run_well
#endif
static const rvm_opcode bad_opcode = {
    sizeof(rvm_opcode), FLAGS, "test.bad", "test.bad", "adds two words", GAS, 2, 1, 0, 0, 0, RUN, NULL,
};
#define ITEM {RVM_KIND_OPCODE, &bad_opcode}
#endif

static const rvm_contribution bad_items[] = {ITEM, {NULL, NULL}};

static const rvm_contribution* bad_contributions(void* self) {
    (void)self;
    ON_CONTRIBUTIONS
    return bad_items;
}

static void bad_destroy(void* self) {
    (void)self;
    ON_DESTROY
}

static rvm_status bad_create(const rvm_host* host, rvm_plugin** out, rvm_error* error) {
    static rvm_plugin table = {sizeof(rvm_plugin), 0, NULL, NULL, bad_contributions, NULL, NULL, NULL, bad_destroy};
    (void)host, (void)error;
    ON_CREATE
    *out = &table;
    return RVM_OK;
}

static const char* const bad_provides[] = {PROVIDES, NULL};
static const rvm_descriptor bad_descriptor = {
    sizeof(rvm_descriptor), 0, "test.bad", "1.0.0", "Bad", "rvm", "MIT", "a planted bad plugin", NULL, bad_provides, NULL,
};

const rvm_entry rvm_plugin_entry_v0 = RVM_ENTRY_INIT(&bad_descriptor, bad_create);

#endif
