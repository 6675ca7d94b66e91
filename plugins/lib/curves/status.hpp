// What the operations on encoded points report.
#pragma once

#include <cstdint>

namespace rvm::curves {

/// Why an input was refused. Checks run in this order for each element; outputs are untouched unless `ok`.
enum class Status : std::uint8_t {
    ok,
    bad_length,      ///< not a multiple of the element size, or no element where one is needed
    bad_encoding,    ///< padding bytes or flag bits are wrong
    not_in_field,    ///< a coordinate is p or more, or a scalar that must be canonical is r or more
    not_on_curve,    ///< no point has these coordinates
    not_in_subgroup, ///< on the curve, but not in the group of prime order
};

} // namespace rvm::curves
