#include "precompiles/precompiles.hpp"

#include <array>
#include <cstddef>

#include "precompiles/computations.hpp"
#include "precompiles/prices.hpp"
#include "rules.hpp"

namespace rvm::evm {
namespace {

using Price = std::uint64_t (*)(rvm_view input) noexcept;
using Compute = rvm_status (*)(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;

/// A program: what it costs and what it computes. A host that gave too little room calls again and has paid nothing.
template <Price price, Compute compute>
rvm_status run(const void* self, rvm_view input, std::int64_t* gas, rvm_span* out) noexcept {
    const std::uint64_t cost = price(input);
    if (*gas < 0 || cost > static_cast<std::uint64_t>(*gas)) return RVM_TRAP_OUT_OF_GAS;
    const rvm_status status = compute(*static_cast<const Primitives*>(self), input, out);
    if (status != RVM_E_BUFFER_TOO_SMALL) *gas -= static_cast<std::int64_t>(cost);
    return status;
}

/// Names of rule sets from First on; kRuleNames ends with NULL as rvm_program.rules does.
template <Rules First>
const char* const* since() noexcept {
    return &kRuleNames[static_cast<std::size_t>(First)];
}

/// From First up to End, without it.
template <Rules First, Rules End>
const char* const* between() noexcept {
    static constexpr auto names = [] {
        constexpr auto first = static_cast<std::size_t>(First);
        constexpr auto count = static_cast<std::size_t>(End) - first;
        std::array<const char*, count + 1> list{};
        for (std::size_t i = 0; i < count; ++i) {
            list[i] = kRuleNames[first + i];
        }
        return list;
    }();
    return names.data();
}

constexpr rvm_address at(std::uint16_t number) noexcept {
    rvm_address address{};
    address.bytes[18] = static_cast<std::uint8_t>(number >> 8u);
    address.bytes[19] = static_cast<std::uint8_t>(number);
    return address;
}

} // namespace

Precompiles::Precompiles() {
#define since(first) since<Rules::first>()
#define between(first, end) between<Rules::first, Rules::end>()
#define PRECOMPILE(number, id, name, rules, cost, computation)                                                         \
    programs_.push_back({sizeof(rvm_program), RVM_F_PURE, id, name, at(number), 0, rules,                              \
                         &run<price::cost, compute::computation>, &primitives_});
#include "precompiles.def"
#undef PRECOMPILE
#undef between
#undef since
}

} // namespace rvm::evm
