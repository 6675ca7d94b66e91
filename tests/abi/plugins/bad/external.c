/* Says itself that it is not deterministic: nothing for a consensus deployment. */
#define FLAGS RVM_F_EXTERNAL
#include "bad.h"
