/* Reads through a null pointer for one operand. */
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    if (args[0] == 64) args[0] = *(volatile rvm_word*)0;
    args[0] += args[1];
    return RVM_OK;
}
#define RUN run
#include "bad.h"
