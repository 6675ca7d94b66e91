/* <<name>>: the syscall <<name>>.reverse, which answers with its input backwards. */
#include <rvm/plugin.h>

#define LARGEST 4096 /* bytes of an answer; the host never asks for more */

/* `input` and `output` never overlap. [frame] */
static rvm_status reverse(const void* self, rvm_frame* frame, rvm_view input, rvm_span output, uint64_t* output_size) {
    (void)self;
    (void)frame;
    if (input.size > output.size) return RVM_TRAP_LIMIT;
    for (uint64_t i = 0; i < input.size; ++i)
        output.data[i] = input.data[input.size - 1 - i];
    *output_size = input.size;
    return RVM_OK;
}

/* The host charges this from its own copy before the syscall runs: 20, and 3 for every 32 bytes of input. */
static const rvm_gas_schedule price = {.struct_size = sizeof(rvm_gas_schedule), .unit_bytes = 32, .base = 20, .per_unit = 3};

static const rvm_syscall item = {
    .struct_size = sizeof(rvm_syscall),
    .flags = RVM_F_PURE, /* the answer depends on the input alone */
    .id = "<<name>>.reverse",
    .summary = "bytes -> bytes backwards",
    .gas = &price,
    .max_output = LARGEST,
    .run = reverse,
};

<<tail>>
