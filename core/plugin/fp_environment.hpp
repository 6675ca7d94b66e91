// The floating-point environment of the calling thread, as far as it changes results: rounding, exception masks,
// flush-to-zero. Status flags (which exceptions happened) are left out: every operation sets them.
#pragma once

#include <cfenv>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace rvm::plugin {

class FpEnvironment {
  public:
    /// The calling thread's current setting.
    [[nodiscard]] static FpEnvironment current() noexcept {
        FpEnvironment now;
#if defined(__x86_64__)
        now.mxcsr_ = _mm_getcsr() & ~mxcsr_status;
        asm volatile("fnstcw %0" : "=m"(now.x87_));
#else
        now.rounding_ = std::fegetround();
#endif
        return now;
    }
    /// Makes this the calling thread's setting; status flags are cleared.
    void restore() const noexcept {
#if defined(__x86_64__)
        _mm_setcsr(mxcsr_);
        asm volatile("fldcw %0" : : "m"(x87_));
#else
        std::fesetround(rounding_);
#endif
    }
    [[nodiscard]] bool operator==(const FpEnvironment&) const noexcept = default;
    [[nodiscard]] std::string text() const {
#if defined(__x86_64__)
        return fmt::format("MXCSR {:#06x}, x87 {:#06x}", mxcsr_, x87_);
#else
        return fmt::format("rounding mode {}", rounding_);
#endif
    }

  private:
#if defined(__x86_64__)
    static constexpr std::uint32_t mxcsr_status = 0x3f; // Intel SDM volume 1, 10.2.3: bits 0 to 5 are sticky flags
    std::uint32_t mxcsr_ = 0;
    std::uint16_t x87_ = 0;
#else
    int rounding_ = 0;
#endif
};

} // namespace rvm::plugin
