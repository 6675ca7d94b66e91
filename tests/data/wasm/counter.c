// A program of the format `wasm`: counts its executions in slot 0.
#define IMPORT(n) __attribute__((import_module("rvm"), import_name(#n)))
#define EXPORT(n) __attribute__((export_name(#n)))
IMPORT(storage_load) void storage_load(const void*, void*);
IMPORT(storage_store) void storage_store(const void*, const void*);
IMPORT(output) void output(const void*, unsigned);
static unsigned char key[32], value[32];
EXPORT(execute) void execute(void) {
    storage_load(key, value);
    value[31]++;
    storage_store(key, value);
    output(value, 32);
}
