/* What the small test plugins share: a valid plugin with one opcode, of which each file changes one thing by defining
 * macros before it includes this header. Everything defaults to what is right. */
#ifndef RVM_TEST_PLUGIN_BASE_H
#define RVM_TEST_PLUGIN_BASE_H

#include <rvm/plugin.h>
#include <string.h>

#ifndef PLUGIN_ID
#define PLUGIN_ID "test.good"
#endif
#ifndef OPCODE_ID
#define OPCODE_ID "test.add"
#endif
#ifndef OPCODE_GAS
#define OPCODE_GAS 3
#endif
#ifndef OPCODE_RUN
static rvm_status test_add(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] += args[1];
    return RVM_OK;
}
#define OPCODE_RUN test_add
#endif
#ifndef REQUIRES
#define REQUIRES NULL
#endif
#ifndef ENTRY_NAME
#define ENTRY_NAME rvm_plugin_entry_v0
#endif
#ifndef ENTRY_MAGIC
#define ENTRY_MAGIC RVM_ENTRY_MAGIC
#endif
#ifndef ENTRY_SIZE
#define ENTRY_SIZE sizeof(rvm_entry)
#endif
#ifndef ENTRY_MAJOR
#define ENTRY_MAJOR RVM_ABI_MAJOR
#endif
#ifndef ENTRY_MINOR
#define ENTRY_MINOR RVM_ABI_MINOR
#endif
#ifndef ON_LINK
#define ON_LINK NULL
#endif
#ifndef ON_START
#define ON_START NULL
#endif

static const rvm_opcode test_opcode = {
    sizeof(rvm_opcode), RVM_F_PURE, OPCODE_ID, OPCODE_ID, "adds two words", OPCODE_GAS, 2, 1, 0, 0, 0, OPCODE_RUN, NULL,
};

static const rvm_contribution* test_contributions(void* self) {
    static const rvm_contribution items[] = {{RVM_KIND_OPCODE, &test_opcode}, {NULL, NULL}};
    (void)self;
    return items;
}

static void test_destroy(void* self) { (void)self; }

static rvm_status test_create(const rvm_host* host, rvm_plugin** out, rvm_error* error) {
    static rvm_plugin table = {
        sizeof(rvm_plugin), 0, NULL, NULL, test_contributions, ON_LINK, ON_START, NULL, test_destroy,
    };
    (void)host, (void)error;
    *out = &table;
    return RVM_OK;
}

static const char* const test_provides[] = {"rvm.opcode/1:" OPCODE_ID, NULL};
static const rvm_descriptor test_descriptor = {
    sizeof(rvm_descriptor), 0, PLUGIN_ID, "1.0.0", "Test", "rvm", "MIT", "a test plugin", NULL, test_provides, REQUIRES,
};

RVM_EXPORT const rvm_entry ENTRY_NAME = {
    ENTRY_MAGIC,   ENTRY_SIZE, ENTRY_MAJOR,      ENTRY_MINOR, ENTRY_MINOR, (uint32_t)sizeof(rvm_word),
    sizeof(void*), 0u,         &test_descriptor, test_create,
};

#endif
