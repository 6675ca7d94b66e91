// Random programs of the three formats. All of them end, most of them by success.
#pragma once

#include <cstdint>
#include <vector>

#include <rvm/plugin.h>

#include "random.hpp"

namespace rvm::determinism {

using Code = std::vector<std::uint8_t>;

/// Addresses that programs name: accounts of the corpus and a few that do not exist.
using Targets = std::vector<rvm_address>;

[[nodiscard]] Code native_program(Random& random, const Targets& targets);
[[nodiscard]] Code evm_program(Random& random, const Targets& targets);
[[nodiscard]] Code toy_program(Random& random, const Targets& targets);
/// Init code of the mini EVM that deploys a program of it.
[[nodiscard]] Code evm_init_code(Random& random, const Targets& targets);
/// Init code of the toy that deploys a program of it.
[[nodiscard]] Code toy_init_code(Random& random, const Targets& targets);

} // namespace rvm::determinism
