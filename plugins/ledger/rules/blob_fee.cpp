#include "rules/blob_fee.hpp"

#include "u256/divide.hpp"

namespace rvm::ledger {

U256 fake_exponential(const U256& factor, std::uint64_t numerator, std::uint64_t denominator) noexcept {
    U256 output;
    U256 term = factor * denominator;
    for (std::uint64_t i = 1; term != U256{}; ++i) {
        const auto [sum, overflows] = u256::add_carry(output, term);
        if (overflows || i == UINT64_MAX) return u256::max_value;
        output = sum;
        const u256::U512 product = u256::multiply_wide(term, numerator);
        // Such a term stands for a price above 2^160 wei: nobody can pay it, and its exact value matters to nobody.
        if ((product.limbs[4] | product.limbs[5] | product.limbs[6] | product.limbs[7]) != 0) return u256::max_value;
        const u256::U512 divisor = u256::multiply_wide(denominator, i);
        const U256 quotient_by{divisor.limbs[0], divisor.limbs[1], 0, 0};
        term = U256{product.limbs[0], product.limbs[1], product.limbs[2], product.limbs[3]} / quotient_by;
    }
    return output / U256{denominator};
}

U256 blob_base_fee(const BlobSchedule& schedule, std::uint64_t excess_blob_gas) noexcept {
    constexpr std::uint64_t min_base_fee_per_blob_gas = 1;
    return fake_exponential(min_base_fee_per_blob_gas, excess_blob_gas, schedule.base_fee_update_fraction);
}

} // namespace rvm::ledger
