/* The binary is as it should be; its sidecar claims another version. */
#include "bad.h"
