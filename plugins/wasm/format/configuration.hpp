// What a deployment says about wasm in its manifest.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hosts/wasi/tree.hpp"
#include "module/features.hpp"

namespace rvm::wasm::format {

struct Configuration {
    /// Rule sets of the format, the last is the default; ended by a null. Those of modules on their own (`alone/`) come first.
    static constexpr const char* rules[] = {
        "wasm/alone-core1", "wasm/alone-core2-without-vectors", "wasm/alone-core2", "wasm/alone",
        "wasm/core1",       "wasm/core2",                       "wasm/1",           nullptr};
    [[nodiscard]] static constexpr bool is_alone(std::uint32_t rule_set) noexcept { return rule_set < 4; }

    std::vector<Feature> without; ///< of what the rules allow
    bool wasi = false;            ///< granted
    std::vector<std::string> arguments{"program"};
    std::vector<std::string> environment;
    std::shared_ptr<const wasi::Tree> folder;

    /// What modules may use under these rules (an index into `rules`). For a module on its own `without` does not count:
    /// it may use what its rules allow, in every deployment.
    [[nodiscard]] Features features(std::uint32_t rule_set) const noexcept;
};

/// From the JSON that satisfies config.schema.json. Throws std::invalid_argument.
[[nodiscard]] Configuration read_configuration(std::string_view json);

} // namespace rvm::wasm::format
