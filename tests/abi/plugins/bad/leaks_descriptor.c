/* Leaves a descriptor open. */
#include <fcntl.h>
static volatile int left;
#define ON_CREATE left = open("/dev/null", O_RDONLY);
#include "bad.h"
