// Why a frame halted: the format's own fault codes.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::evm {

enum class Fault : std::uint32_t {
    none,
#define RVM_EVM_FAULT(name, status, text) name,
#include "faults.def"
#undef RVM_EVM_FAULT
};

[[nodiscard]] constexpr rvm_status status_of(Fault fault) noexcept {
    switch (fault) {
#define RVM_EVM_FAULT(name, status, text)                                                                              \
    case Fault::name:                                                                                                  \
        return status;
#include "faults.def"
#undef RVM_EVM_FAULT
    default:
        return RVM_OK;
    }
}

/// Text for people; NULL when unknown.
[[nodiscard]] constexpr const char* fault_text(std::uint32_t detail) noexcept {
    switch (static_cast<Fault>(detail)) {
#define RVM_EVM_FAULT(name, status, text)                                                                              \
    case Fault::name:                                                                                                  \
        return text;
#include "faults.def"
#undef RVM_EVM_FAULT
    default:
        return nullptr;
    }
}

} // namespace rvm::evm
