/* Asks for an executable stack. The linker is told so. */
#include "bad.h"
