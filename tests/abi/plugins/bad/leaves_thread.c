/* Starts a thread that nobody joins. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <unistd.h>
static void* sleeper(void* nothing) {
    (void)sleep(600);
    return nothing;
}
static int started;
#define ON_CREATE                                                                                                      \
    pthread_t thread;                                                                                                  \
    if (!started) started = pthread_create(&thread, NULL, sleeper, NULL) == 0;
#include "bad.h"
