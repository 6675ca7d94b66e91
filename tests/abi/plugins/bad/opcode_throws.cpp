// Lets an exception out of an opcode.
#include <rvm/plugin.h>
#include <stdexcept>
static rvm_status run(const void*, rvm_frame*, rvm_word* args, uint64_t) {
    if (args[0] == 64) throw std::runtime_error("out of an opcode");
    args[0] += args[1];
    return RVM_OK;
}
#define RUN run
#include "bad.h"
