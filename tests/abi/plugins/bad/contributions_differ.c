/* Offers something else when it is asked again. */
#include <rvm/plugin.h>
static int asked;
static const rvm_contribution nothing[] = {{NULL, NULL}};
#define ON_CONTRIBUTIONS                                                                                               \
    if (++asked % 2 == 0) return nothing;
#include "bad.h"
