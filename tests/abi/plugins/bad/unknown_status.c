/* Returns a status that does not exist. */
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] += args[1];
    if (args[0] == 3) return 9999;
    return RVM_OK;
}
#define RUN run
#include "bad.h"
