// What an execution did, for people and for machines.
#pragma once

#include "verbs/session.hpp"

namespace rvm::evm {

/// The reason in the output of a revert: Solidity's Error(string) and Panic(uint256); empty when it is neither.
[[nodiscard]] std::string revert_reason(const Bytes& output);

[[nodiscard]] std::string report_text(const Execution& execution, const EvmOptions& options);
[[nodiscard]] std::string report_json(const Execution& execution, const EvmOptions& options);

} // namespace rvm::evm
