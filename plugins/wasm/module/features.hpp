// Which parts of WebAssembly a deployment allows. Rules of consensus fix the set; nothing else may depend on it.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace rvm::wasm {

/// One proposal, named as in the column `feature` of opcodes.def. core1 is what every module may use.
enum class Feature : std::uint8_t {
    core1,
    sign_extension,      ///< 2.0: i32.extend8_s ...
    saturating,          ///< 2.0: i32.trunc_sat_f32_s ...
    multi_value,         ///< 2.0: blocks with parameters, several results
    reference_types,     ///< 2.0: tables as values hold references, several tables
    bulk_memory,         ///< 2.0: memory.copy, passive segments
    simd,                ///< 2.0: v128
    tail_call,           ///< 3.0
    extended_const,      ///< 3.0: additions in constant expressions, earlier globals
    function_references, ///< 3.0: typed references to functions
    multi_memory,        ///< 3.0
    memory64,            ///< 3.0: 64-bit addresses of memories and tables
    exceptions,          ///< 3.0: tags, throw, try_table
    feature_count,
};

/// As deployments write them, in the order above.
inline constexpr std::string_view feature_names[] = {
    "core1",     "sign_extension", "saturating",          "multi_value",  "reference_types", "bulk_memory", "simd",
    "tail_call", "extended_const", "function_references", "multi_memory", "memory64",        "exceptions"};
static_assert(std::size(feature_names) == static_cast<std::size_t>(Feature::feature_count));
/// Nothing for core1, which cannot be switched.
[[nodiscard]] constexpr std::optional<Feature> feature_named(std::string_view name) noexcept {
    for (std::size_t i = 1; i < std::size(feature_names); ++i) {
        if (feature_names[i] == name) return static_cast<Feature>(i);
    }
    return std::nullopt;
}

/// A set of features; a value type.
class Features {
  public:
    constexpr Features() = default;

    [[nodiscard]] constexpr bool has(Feature feature) const noexcept {
        return (bits_ >> static_cast<unsigned>(feature) & 1u) != 0;
    }
    [[nodiscard]] constexpr Features with(Feature feature) const noexcept {
        return Features(bits_ | 1u << static_cast<unsigned>(feature));
    }
    [[nodiscard]] constexpr Features without(Feature feature) const noexcept {
        return Features(bits_ & ~(1u << static_cast<unsigned>(feature)));
    }
    [[nodiscard]] constexpr bool operator==(const Features&) const noexcept = default;

    [[nodiscard]] static constexpr Features core1() noexcept { return {}; }
    [[nodiscard]] static constexpr Features core2_without_vectors() noexcept {
        return core1()
            .with(Feature::sign_extension)
            .with(Feature::saturating)
            .with(Feature::multi_value)
            .with(Feature::reference_types)
            .with(Feature::bulk_memory);
    }
    [[nodiscard]] static constexpr Features core2() noexcept { return core2_without_vectors().with(Feature::simd); }
    [[nodiscard]] static constexpr Features all() noexcept {
        return Features((1u << static_cast<unsigned>(Feature::feature_count)) - 1u);
    }

  private:
    explicit constexpr Features(std::uint32_t bits) noexcept : bits_(bits | 1u) {}
    std::uint32_t bits_ = 1;
};

} // namespace rvm::wasm
