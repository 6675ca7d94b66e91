/* Reads a slot and goes on whatever the host says. */
#include <rvm/plugin.h>
static const rvm_host_state* state;
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    const rvm_u256 key = {{1, 0, 0, 0}};
    rvm_u256 value = {{0, 0, 0, 0}};
    (void)self, (void)immediate;
    state->sload(frame, &key, 0, &value, NULL);
    args[0] += args[1] + value.limbs[0];
    return RVM_OK;
}
#define RUN run
#define FLAGS RVM_F_READS_STATE
#define ON_CREATE                                                                                                      \
    state = (const rvm_host_state*)host->get_interface(host->ctx, RVM_HOST_STATE);                                    \
    if (state == NULL) return RVM_E_UNSUPPORTED;
#include "bad.h"
