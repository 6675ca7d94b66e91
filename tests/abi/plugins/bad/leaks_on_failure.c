/* Forgets the first block when there is no memory for the second. */
#include <stdlib.h>
static void *volatile first, *volatile second;
#define ON_CREATE                                                                                                      \
    first = malloc(100);                                                                                               \
    if (first == NULL) return RVM_E_NO_MEMORY;                                                                         \
    second = malloc(100);                                                                                              \
    if (second == NULL) return RVM_E_NO_MEMORY;
#define ON_DESTROY free(first), free(second), first = second = NULL;
#include "bad.h"
