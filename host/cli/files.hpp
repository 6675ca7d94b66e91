// Files of the user: read whole with a bound, written whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "cli/io.hpp"
#include <rvm/report.hpp>

namespace rvm::host {

/// Largest program, input or text a verb reads: sixteen times the largest program the manifest's limits allow.
inline constexpr std::size_t max_input_bytes = std::size_t{16} << 20;

/// The whole of a regular file or pipe, or of standard input when `path` is "-". Throws Failure with RVM-U02: missing,
/// a directory, a device, not permitted, larger than `limit`.
[[nodiscard]] std::string read_input(Io& io, const std::string& path, std::size_t limit = max_input_bytes);

/// Replaces `path` by `text` in one step: whoever reads it sees the old or the new text, also after a crash. Keeps the
/// permissions of an existing file. Throws Failure with `code`.
void write_atomically(const std::filesystem::path& path, std::string_view text, ErrorCode code);

} // namespace rvm::host
