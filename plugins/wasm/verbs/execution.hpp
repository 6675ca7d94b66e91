// A module run as an execution of a world: whoever records worlds records it.
#pragma once

#include <span>
#include <string>

#include <rvm/plugin.h>

#include "alone/invocation.hpp"
#include "alone/outcome.hpp"

namespace rvm::wasm::verbs {

/// Where worlds come from.
struct Worlds {
    rvm_host_ctx* ctx = nullptr;
    const rvm_host_world* table = nullptr;
};

/// The rule set for a value of --features, which was looked at before.
[[nodiscard]] const char* rules_named(const std::string& features) noexcept;

struct Code {
    std::string path; ///< for messages
    std::span<const std::uint8_t> bytes;
    const char* rules;
};

struct Ended {
    alone::Outcome outcome;
    std::uint64_t gas_used = 0;
    std::uint64_t position = 0; ///< of a trap: byte of the module; 0: in no function
};

/// Makes `code` an account of a new ephemeral world and calls it. Throws Refusal when the deployment refuses the module
/// or the gas, std::runtime_error for a failure of the host.
[[nodiscard]] Ended execute(const Worlds& worlds, const Code& code, const alone::Invocation& call, std::int64_t gas);

} // namespace rvm::wasm::verbs
