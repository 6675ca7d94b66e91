/* <<name>>: an execution format. Code is three magic bytes and instructions on a stack of 64-bit words. */
#include <rvm/plugin.h>

#include <stdio.h>
#include <string.h>

#define STACK 16
#define WORD 32 /* bytes of the result */
static const uint8_t magic[] = {0xc0, 0xde, 0x01};
enum { END, PUSH, ADD, MUL, COUNT };
static const char* const names[COUNT] = {"end", "push", "add", "mul"};

/* What one frame keeps: its result stays where the host can read it after execute() has returned. */
struct scratch {
    uint8_t output[WORD];
};

static uint32_t probe(const void* self, rvm_view code) {
    (void)self;
    const int ours = code.size >= sizeof magic && memcmp(code.data, magic, sizeof magic) == 0;
    return ours ? RVM_PROBE_YES : RVM_PROBE_NO;
}

/* Everything that execute() need not check again: known instructions, whole immediates, stack heights, an end. [any] */
static rvm_status compile(const void* self, rvm_view code, uint32_t rules, uint32_t tier, rvm_artifact** out,
                          rvm_error* error) {
    (void)rules;
    (void)tier;
    *out = NULL; /* the code itself is all execute() needs */
    if (probe(self, code) != RVM_PROBE_YES) return RVM_TRAP_INVALID_CODE;
    unsigned height = 0;
    uint64_t at = sizeof magic;
    while (at < code.size) {
        const uint8_t opcode = code.data[at++];
        if (opcode == END && height >= 1) return RVM_OK;
        if (opcode == PUSH && at < code.size && height < STACK) {
            ++at;
            ++height;
        } else if ((opcode == ADD || opcode == MUL) && height >= 2) {
            --height;
        } else {
            break;
        }
    }
    if (error != NULL)
        snprintf(error->message, sizeof error->message, "no valid instruction before byte %llu", (unsigned long long)at);
    return RVM_TRAP_INVALID_CODE;
}

static void release(const void* self, rvm_artifact* artifact) {
    (void)self;
    (void)artifact;
}

/* Runs one frame to its end. One gas an instruction, paid before it. [frame] */
static rvm_status execute(const void* self, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) {
    (void)self;
    (void)artifact;
    uint64_t stack[STACK];
    unsigned height = 0;
    const uint8_t* code = frame->program.data;
    for (uint64_t at = sizeof magic;;) {
        result->fault_position = at;
        const rvm_status paid = rvm_charge(frame, 1);
        if (paid != RVM_OK) return paid;
        switch (code[at++]) {
        case PUSH:
            stack[height++] = code[at++];
            break;
        case ADD:
            --height;
            stack[height - 1] += stack[height];
            break;
        case MUL:
            --height;
            stack[height - 1] *= stack[height];
            break;
        default: { /* END */
            struct scratch* scratch = frame->scratch;
            const rvm_u256 value = {{stack[height - 1], 0, 0, 0}};
            rvm_u256_to_bytes(&value, scratch->output, WORD);
            result->output.data = scratch->output;
            result->output.size = WORD;
            return RVM_OK;
        }
        }
    }
}

/* Code that a creation leaves behind must be valid; 200 gas a byte, as Ethereum has it. [frame] */
static rvm_status deployed(const void* self, rvm_frame* frame, rvm_view* code, const char** format) {
    (void)format;
    rvm_artifact* artifact = NULL;
    const rvm_status valid = code->size == 0 ? RVM_OK : compile(self, *code, 0, RVM_TIER_COLD, &artifact, NULL);
    return valid == RVM_OK ? rvm_charge(frame, 200 * code->size) : valid;
}

/* One instruction as text; returns the bytes it takes, 0 at the end. [any] */
static uint64_t disassemble(const void* self, rvm_view code, uint64_t at, char* text, uint64_t size) {
    (void)self;
    if (at >= code.size || size == 0) return 0;
    if (at == 0 && code.size >= sizeof magic) {
        snprintf(text, size, "<<name>>");
        return sizeof magic;
    }
    const uint8_t opcode = code.data[at];
    if (opcode == PUSH && at + 1 < code.size) {
        snprintf(text, size, "push %u", (unsigned)code.data[at + 1]);
        return 2;
    }
    snprintf(text, size, "%s", opcode < COUNT ? names[opcode] : "invalid");
    return 1;
}

static const char* const rules[] = {"<<name>>/1", NULL};

static const rvm_format item = {
    .struct_size = sizeof(rvm_format),
    .id = "<<name>>",
    .summary = "sums and products of bytes",
    .rules = rules,
    .units_per_gas = 1,
    .scratch_bytes = sizeof(struct scratch),
    .native_stack_per_frame = 1024, /* execute() keeps 16 words */
    .probe = probe,
    .compile = compile,
    .release = release,
    .execute = execute,
    .deployed = deployed,
    .disassemble = disassemble,
};

<<tail>>
