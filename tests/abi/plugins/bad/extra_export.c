/* Exports a helper besides its entry. */
#include "bad.h"
RVM_EXPORT int bad_helper(void);
int bad_helper(void) { return 1; }
