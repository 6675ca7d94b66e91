/* Takes it for granted that the host has the interface it asks for. */
#include <rvm/plugin.h>
static const rvm_host_state* state;
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    const rvm_u256 key = {{1, 0, 0, 0}};
    rvm_u256 value = {{0, 0, 0, 0}};
    const rvm_status status = state->sload(frame, &key, 0, &value, NULL);
    (void)self, (void)immediate;
    args[0] += args[1] + value.limbs[0];
    return status;
}
#define RUN run
#define FLAGS RVM_F_READS_STATE
#define ON_CREATE state = (const rvm_host_state*)host->get_interface(host->ctx, RVM_HOST_STATE);
#include "bad.h"
