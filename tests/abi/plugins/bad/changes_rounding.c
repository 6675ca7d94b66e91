/* Rounds towards zero from the moment it is loaded. */
#include <fenv.h>
__attribute__((constructor)) static void prepare(void) { (void)fesetround(FE_TOWARDZERO); }
#include "bad.h"
