/* Forgets what it allocates in create. */
#include <stdlib.h>
static void* volatile lost;
#define ON_CREATE lost = malloc(100);
#include "bad.h"
