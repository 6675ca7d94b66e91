/* <<name>>: a tracer that counts frames and instructions. A tracer observes: it cannot change gas, state or result. */
#include <rvm/plugin.h>

#include <stdio.h>
#include <stdlib.h>

/* One execution. The host gives it back with every event, so two threads never mix. */
struct counts {
    uint64_t frames, instructions, traps;
    char text[128];
};

static rvm_status begin(void* self, const char* config_json, uint64_t execution_id, void** cookie) {
    (void)self;
    (void)config_json;
    (void)execution_id;
    *cookie = calloc(1, sizeof(struct counts));
    return *cookie == NULL ? RVM_E_NO_MEMORY : RVM_OK;
}

static void end(void* self, void* cookie, const rvm_result* result) {
    (void)self;
    (void)result;
    free(cookie);
}

static void enter(void* self, void* cookie, uint64_t frame_id, const rvm_message* message, const char* format) {
    (void)self;
    (void)frame_id;
    (void)message;
    (void)format;
    ++((struct counts*)cookie)->frames;
}

static void op(void* self, void* cookie, uint64_t frame_id, const rvm_op_event* event) {
    (void)self;
    (void)frame_id;
    (void)event;
    ++((struct counts*)cookie)->instructions;
}

static void fault(void* self, void* cookie, uint64_t frame_id, const rvm_op_event* event, rvm_status status) {
    (void)self;
    (void)frame_id;
    (void)event;
    (void)status;
    ++((struct counts*)cookie)->traps;
}

static rvm_status text(void* self, void* cookie, rvm_view* out) {
    struct counts* counts = cookie;
    (void)self;
    const int size = snprintf(counts->text, sizeof counts->text, "frames %llu, instructions %llu, traps %llu\n",
                              (unsigned long long)counts->frames, (unsigned long long)counts->instructions,
                              (unsigned long long)counts->traps);
    out->data = (const uint8_t*)counts->text; /* valid until `end` */
    out->size = (uint64_t)size;
    return RVM_OK;
}

static const rvm_tracer item = {
    .struct_size = sizeof(rvm_tracer),
    .interest = RVM_TRACE_FRAME | RVM_TRACE_OP, /* OP instantiates the traced loops, which are slower */
    .id = "<<name>>",
    .summary = "counts frames and instructions",
    .begin = begin,
    .end = end,
    .enter = enter,
    .op = op,
    .fault = fault,
    .text = text,
};

<<tail>>
