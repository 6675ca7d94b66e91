// Lets an exception out of contributions.
#include <stdexcept>
#define ON_CONTRIBUTIONS throw std::runtime_error("out of contributions");
#include "bad.h"
