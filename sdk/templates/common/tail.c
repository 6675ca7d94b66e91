/* ---- The plugin around it ---- */

static const rvm_contribution items[] = {{<<kind_macro>>, &item}, {NULL, NULL}};

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

static const char* const provides[] = {"<<provides>>", NULL};

/* Must equal the sidecar, <<name>>.rvm.json.in. */
static const rvm_descriptor descriptor = {
    .struct_size = sizeof(rvm_descriptor),
    .id = RVM_PLUGIN_ID, /* both macros come from rvm_add_plugin() */
    .version = RVM_PLUGIN_VERSION,
    .name = "<<name>>",
    .vendor = "example",
    .license = "MIT",
    .description = "<<summary>>",
    .provides = provides,
};

RVM_EXPORT const rvm_entry rvm_plugin_entry_v0 = RVM_ENTRY_INIT(&descriptor, create);
