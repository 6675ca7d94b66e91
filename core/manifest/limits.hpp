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

// RVM_NATIVE_LIMIT(name, lowest, highest, default in consensus and standard, default in development, meaning)
//   Programs that run in development run in production: the defaults differ only where debug information needs room.
//   memory_bytes        one 64 KiB page up to 1 GiB; 16 MiB is the budget of one execution over all its frames
//   stack_words         operand stack of one frame, as deep as the EVM's
//   function_depth      calls between functions of one program; each costs a return record, not native stack
//   call_depth          nested frames over all formats, as the EVM's
//   native_stack_bytes  C stack for one execution; the host proves at start that call_depth frames fit
//   code_bytes          twice the EVM's limit (EIP-170): 64-bit code is less dense; debug lines need more
//   input_bytes         message data of one frame
//   output_bytes        return or revert data of one frame
//   log_count           logs of one execution
//   log_bytes           data of all logs of one execution
//   gas                 highest budget of one execution; a frame counts in a signed 64-bit integer
#define RVM_NATIVE_LIMITS(LIMIT)                                                                                       \
    LIMIT(memory_bytes, 65536, 1073741824, 16777216, 16777216, "linear memory of one execution over all frames")       \
    LIMIT(stack_words, 16, 65536, 1024, 1024, "operand stack of one frame, in 64-bit words")                           \
    LIMIT(function_depth, 1, 65536, 1024, 1024, "nested function calls inside one frame")                              \
    LIMIT(call_depth, 1, 4096, 1024, 1024, "nested frames of one execution, over all formats")                         \
    LIMIT(native_stack_bytes, 1048576, 1073741824, 268435456, 268435456, "native stack of one execution")              \
    LIMIT(code_bytes, 64, 16777216, 49152, 1048576, "size of one program's container")                                 \
    LIMIT(input_bytes, 0, 16777216, 1048576, 1048576, "input of one message")                                          \
    LIMIT(output_bytes, 0, 16777216, 1048576, 1048576, "return or revert data of one frame")                           \
    LIMIT(log_count, 0, 1048576, 4096, 4096, "logs of one execution")                                                  \
    LIMIT(log_bytes, 0, 16777216, 1048576, 1048576, "data of all logs of one execution")                               \
    LIMIT(gas, 1, 9223372036854775807, 9223372036854775807, 9223372036854775807, "highest gas budget of one execution")

/// The limits of one deployment; every value lies in its range of RVM_NATIVE_LIMITS.
struct NativeLimits {
#define RVM_NATIVE_LIMIT_FIELD(name, lowest, highest, strict, development, meaning) std::uint64_t name = strict##ULL;
    RVM_NATIVE_LIMITS(RVM_NATIVE_LIMIT_FIELD)
#undef RVM_NATIVE_LIMIT_FIELD

    /// What a manifest of `profile` gets for the limits it does not name.
    [[nodiscard]] static NativeLimits defaults(Profile profile) noexcept;
    [[nodiscard]] bool operator==(const NativeLimits&) const = default;
};

} // namespace rvm::manifest
