/* The result depends on where things lie in memory. */
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] += args[1] + (rvm_word)(uintptr_t)frame;
    return RVM_OK;
}
#define RUN run
#include "bad.h"
