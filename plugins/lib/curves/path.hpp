// The two ways to compute in a field, chosen once at run time.
#pragma once

// Whether this build has the code with MULX, ADCX and ADOX. Without optimization compilers leave too few registers to
// its assembly; Path::adx then computes as Path::portable does.
#if defined(__x86_64__) && defined(__OPTIMIZE__)
#define RVM_CURVES_ADX 1
#else
#define RVM_CURVES_ADX 0
#endif

namespace rvm::curves {

/// portable: 128-bit integers of the compiler. adx: MULX, ADCX and ADOX (x86-64 with BMI2 and ADX), in inline assembly,
/// so that the rest of the program needs no such processor. Only an available() path may be taken: the processor stops
/// the program at an instruction that it lacks.
enum class Path { portable, adx };

/// True when this build and this processor can take the path. Any thread.
[[nodiscard]] bool available(Path path) noexcept;

/// adx where available, else portable.
[[nodiscard]] Path best_path() noexcept;

} // namespace rvm::curves
