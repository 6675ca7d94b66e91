// The page's own files, as they stand in this folder (embed.cmake).
#pragma once

#include <array>
#include <string_view>

namespace rvm::host::explorer {

extern const std::string_view page_html, page_css;
/// In the order in which the page has them.
extern const std::array<std::string_view, 5> scripts;

} // namespace rvm::host::explorer
