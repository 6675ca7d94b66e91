/* A syscall that needs a world and writes one byte more than there is room for. */
#include <rvm/plugin.h>
#include <string.h>
static const rvm_host_state* state;
static rvm_status run(const void* self, rvm_frame* frame, rvm_view input, rvm_span output, uint64_t* output_size) {
    const rvm_u256 key = {{1, 0, 0, 0}};
    rvm_u256 value;
    const rvm_status status = state->sload(frame, &key, 0, &value, NULL);
    (void)self, (void)input;
    if (status != RVM_OK) return status;
    memset(output.data, (int)value.limbs[0], output.size + 1);
    *output_size = output.size;
    return RVM_OK;
}
static const rvm_gas_schedule price = {sizeof(rvm_gas_schedule), 0, 10, 0, NULL};
static const rvm_syscall bad_syscall = {
    sizeof(rvm_syscall), RVM_F_READS_STATE, "test.bad", "fills its output", &price, 32, run, NULL,
};
#define ITEM {RVM_KIND_SYSCALL, &bad_syscall}
#define PROVIDES "rvm.syscall/1:test.bad"
#define ON_CREATE                                                                                                      \
    state = (const rvm_host_state*)host->get_interface(host->ctx, RVM_HOST_STATE);                                    \
    if (state == NULL) return RVM_E_UNSUPPORTED;
#include "bad.h"
