/* Opens a network socket. */
#include <sys/socket.h>
#include <rvm/plugin.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    (void)socket(AF_INET, SOCK_STREAM, 0);
    args[0] += args[1];
    return RVM_OK;
}
#define RUN run
#include "bad.h"
