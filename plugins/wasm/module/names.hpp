// Names for people: of functions and instructions, in traces, messages and listings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "module/module.hpp"

namespace rvm::wasm {

/// Names of a module's functions, which are looked up once for all of them. The module outlives it.
class FunctionNames {
  public:
    explicit FunctionNames(const Module& module);
    /// From the name section, else the function's first export or its import, else "function 7". Of a broken name
    /// section counts what comes before the break.
    [[nodiscard]] std::string of(std::uint32_t function) const;

  private:
    std::vector<std::string_view> names_; ///< of the section or exports; empty: none
    std::vector<const Import*> imports_;  ///< of functions
};

/// The function whose body holds this byte of the module; UINT32_MAX: none.
[[nodiscard]] std::uint32_t function_at(const Module& module, std::uint64_t offset) noexcept;

} // namespace rvm::wasm
