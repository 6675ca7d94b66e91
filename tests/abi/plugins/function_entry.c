/* The entry symbol is a function. */
extern __attribute__((visibility("default"))) int entry_function(void) __asm__("rvm_plugin_entry_v0");
int entry_function(void) { return 0; }
