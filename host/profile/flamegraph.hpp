// A profile as one self-contained SVG: a row a level, widths in proportion, names on hover, a click magnifies.
#pragma once

#include <string>

#include "profile/profile.hpp"

namespace rvm::host::profiling {

enum class Measure : std::uint8_t { gas, time };

/// `title` stands above the graph. Boxes below a thousandth of the width are left out.
[[nodiscard]] std::string flamegraph_svg(const Node& root, Measure measure, const std::string& title);

} // namespace rvm::host::profiling
