/* Keeps a view of the memory of one execution and uses it in the next. */
#define FLAGS RVM_F_MEMORY
#include <rvm/plugin.h>
static uint8_t* kept;
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)immediate;
    args[0] += args[1];
    if (kept != NULL) args[0] += *(volatile uint8_t*)kept;
    if (kept == NULL) kept = frame->memory.data;
    return RVM_OK;
}
#define RUN run
#include "bad.h"
