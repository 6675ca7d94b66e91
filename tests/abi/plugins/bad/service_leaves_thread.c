/* A service that forgets to join its thread. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>
static void* work(void* unused) {
    (void)unused;
    sleep(600);
    return NULL;
}
static pthread_t thread;
#define ON_START pthread_create(&thread, NULL, work, NULL);
#define ON_STOP
#include "bad_service.h"
