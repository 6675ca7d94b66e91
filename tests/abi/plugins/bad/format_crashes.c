/* A format that believes an offset in the code. */
#include <rvm/plugin.h>
static uint32_t probe(const void* self, rvm_view code) {
    (void)self, (void)code;
    return RVM_PROBE_FALLBACK;
}
static rvm_status compile(const void* self, rvm_view code, uint32_t rules, uint32_t tier, rvm_artifact** out, rvm_error* error) {
    (void)self, (void)rules, (void)tier, (void)error;
    *out = (rvm_artifact*)(uintptr_t)code.data;
    return RVM_OK;
}
static void release(const void* self, rvm_artifact* artifact) { (void)self, (void)artifact; }
static rvm_status execute(const void* self, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) {
    const uint8_t* code = (const uint8_t*)artifact;
    (void)self, (void)result, (void)code;
    if (code[0] == 0x80) return *(const volatile uint8_t*)((uintptr_t)1 << 60) != 0 ? RVM_OK : RVM_TRAP_ILLEGAL;
    frame->gas -= 1;
    return RVM_OK;
}
static rvm_status deployed(const void* self, rvm_frame* frame, rvm_view* code, const char** format) {
    (void)self, (void)frame, (void)code, (void)format;
    return RVM_OK;
}
static const char* const rules[] = {"test.bad/rules", NULL};
static const rvm_format item = {
    sizeof(rvm_format), 0, "test.bad", "bad", rules, NULL, 1, 0, 4096, NULL, probe, compile, release, execute, NULL, deployed,
    NULL, NULL, NULL, NULL, NULL, NULL,
};
#define ITEM {RVM_KIND_FORMAT, &item}
#define PROVIDES "rvm.format/1:test.bad"
#include "bad.h"
