/* Charges gas without saying so. */
#define FLAGS RVM_F_MEMORY
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] += args[1];
    return rvm_charge(frame, 5);
    return RVM_OK;
}
#define RUN run
#include "bad.h"
