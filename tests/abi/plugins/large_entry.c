/* The entry of a later minor: larger than the host knows. */
#define ENTRY_SIZE (sizeof(rvm_entry) + 64u)
#include "plugin_base.h"
