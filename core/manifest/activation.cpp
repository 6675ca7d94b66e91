// Heights at which a deployment's rules and prices change.
#include <algorithm>

#include "manifest/manifest.hpp"

namespace rvm::manifest {

std::uint32_t Chain::period_of(std::uint64_t height) const noexcept {
    const auto later = std::ranges::upper_bound(activations, height, {}, &Activation::height);
    return static_cast<std::uint32_t>(later - activations.begin());
}

std::uint32_t Chain::price_period_of(std::uint32_t period) const noexcept {
    const auto changes = std::ranges::count_if(activations.begin(), activations.begin() + period,
                                               [](const Activation& one) { return !one.gas.empty(); });
    return static_cast<std::uint32_t>(changes);
}

std::optional<std::size_t> Chain::rules_since(std::uint32_t period, std::string_view format) const noexcept {
    for (std::size_t i = period; i-- > 0;)
        if (activations[i].rules.contains(format)) return i;
    return std::nullopt;
}

GasOverride Chain::prices_in(std::uint32_t period, std::string_view item) const noexcept {
    GasOverride prices;
    for (std::size_t i = 0; i < period; ++i) {
        const auto found = activations[i].gas.find(item);
        if (found == activations[i].gas.end()) continue;
        if (found->second.base) prices.base = found->second.base;
        if (found->second.per_unit) prices.per_unit = found->second.per_unit;
    }
    return prices;
}

} // namespace rvm::manifest
