/* A library that is no plugin. */
__attribute__((visibility("default"))) int test_something(void) { return 1; }
