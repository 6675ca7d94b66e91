// What LMDB and the operating system answer, as statuses and texts of the boundary.
#pragma once

#include <string>
#include <string_view>

namespace rvm::lmdb {

/// Throws sdk::Failure with the status that fits `code` (an LMDB code or an errno): "doing: what went wrong".
[[noreturn]] void fail(int code, std::string_view doing);
/// As fail(), unless `code` is 0.
void check(int code, std::string_view doing);
/// As check(), for what wrote to `folder`: LMDB answers EIO when only a part of a write was taken, which is how most full
/// devices, and limits of file size, begin to refuse.
void check_written(int code, std::string_view doing, const std::string& folder);
/// Throws sdk::Failure for the errno of a call on `path`.
[[noreturn]] void fail_on_file(std::string_view doing, const std::string& path);
/// Throws sdk::Failure when `path` is there and no regular file: a pipe, say, whose opening waits for who writes to it.
void require_regular(const std::string& path);

} // namespace rvm::lmdb
