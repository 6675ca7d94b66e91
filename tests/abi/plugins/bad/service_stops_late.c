/* A service that takes longer to stop than it was given. */
#define _POSIX_C_SOURCE 200809L
#define ON_STOP sleep(2);
#include "bad_service.h"
