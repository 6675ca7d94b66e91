// Canonical JSON text: the one spelling of a value, for fingerprints and for handing configurations to plugins.
//
// UTF-8 without spaces or line breaks. Members are sorted by the bytes of their keys (code point order). Integers are
// decimal without leading zeros, '+' or "-0". Strings escape only what RFC 8259 demands: \" \\ \b \t \n \f \r, and
// \u00xx in lower case for the other control characters; everything else stands for itself.
#pragma once

#include <string>
#include <string_view>

#include "manifest/json.hpp"

namespace rvm::manifest {

[[nodiscard]] std::string canonical_json(const JsonValue& value);
/// Appends `text` as a quoted JSON string in canonical spelling; `text` must be valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

} // namespace rvm::manifest
