/* Exports a helper besides its entry. */
#include "plugin_base.h"
RVM_EXPORT int test_helper(void);
int test_helper(void) { return 1; }
