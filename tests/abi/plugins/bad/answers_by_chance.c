/* The result depends on the C library's random numbers. */
#include <stdlib.h>
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] += args[1] + (rvm_word)rand();
    return RVM_OK;
}
#define RUN run
#include "bad.h"
