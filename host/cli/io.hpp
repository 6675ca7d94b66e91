// What the program reads and writes: standard streams, with colour and loss of output decided in one place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rvm::host {

enum class Style : std::uint8_t { heading, good, bad, warning, faint };

/// The three standard streams of this process. Not thread-safe but for err_any_thread. Output is buffered and ordered:
/// writing to the error stream flushes the output first. A broken or full output is remembered, never raised as a
/// signal.
class Io {
  public:
    /// Ignores SIGPIPE for the process; colour is on when standard output is a terminal and NO_COLOR is unset or empty.
    Io();
    ~Io();
    Io(const Io&) = delete;
    Io& operator=(const Io&) = delete;

    void out(std::string_view text);
    void err(std::string_view text);
    void flush();
    /// Keeps what out() is given from here on instead of writing it, until the text is taken; for a verb whose words
    /// become a part of another's document. Not nested.
    void hold();
    [[nodiscard]] std::string take_held();
    /// One line to the error stream at once, before or after what out() has buffered. [any thread]
    void err_any_thread(std::string_view line);
    /// Replaces the line of progress at the bottom of the terminal of the error stream; the next output erases it, and
    /// so does an empty text. Nothing when that stream is no terminal.
    void progress(std::string_view text);
    /// Up to `size` bytes of standard input; 0 at its end; -1 on an error (errno).
    [[nodiscard]] std::int64_t read(char* data, std::size_t size);

    /// `text` in colour when the output stream shows colour. Widths are to be padded before.
    [[nodiscard]] std::string paint(Style style, std::string_view text) const;
    /// The same for the error stream.
    [[nodiscard]] std::string paint_error(Style style, std::string_view text) const;
    void no_colour() noexcept { out_colour_ = err_colour_ = false; }
    [[nodiscard]] bool colour() const noexcept { return out_colour_; }
    [[nodiscard]] bool out_is_terminal() const noexcept { return out_terminal_; }
    [[nodiscard]] bool err_is_terminal() const noexcept { return err_terminal_; }

    /// errno of the first write that failed; 0: everything reached its stream.
    [[nodiscard]] int lost() const noexcept { return lost_; }

  private:
    void write_all(int stream, std::string_view text);

    std::string buffer_;
    std::string held_;
    bool holds_ = false;
    bool out_terminal_ = false;
    bool err_terminal_ = false;
    bool progress_shown_ = false;
    bool out_colour_ = false;
    bool err_colour_ = false;
    int lost_ = 0;
};

} // namespace rvm::host
