/* Takes it for granted that there is memory. */
#include <stdlib.h>
static volatile char* volatile kept;
#define ON_CREATE                                                                                                      \
    kept = (volatile char*)malloc(100);                                                                                \
    kept[0] = 1;
#define ON_DESTROY free((void*)kept), kept = NULL;
#include "bad.h"
