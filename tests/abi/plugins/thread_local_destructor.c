/* Registers a pthread key whose destructor runs at thread exit: fatal if the library were unloaded. */
#define OPCODE_RUN test_run
#include <pthread.h>
#include <rvm/plugin.h>
#include <stdlib.h>
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_key(void) { (void)pthread_key_create(&key, free); }
static rvm_status test_run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    (void)pthread_once(&once, make_key);
    (void)pthread_setspecific(key, malloc(1));
    args[0] += args[1];
    return RVM_OK;
}
#include "plugin_base.h"
