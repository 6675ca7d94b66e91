/* Runs for nothing. */
#define GAS 0
#include "bad.h"
