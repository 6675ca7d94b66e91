// Lets an exception out of create.
#include <stdexcept>
#define ON_CREATE throw std::runtime_error("out of create");
#include "bad.h"
