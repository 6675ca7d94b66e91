#include "manifest/limits.hpp"

namespace rvm::manifest {

NativeLimits NativeLimits::defaults(Profile profile) noexcept {
    NativeLimits limits;
    if (profile == Profile::development) {
#define RVM_NATIVE_LIMIT_DEFAULT(name, lowest, highest, strict, development, meaning) limits.name = development##ULL;
        RVM_NATIVE_LIMITS(RVM_NATIVE_LIMIT_DEFAULT)
#undef RVM_NATIVE_LIMIT_DEFAULT
    }
    return limits;
}

} // namespace rvm::manifest
