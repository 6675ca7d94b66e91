/* <<name>>: the opcode <<name>>.apply, which replaces a b by a + b (modulo 2^64). */
#include <rvm/plugin.h>

/* args[0] is the deepest operand, args[pops - 1] was the top of the stack; results are written from args[0] up. */
static rvm_status apply(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self;
    (void)frame;
    (void)immediate;
    args[0] = args[0] + args[1];
    return RVM_OK;
}

static const rvm_opcode item = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_PURE, /* the result depends on the operands alone */
    .id = "<<name>>.apply",
    .mnemonic = "<<name>>.apply",
    .summary = "a b -> a + b",
    .gas = 3, /* what a native ADD costs */
    .pops = 2,
    .pushes = 1,
    .run = apply,
};

<<tail>>
