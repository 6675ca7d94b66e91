#include "transaction/gas.hpp"

#include <algorithm>

namespace rvm::ledger {
namespace {

constexpr std::uint64_t tx_base = 21000;
constexpr std::uint64_t tx_create = 32000; // EIP-2, since Homestead
constexpr std::uint64_t zero_byte = 4;
constexpr std::uint64_t non_zero_byte_frontier = 68;
constexpr std::uint64_t non_zero_byte_istanbul = 16;  // EIP-2028
constexpr std::uint64_t access_address = 2400;        // EIP-2930
constexpr std::uint64_t access_key = 1900;            // EIP-2930
constexpr std::uint64_t init_code_word = 2;           // EIP-3860
constexpr std::uint64_t tokens_per_non_zero_byte = 4; // EIP-7623
constexpr std::uint64_t floor_per_token = 10;         // EIP-7623

/// A sum of products that stays at the top. Counts are of things in memory, so one product cannot wrap.
class SaturatingSum {
  public:
    void add(std::uint64_t count, std::uint64_t each) noexcept {
        if (__builtin_add_overflow(sum_, count * each, &sum_)) sum_ = UINT64_MAX;
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return sum_; }

  private:
    std::uint64_t sum_ = tx_base;
};

} // namespace

IntrinsicGas intrinsic_gas(const Transaction& tx, const Fork& fork) noexcept {
    const auto zeros = static_cast<std::uint64_t>(std::ranges::count(tx.data, std::uint8_t{0}));
    const std::uint64_t non_zeros = tx.data.size() - zeros;

    SaturatingSum sum;
    sum.add(zeros, zero_byte);
    sum.add(non_zeros, fork.has(Revision::istanbul) ? non_zero_byte_istanbul : non_zero_byte_frontier);
    if (tx.is_create() && fork.has(Revision::homestead)) sum.add(1, tx_create);
    if (tx.is_create() && fork.has(Revision::shanghai)) sum.add((tx.data.size() + 31) / 32, init_code_word);
    for (const AccessEntry& entry : tx.access_list) {
        sum.add(1, access_address);
        sum.add(entry.keys.size(), access_key);
    }
    sum.add(tx.authorizations.size(), authorization_gas);

    SaturatingSum floor;
    floor.add(zeros + non_zeros * tokens_per_non_zero_byte, floor_per_token);
    return {sum.value(), fork.has(Revision::prague) ? floor.value() : 0};
}

} // namespace rvm::ledger
