/* An EVM instruction in a plugin: POPCOUNT (0x1f) replaces the word on top of the stack by how many of its bits are set. */
#include <rvm/evm_ops.h>

static rvm_status popcount(const void* self, rvm_u256* words) {
    uint64_t bits = 0;
    (void)self;
    for (int limb = 0; limb < 4; ++limb) {
        for (uint64_t rest = words[0].limbs[limb]; rest != 0; rest &= rest - 1) ++bits;
    }
    words[0] = (rvm_u256){{bits, 0, 0, 0}};
    return RVM_OK;
}

static const char* const since_osaka[] = {"evm/osaka", NULL};

static const rvm_evm_op ops[] = {{
    .struct_size = sizeof(rvm_evm_op),
    .number = 0x1f, /* behind CLZ (0x1e); no Ethereum rule set assigns it */
    .operands = 1,
    .results = 1,
    .gas = 5, /* as CLZ */
    .name = "POPCOUNT",
    .rules = since_osaka,
    .run = popcount,
}};

static const rvm_evm_ops table = {sizeof(rvm_evm_ops), 1, ops};
static const rvm_interface interface = {sizeof(rvm_interface), 0, RVM_EVM_OPS, &table};
static const rvm_contribution items[] = {{RVM_KIND_INTERFACE, &interface}, {NULL, NULL}};

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

static const char* const provides[] = {RVM_KIND_INTERFACE ":" RVM_EVM_OPS, NULL};

static const rvm_descriptor descriptor = {
    .struct_size = sizeof(rvm_descriptor),
    .id = RVM_PLUGIN_ID,
    .version = RVM_PLUGIN_VERSION,
    .name = "EVM POPCOUNT",
    .vendor = "rvm",
    .license = "MIT",
    .description = "One EVM instruction: POPCOUNT (0x1f)",
    .provides = provides,
};

RVM_EXPORT const rvm_entry rvm_plugin_entry_v0 = RVM_ENTRY_INIT(&descriptor, create);
