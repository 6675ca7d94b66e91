/* Two versions of one plugin. 1: `stamp.mark` adds 1 for 10 gas. 2: the same for 12 gas, and a new opcode `stamp.double`. */
#include <rvm/plugin.h>

static rvm_status mark(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] += 1;
    return RVM_OK;
}

static const rvm_opcode mark_opcode = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_PURE,
    .id = "stamp.mark",
    .mnemonic = "stamp.mark",
    .summary = "a -> a + 1",
    .gas = STAMP_VERSION == 1 ? 10 : 12,
    .pops = 1,
    .pushes = 1,
    .run = mark,
};

#if STAMP_VERSION > 1
static rvm_status twice(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] *= 2;
    return RVM_OK;
}

static const rvm_opcode twice_opcode = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_PURE,
    .id = "stamp.double",
    .mnemonic = "stamp.double",
    .summary = "a -> 2 a",
    .gas = 5,
    .pops = 1,
    .pushes = 1,
    .run = twice,
};
#endif

static const rvm_contribution items[] = {{RVM_KIND_OPCODE, &mark_opcode},
#if STAMP_VERSION > 1
                                         {RVM_KIND_OPCODE, &twice_opcode},
#endif
                                         {NULL, NULL}};
static const char* const provides[] = {"rvm.opcode/1:stamp.mark",
#if STAMP_VERSION > 1
                                       "rvm.opcode/1:stamp.double",
#endif
                                       NULL};

#define PLUGIN_NAME "Stamp"
#define PLUGIN_DESCRIPTION "A plugin with two versions, for the tests"
#include "../plugin_tail.h"
