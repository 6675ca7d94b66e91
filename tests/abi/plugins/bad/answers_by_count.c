/* The result depends on how often it was asked. */
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    static rvm_word count;
    args[0] += args[1] + ++count;
    return RVM_OK;
}
#define RUN run
#include "bad.h"
