// The command line of `rvm evm`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "verbs/text.hpp"

namespace rvm::evm {

inline constexpr std::int64_t kDefaultGas = 30'000'000;

struct EvmOptions {
    std::string code; ///< hex digits, a file's name, or "-"
    Bytes input;
    std::int64_t gas = kDefaultGas;
    std::string rules; ///< "evm/osaka"
    rvm_address sender{};
    rvm_address receiver{};
    rvm_u256 value{};
    std::string prestate;                                ///< file; empty: none
    std::vector<std::pair<std::string, rvm_u256>> block; ///< environment words by name
    std::string tracer;                                  ///< id; empty: none
    bool create = false, dump = false, json = false, bench = false, help = false, disassemble = false;
};

/// Throws VerbError. `json` may also have been asked for globally.
[[nodiscard]] EvmOptions parse_evm_options(std::int32_t argc, const char* const* argv);

[[nodiscard]] const char* evm_help() noexcept;

} // namespace rvm::evm
