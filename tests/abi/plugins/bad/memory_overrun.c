/* Writes behind the frame's memory instead of asking rvm_memory(). */
#define FLAGS RVM_F_MEMORY
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    frame->memory.data[frame->memory.size] = 7;
    args[0] += args[1];
    return RVM_OK;
}
#define RUN run
#include "bad.h"
