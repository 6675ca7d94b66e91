/* Stands for a library that is missing at load. */
__attribute__((visibility("default"))) int rvm_test_absent(void);
int rvm_test_absent(void) { return 1; }
