/* PURE by its flags, but writes a slot through a pointer to the host that it kept. */
#include <rvm/plugin.h>
static const rvm_host_state* state;
static rvm_status run(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    const rvm_u256 word = {{1, 0, 0, 0}};
    rvm_slot_write out;
    (void)self, (void)immediate;
    args[0] += args[1];
    return state->sstore(frame, &word, &word, 0, &out);
}
#define RUN run
#define ON_CREATE state = (const rvm_host_state*)host->get_interface(host->ctx, RVM_HOST_STATE);
#include "bad.h"
