/* The result depends on the operator's time zone. */
#include <stdlib.h>
#include <string.h>
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    const char* zone = getenv("TZ");
    args[0] += args[1] + (zone == NULL ? 0 : strlen(zone));
    return RVM_OK;
}
#define RUN run
#include "bad.h"
