/* Redirects the search for libraries. The linker is told so. */
#include "bad.h"
