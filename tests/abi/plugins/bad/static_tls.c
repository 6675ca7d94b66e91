/* A thread-local variable that must lie in the static block, where there may be no room at run time. */
#include <rvm/plugin.h>
static _Thread_local volatile uint64_t counter __attribute__((tls_model("initial-exec")));
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    ++counter;
    args[0] += args[1];
    return RVM_OK;
}
#define RUN run
#include "bad.h"
