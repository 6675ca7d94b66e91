// Order statistics of samples: what `rvm bench` tells.
#pragma once

#include <span>

namespace rvm::host::bench {

/// Robust figures: one sample that another process disturbed moves none of them far.
struct Statistics {
    double median = 0;
    double least = 0;
    double deviation = 0; ///< median of the distances from the median (MAD)
};

/// Of at least one sample.
[[nodiscard]] Statistics statistics_of(std::span<const double> samples);

/// Whether two medians of `count` samples each lie further apart than their spread explains: more than three standard
/// errors of the difference, a standard error of a median being 1.2533 x 1.4826 x MAD / sqrt(count) for normal samples.
[[nodiscard]] bool differ(const Statistics& a, const Statistics& b, std::size_t count);

} // namespace rvm::host::bench
