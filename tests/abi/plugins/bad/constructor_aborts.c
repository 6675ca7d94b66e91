/* Ends the process while it is loaded. */
#include <stdlib.h>
__attribute__((constructor)) static void prepare(void) { abort(); }
#include "bad.h"
