#include "curves/path.hpp"

#if RVM_CURVES_ADX
#include <cpuid.h>
#endif

namespace rvm::curves {
namespace {

bool detect_adx() noexcept {
#if RVM_CURVES_ADX
    // Intel SDM vol. 2, CPUID leaf 7, subleaf 0: EBX bit 8 is BMI2 (MULX), bit 19 is ADX.
    constexpr unsigned features_leaf = 7;
    constexpr unsigned bmi2 = 1u << 8u;
    constexpr unsigned adx = 1u << 19u;
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    return __get_cpuid_count(features_leaf, 0, &a, &b, &c, &d) != 0 && (b & bmi2) != 0 && (b & adx) != 0;
#else
    return false;
#endif
}

} // namespace

bool available(Path path) noexcept {
    static const bool has_adx = detect_adx();
    return path == Path::portable || has_adx;
}

Path best_path() noexcept { return available(Path::adx) ? Path::adx : Path::portable; }

} // namespace rvm::curves
