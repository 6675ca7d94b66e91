/* Writes one byte more than it was given room for. */
#include <rvm/plugin.h>
#include <string.h>
static rvm_status run(const void* self, rvm_frame* frame, rvm_view input, rvm_span output, uint64_t* size) {
    (void)self, (void)frame;
    if (output.size != 0) memset(output.data, 1, output.size + 1);
    *size = output.size < input.size ? output.size : input.size;
    return RVM_OK;
}
static const rvm_gas_schedule price = {sizeof(rvm_gas_schedule), 0, 10, 0, NULL};
static const rvm_syscall item = {sizeof(rvm_syscall), RVM_F_PURE, "test.bad", "bad", &price, 64, run, NULL};
#define ITEM {RVM_KIND_SYSCALL, &item}
#define PROVIDES "rvm.syscall/1:test.bad"
#include "bad.h"
