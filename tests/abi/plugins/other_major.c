/* Built for ABI major 9, although the symbol says 0. */
#define ENTRY_MAJOR 9u
#include "plugin_base.h"
