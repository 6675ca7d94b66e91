/* A plugin as it should be. */
#include "plugin_base.h"
