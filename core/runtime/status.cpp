#include <rvm/runtime.hpp>

namespace rvm {

std::string_view status_name(rvm_status status) noexcept {
    switch (status) {
    case RVM_OK:
        return "ok";
    case RVM_TRAP_REVERT:
        return "revert";
    case RVM_TRAP_OUT_OF_GAS:
        return "out of gas";
    case RVM_TRAP_STACK:
        return "stack overflow or underflow";
    case RVM_TRAP_MEMORY:
        return "memory access out of range";
    case RVM_TRAP_STATIC:
        return "state change in a static call";
    case RVM_TRAP_DEPTH:
        return "call depth limit";
    case RVM_TRAP_INVALID_CODE:
        return "invalid code";
    case RVM_TRAP_ILLEGAL:
        return "illegal instruction";
    case RVM_TRAP_BALANCE:
        return "insufficient balance";
    case RVM_TRAP_CRYPTO:
        return "malformed cryptographic input";
    case RVM_TRAP_NONCE:
        return "nonce overflow";
    case RVM_TRAP_COLLISION:
        return "address collision";
    case RVM_TRAP_ARITHMETIC:
        return "arithmetic error";
    case RVM_TRAP_LIMIT:
        return "limit exceeded";
    case RVM_E_UNSUPPORTED:
        return "host failure: unsupported";
    case RVM_E_INVALID_ARGUMENT:
        return "host failure: invalid argument";
    case RVM_E_CONFIG:
        return "host failure: configuration";
    case RVM_E_NOT_FOUND:
        return "host failure: not found";
    case RVM_E_NO_MEMORY:
        return "host failure: out of memory";
    case RVM_E_IO:
        return "host failure: i/o";
    case RVM_E_INTERNAL:
        return "host failure: internal";
    case RVM_E_EXCEPTION:
        return "host failure: exception in a plugin";
    case RVM_E_BUFFER_TOO_SMALL:
        return "host failure: buffer too small";
    case RVM_E_RETRY:
        return "host failure: retry";
    case RVM_E_CANCELLED:
        return "cancelled";
    default:
        return "host failure: unknown status";
    }
}

} // namespace rvm
