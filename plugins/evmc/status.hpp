// Between the statuses of plugin.h and those of EVMC.
#pragma once

#include <rvm/plugin.h>

#include "evmc_abi.h"

namespace rvm::evmc {

/// How a frame of a virtual machine ended, for the host. An unknown code is a broken virtual machine.
[[nodiscard]] constexpr rvm_status to_rvm(StatusCode code) noexcept {
    switch (code) {
    case StatusCode::success:
        return RVM_OK;
    case StatusCode::revert:
        return RVM_TRAP_REVERT;
    case StatusCode::out_of_gas:
        return RVM_TRAP_OUT_OF_GAS;
    case StatusCode::failure:
    case StatusCode::invalid_instruction:
    case StatusCode::undefined_instruction:
    case StatusCode::bad_jump_destination:
    case StatusCode::wasm_unreachable:
    case StatusCode::wasm_trap:
        return RVM_TRAP_ILLEGAL;
    case StatusCode::stack_overflow:
    case StatusCode::stack_underflow:
        return RVM_TRAP_STACK;
    case StatusCode::invalid_memory_access:
        return RVM_TRAP_MEMORY;
    case StatusCode::call_depth_exceeded:
        return RVM_TRAP_DEPTH;
    case StatusCode::static_mode_violation:
        return RVM_TRAP_STATIC;
    case StatusCode::precompile_failure:
        return RVM_TRAP_CRYPTO;
    case StatusCode::contract_validation_failure:
        return RVM_TRAP_INVALID_CODE;
    case StatusCode::argument_out_of_range:
        return RVM_TRAP_LIMIT;
    case StatusCode::insufficient_balance:
        return RVM_TRAP_BALANCE;
    case StatusCode::rejected:
        return RVM_E_UNSUPPORTED;
    case StatusCode::out_of_memory:
        return RVM_E_NO_MEMORY;
    case StatusCode::internal_error:
        break;
    }
    return RVM_E_INTERNAL;
}

/// How a nested call or a frame ended, for the other side. A light failure keeps its gas, which EVMC allows a revert
/// only.
[[nodiscard]] constexpr StatusCode to_evmc(rvm_status status) noexcept {
    switch (status) {
    case RVM_OK:
        return StatusCode::success;
    case RVM_TRAP_REVERT:
    case RVM_TRAP_DEPTH:
    case RVM_TRAP_BALANCE:
    case RVM_TRAP_NONCE:
        return StatusCode::revert;
    case RVM_TRAP_OUT_OF_GAS:
        return StatusCode::out_of_gas;
    case RVM_TRAP_STACK:
        return StatusCode::stack_overflow;
    case RVM_TRAP_MEMORY:
        return StatusCode::invalid_memory_access;
    case RVM_TRAP_STATIC:
        return StatusCode::static_mode_violation;
    case RVM_TRAP_INVALID_CODE:
        return StatusCode::contract_validation_failure;
    case RVM_TRAP_ILLEGAL:
        return StatusCode::invalid_instruction;
    case RVM_TRAP_CRYPTO:
        return StatusCode::precompile_failure;
    case RVM_TRAP_LIMIT:
        return StatusCode::argument_out_of_range;
    case RVM_E_NO_MEMORY:
        return StatusCode::out_of_memory;
    default:
        return status > 0 ? StatusCode::failure : StatusCode::internal_error;
    }
}

} // namespace rvm::evmc
