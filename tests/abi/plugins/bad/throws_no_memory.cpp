// Lets the exception of a failed allocation leave create.
#include <cstdlib>
static char* volatile kept;
#define ON_CREATE kept = new char[100];
#define ON_DESTROY delete[] kept; kept = nullptr;
#include "bad.h"
