// A recording as one page of HTML that needs nothing else: no network, no server.
#pragma once

#include <string>

#include "cli/session.hpp"
#include "record/recording.hpp"

namespace rvm::host {

/// The page's text. Formats are asked for the disassembly and the source positions of the code that ran; a format that
/// the deployment lacks has none. Throws record::Malformed for a stream that is none.
[[nodiscard]] std::string explorer_page(Session& session, const record::Recording& recording);

} // namespace rvm::host
