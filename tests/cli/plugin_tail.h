/* The plugin around the items of a test, included at the end of its source. Needs before it: `items` and `provides`, both
 * ended by NULL, and the texts PLUGIN_NAME and PLUGIN_DESCRIPTION of its sidecar. PLUGIN_CREATED(host), if it is defined, is
 * where it may ask for interfaces. */
#pragma once

#include <rvm/plugin.h>

static const rvm_contribution* contributions(void* self) { return (void)self, items; }
static void destroy(void* self) { (void)self; }
static rvm_plugin plugin = {.struct_size = sizeof(rvm_plugin), .contributions = contributions, .destroy = destroy};
static rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error* error) {
    (void)host, (void)error;
#ifdef PLUGIN_CREATED
    PLUGIN_CREATED(host);
#endif
    *out = &plugin; /* stateless: every host may share it */
    return RVM_OK;
}

static const rvm_descriptor descriptor = {
    .struct_size = sizeof(rvm_descriptor),
    .id = RVM_PLUGIN_ID,
    .version = RVM_PLUGIN_VERSION,
    .name = PLUGIN_NAME,
    .vendor = "rvm",
    .license = "Apache-2.0",
    .description = PLUGIN_DESCRIPTION,
    .provides = provides,
};
RVM_EXPORT const rvm_entry rvm_plugin_entry_v0 = RVM_ENTRY_INIT(&descriptor, create);
