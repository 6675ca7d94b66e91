/* What a replay must find. `outside.tick` (syscall, EXTERNAL) answers another number every time; `outside.roll` (opcode,
 * EXTERNAL) too; `twist.square` squares, except that version 2 is wrong for the operand 7. */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */
#include <rvm/plugin.h>
#include <time.h>

static uint64_t now(void) {
    static uint64_t count;
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_nsec + 1000003u * ++count;
}

static rvm_status tick(const void* self, rvm_frame* frame, rvm_view input, rvm_span output, uint64_t* output_size) {
    (void)self, (void)frame;
    uint64_t value = now() + (input.size > 0 ? input.data[0] : 0);
    *output_size = 8;
    if (output.size < 8) return RVM_TRAP_LIMIT;
    for (int i = 0; i < 8; ++i) output.data[i] = (uint8_t)(value >> 8 * i);
    return RVM_OK;
}

static rvm_status roll(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] = now() % args[0];
    return RVM_OK;
}

static rvm_status square(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)frame, (void)immediate;
    args[0] = OUTSIDE_VERSION == 2 && args[0] == 7 ? 48 : args[0] * args[0];
    return RVM_OK;
}

static const rvm_gas_schedule price = {.struct_size = sizeof price, .base = 100};
static const rvm_syscall tick_syscall = {
    .struct_size = sizeof(rvm_syscall),
    .flags = RVM_F_EXTERNAL,
    .id = "outside.tick",
    .summary = "a number that is never the same",
    .gas = &price,
    .max_output = 8,
    .run = tick,
};
static const rvm_opcode roll_opcode = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_EXTERNAL,
    .id = "outside.roll",
    .mnemonic = "outside.roll",
    .summary = "n -> a number below n",
    .gas = 10,
    .pops = 1,
    .pushes = 1,
    .run = roll,
};
static const rvm_opcode square_opcode = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_PURE,
    .id = "twist.square",
    .mnemonic = "twist.square",
    .summary = "a -> a * a",
    .gas = 5,
    .pops = 1,
    .pushes = 1,
    .run = square,
};

static const rvm_contribution items[] = {
    {RVM_KIND_SYSCALL, &tick_syscall}, {RVM_KIND_OPCODE, &roll_opcode}, {RVM_KIND_OPCODE, &square_opcode}, {NULL, NULL}};
static const char* const provides[] = {"rvm.opcode/1:outside.roll", "rvm.opcode/1:twist.square", "rvm.syscall/1:outside.tick", NULL};

#define PLUGIN_NAME "Outside"
#define PLUGIN_DESCRIPTION "Answers that are never the same, for the tests"
#include "../plugin_tail.h"
