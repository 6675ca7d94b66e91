/* The entry says it is smaller than the host's. */
#define ENTRY_SIZE 16u
#include "plugin_base.h"
