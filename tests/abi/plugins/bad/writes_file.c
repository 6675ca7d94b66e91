/* Writes a file. */
#include <stdio.h>
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    FILE* file = fopen("trace.txt", "w");
    if (file != NULL) (void)fclose(file);
    args[0] += args[1];
    return RVM_OK;
}
#define RUN run
#include "bad.h"
