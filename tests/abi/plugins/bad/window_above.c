/* Writes the word above its operand window. */
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] += args[1];
    args[2] = 7;
    return RVM_OK;
}
#define RUN run
#include "bad.h"
