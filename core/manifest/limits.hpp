// Limits of native rvm programs: one table gives the name, range and default of each.
#pragma once

#include <cstdint>

namespace rvm::manifest {

/// How strictly a deployment is judged. The order is from the most permissive to the strictest.
enum class Profile : std::uint8_t {
    development, ///< one person's machine: directory discovery, ownership findings are warnings, RVM_PLUGIN_PATH
    standard,    ///< a service: everything is checked, nothing has to agree with other nodes
    consensus,   ///< every node must agree: listed plugins only, each trusted, nothing EXTERNAL
};

// RVM_NATIVE_LIMIT(name, lowest, highest, default, meaning)
//   The defaults are the same in every profile: programs that run in development run in production.
//   memory_bytes        one 64 KiB page up to 1 GiB; 16 MiB is the budget of one execution over all its frames
//   call_depth          nested frames over all formats, as the EVM's
//   native_stack_bytes  C stack for one execution; the host proves at start that call_depth frames fit
//   output_bytes        return or revert data of one frame
//   gas                 highest budget of one execution; a frame counts in a signed 64-bit integer
#define RVM_NATIVE_LIMITS(LIMIT)                                                                                       \
    LIMIT(memory_bytes, 65536, 1073741824, 16777216, "linear memory of one execution over all frames")                 \
    LIMIT(call_depth, 1, 4096, 1024, "nested frames of one execution, over all formats")                               \
    LIMIT(native_stack_bytes, 1048576, 1073741824, 268435456, "native stack of one execution")                         \
    LIMIT(output_bytes, 0, 16777216, 1048576, "return or revert data of one frame")                                    \
    LIMIT(gas, 1, 9223372036854775807, 9223372036854775807, "highest gas budget of one execution")

/// The limits of one deployment; every value lies in its range of RVM_NATIVE_LIMITS.
struct NativeLimits {
#define RVM_NATIVE_LIMIT_FIELD(name, lowest, highest, standard, meaning) std::uint64_t name = standard##ULL;
    RVM_NATIVE_LIMITS(RVM_NATIVE_LIMIT_FIELD)
#undef RVM_NATIVE_LIMIT_FIELD

    [[nodiscard]] bool operator==(const NativeLimits&) const = default;
};

} // namespace rvm::manifest
