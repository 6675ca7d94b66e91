/* A planted plugin with one service; the file before defines ON_START and ON_STOP. */
#include <rvm/plugin.h>
#include <unistd.h>

#ifndef ON_START
#define ON_START
#endif
static rvm_status service_start(void* self, rvm_error* error) {
    (void)self, (void)error;
    ON_START
    return RVM_OK;
}
static rvm_status service_stop(void* self, uint64_t deadline_ms, rvm_error* error) {
    (void)self, (void)deadline_ms, (void)error;
    ON_STOP
    return RVM_OK;
}
static const rvm_service bad_service = {
    sizeof(rvm_service), 0, "test.bad", "a service", NULL, service_start, service_stop, NULL,
};
#define ITEM {RVM_KIND_SERVICE, &bad_service}
#define PROVIDES "rvm.service/1:test.bad"
#include "bad.h"
