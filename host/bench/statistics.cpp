#include "bench/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rvm::host::bench {

namespace {

double median_of(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 != 0) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

constexpr double mad_to_sigma = 1.4826;   // of a normal distribution
constexpr double median_inflation = 1.2533; // sqrt(pi / 2): how much less sure a median is than a mean
constexpr double sure = 3;                // standard errors

} // namespace

Statistics statistics_of(std::span<const double> samples) {
    std::vector<double> values(samples.begin(), samples.end());
    Statistics result;
    result.least = *std::ranges::min_element(values);
    result.median = median_of(values);
    for (double& value : values)
        value = std::abs(value - result.median);
    result.deviation = median_of(values);
    return result;
}

bool differ(const Statistics& a, const Statistics& b, std::size_t count) {
    const double spread =
        std::hypot(a.deviation, b.deviation) * mad_to_sigma * median_inflation / std::sqrt(static_cast<double>(count));
    return std::abs(a.median - b.median) > sure * spread;
}

} // namespace rvm::host::bench
