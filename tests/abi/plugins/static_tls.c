/* A thread-local variable of the initial-exec model. */
#define OPCODE_RUN test_run
#include <rvm/plugin.h>
static _Thread_local volatile uint64_t counter __attribute__((tls_model("initial-exec")));
static rvm_status test_run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] = ++counter;
    return RVM_OK;
}
#include "plugin_base.h"
