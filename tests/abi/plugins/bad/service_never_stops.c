/* A service whose stop does not return. */
#define _POSIX_C_SOURCE 200809L
#define ON_STOP for (;;) sleep(1);
#include "bad_service.h"
