/* The entry's magic number is wrong. */
#define ENTRY_MAGIC 0x12345678u
#include "plugin_base.h"
