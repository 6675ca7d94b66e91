/* What a replay must find. `outside.tick` (syscall, EXTERNAL) answers another number every time; `outside.roll` (opcode,
 * EXTERNAL) too; `outside.act` (syscall) and `outside.mark` (opcode) do something else to the world every time, too;
 * `twist.square` squares, except that version 2 is wrong for the operand 7. */
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

static const rvm_host_state* state;
static const rvm_host_vm* vm;

static rvm_u256 number(uint64_t value) {
    rvm_u256 out = {{0}};
    out.limbs[0] = value;
    return out;
}

/* Everything that an item may do, around a call of the account in its input, which is warmed and touched. */
static rvm_status act(const void* self, rvm_frame* frame, rvm_view input, rvm_span output, uint64_t* output_size) {
    (void)self;
    rvm_message message = {.struct_size = sizeof message, .kind = RVM_CALL_CALL};
    *output_size = 8;
    if (output.size < 8 || input.size != sizeof message.recipient.bytes) return RVM_TRAP_LIMIT;
    for (uint64_t i = 0; i < input.size; ++i) message.recipient.bytes[i] = input.data[i];
    message.code_address = message.recipient;

    rvm_bytes32 topic = {{0}};
    topic.bytes[31] = (uint8_t)now();
    const uint64_t value = now();
    const rvm_u256 zero = number(0), one = number(1), written = number(value);
    rvm_u256 read;
    rvm_slot_write write;
    rvm_account* other;
    rvm_result result = {.struct_size = sizeof result};
    rvm_status status = rvm_charge(frame, 1 + value % 100);
    if (status == RVM_OK) status = state->sstore(frame, &zero, &written, 0, &write);
    if (status == RVM_OK) status = state->sload(frame, &one, 0, &read, NULL);
    if (status == RVM_OK) status = state->tstore(frame, &one, &written);
    if (status == RVM_OK) status = state->log(frame, &topic, 1, (rvm_view){(const uint8_t*)&value, sizeof value});
    if (status == RVM_OK) status = state->account(frame, &message.recipient, RVM_WANT_WARM, &other, NULL);
    if (status == RVM_OK) status = state->touch(frame, other, 0);
    if (status == RVM_OK) status = vm->reserve(frame, 4096);
    if (status == RVM_OK) status = rvm_charge(frame, 1 + now() % 100);
    if (status != RVM_OK) return status;
    message.sender = frame->self->address;
    message.gas = 60000 + (int64_t)(now() % 1000);
    message.input = (rvm_view){(const uint8_t*)&value, sizeof value};
    status = vm->call(frame, &message, &result);
    if (status < 0) return status;
    const rvm_u256 two = number(2), left = number((uint64_t)result.gas_left + result.output.size);
    status = state->sstore(frame, &two, &left, 0, &write);
    if (status == RVM_OK) status = rvm_charge(frame, 1 + now() % 100);
    for (int i = 0; i < 8; ++i) output.data[i] = (uint8_t)(value >> 8 * i);
    return status;
}

static rvm_status mark(const void* self, rvm_frame* frame, rvm_word* args, uint64_t immediate) {
    (void)self, (void)immediate;
    const rvm_u256 key = number(args[0]), value = number(now());
    rvm_slot_write write;
    args[0] = value.limbs[0];
    return state->sstore(frame, &key, &value, 0, &write);
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
static const rvm_syscall act_syscall = {
    .struct_size = sizeof(rvm_syscall),
    .flags = RVM_F_EXTERNAL | RVM_F_READS_STATE | RVM_F_WRITES_STATE | RVM_F_MAY_CALL | RVM_F_CHARGES,
    .id = "outside.act",
    .summary = "does everything an item may do, around a call of the address in its input",
    .gas = &price,
    .max_output = 8,
    .run = act,
};
static const rvm_opcode mark_opcode = {
    .struct_size = sizeof(rvm_opcode),
    .flags = RVM_F_EXTERNAL | RVM_F_WRITES_STATE,
    .id = "outside.mark",
    .mnemonic = "outside.mark",
    .summary = "key -> a number that is never the same, which is in the slot now",
    .gas = 10,
    .pops = 1,
    .pushes = 1,
    .run = mark,
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
    {RVM_KIND_SYSCALL, &tick_syscall}, {RVM_KIND_OPCODE, &roll_opcode}, {RVM_KIND_SYSCALL, &act_syscall},
    {RVM_KIND_OPCODE, &mark_opcode}, {RVM_KIND_OPCODE, &square_opcode}, {NULL, NULL}};
static const char* const provides[] = {"rvm.opcode/1:outside.mark", "rvm.opcode/1:outside.roll", "rvm.opcode/1:twist.square",
                                       "rvm.syscall/1:outside.act", "rvm.syscall/1:outside.tick", NULL};

#define PLUGIN_NAME "Outside"
#define PLUGIN_DESCRIPTION "Answers that are never the same, for the tests"
#define PLUGIN_CREATED(host)                                                                                                       \
    state = (const rvm_host_state*)(host)->get_interface((host)->ctx, RVM_HOST_STATE),                                            \
    vm = (const rvm_host_vm*)(host)->get_interface((host)->ctx, RVM_HOST_VM)
#include "../plugin_tail.h"
