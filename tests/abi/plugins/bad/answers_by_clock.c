/* The result depends on the clock. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    args[0] += args[1] + (rvm_word)now.tv_nsec;
    return RVM_OK;
}
#define RUN run
#include "bad.h"
