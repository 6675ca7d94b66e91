/* Uses a function that nothing defines. */
#define OPCODE_RUN test_run
#include <rvm/plugin.h>
extern int rvm_test_nobody_defines_this(void);
static rvm_status test_run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] = (rvm_word)rvm_test_nobody_defines_this();
    return RVM_OK;
}
#include "plugin_base.h"
