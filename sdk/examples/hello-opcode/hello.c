/* A complete rvm plugin: the opcode hello.muladd IMM, which replaces a b by a * IMM + b (modulo 2^64). */
#include <rvm/plugin.h>

/* args[0] is the deepest operand, args[pops - 1] was the top of the stack; results are written from args[0] up. */
static rvm_status muladd(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self;
    (void)frame;
    args[0] = args[0] * immediate + args[1];
    return RVM_OK;
}

static const rvm_opcode muladd_opcode = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_PURE, /* the result depends on the operands alone */
    .id = "hello.muladd",
    .mnemonic = "hello.muladd",
    .summary = "a b -> a * IMM + b",
    .gas = 5, /* a native MUL (3) and an ADD (2) */
    .pops = 2,
    .pushes = 1,
    .immediate_size = 1,
    .run = muladd,
};

static const rvm_contribution items[] = {{RVM_KIND_OPCODE, &muladd_opcode}, {NULL, NULL}};

static const rvm_contribution* contributions(void* self) {
    (void)self;
    return items;
}

static void destroy(void* self) { (void)self; }

static rvm_plugin plugin = {.struct_size = sizeof(rvm_plugin), .contributions = contributions, .destroy = destroy};

static rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error* error) {
    (void)host;
    (void)error;
    *out = &plugin; /* stateless: every host may share it */
    return RVM_OK;
}

static const char* const provides[] = {RVM_KIND_OPCODE ":hello.muladd", NULL};

static const rvm_descriptor descriptor = {
    .struct_size = sizeof(rvm_descriptor),
    .id = RVM_PLUGIN_ID, /* both macros come from rvm_add_plugin() */
    .version = RVM_PLUGIN_VERSION,
    .name = "Hello opcode",
    .vendor = "rvm",
    .license = "MIT",
    .description = "One opcode: hello.muladd, a fused multiply-add",
    .provides = provides,
};

RVM_EXPORT const rvm_entry rvm_plugin_entry_v0 = RVM_ENTRY_INIT(&descriptor, create);
