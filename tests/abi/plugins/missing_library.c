/* Needs librvm_test_absent.so, which is not where the loader looks. */
#define OPCODE_RUN test_run
#include <rvm/plugin.h>
extern int rvm_test_absent(void);
static rvm_status test_run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] = (rvm_word)rvm_test_absent();
    return RVM_OK;
}
#include "plugin_base.h"
