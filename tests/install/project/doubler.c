/* The opcode doubler.twice. */
#include <rvm/plugin.h>

static rvm_status twice(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] *= 2;
    return RVM_OK;
}

static const rvm_opcode opcode = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_PURE,
    .id = "doubler.twice",
    .mnemonic = "doubler.twice",
    .summary = "a -> 2a",
    .gas = 3,
    .pops = 1,
    .pushes = 1,
    .run = twice,
};
static const rvm_contribution items[] = {{RVM_KIND_OPCODE, &opcode}, {NULL, NULL}};
static const rvm_contribution* contributions(void* self) {
    (void)self;
    return items;
}
static void destroy(void* self) { (void)self; }
static rvm_plugin plugin = {.struct_size = sizeof(rvm_plugin), .contributions = contributions, .destroy = destroy};
static rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error* error) {
    (void)host, (void)error;
    *out = &plugin;
    return RVM_OK;
}
static const char* const provides[] = {RVM_KIND_OPCODE ":doubler.twice", NULL};
static const rvm_descriptor descriptor = {
    .struct_size = sizeof(rvm_descriptor),
    .id = RVM_PLUGIN_ID,
    .version = RVM_PLUGIN_VERSION,
    .name = "Doubler",
    .vendor = "example",
    .license = "MIT",
    .description = "One opcode",
    .provides = provides,
};
RVM_EXPORT const rvm_entry rvm_plugin_entry_v0 = RVM_ENTRY_INIT(&descriptor, create);
