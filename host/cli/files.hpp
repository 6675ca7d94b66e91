// Files of the user: read whole with a bound, written whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
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

/// A file or pipe that is read piece by piece; "-" is standard input. Throws as read_input.
class InputFile {
  public:
    InputFile(Io& io, const std::string& path);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    /// At most `size` bytes; 0 at the end.
    [[nodiscard]] std::size_t read(std::uint8_t* out, std::size_t size);

  private:
    Io& io_;
    std::string name_;
    int descriptor_;
};

/// Writes a piece of a file. Throws.
using FileSink = std::function<void(std::string_view)>;
/// As the function below, with a text that `produce` writes piece by piece.
void write_atomically(const std::filesystem::path& path, const std::function<void(const FileSink&)>& produce,
                      ErrorCode code);

/// Replaces `path` by `text` in one step: whoever reads it sees the old or the new text, also after a crash. Keeps the
/// permissions of an existing file. Throws Failure with `code`.
void write_atomically(const std::filesystem::path& path, std::string_view text, ErrorCode code);

/// Throws the Failure that write_atomically would have for `path`, before there is a text: for a verb whose work has
/// effects that must not come to pass when their result cannot be kept. Changes nothing.
void prove_writable(const std::filesystem::path& path, ErrorCode code);

} // namespace rvm::host
