// What LMDB and the operating system answer, as statuses and texts of the boundary.
#pragma once

#include <string>
#include <string_view>

namespace rvm::lmdb {

/// Throws sdk::Failure with the status that fits `code` (an LMDB code or an errno): "doing: what went wrong".
[[noreturn]] void fail(int code, std::string_view doing);
/// As fail(), unless `code` is 0.
void check(int code, std::string_view doing);
/// Throws sdk::Failure for the errno of a call on `path`.
[[noreturn]] void fail_on_file(std::string_view doing, const std::string& path);

} // namespace rvm::lmdb
