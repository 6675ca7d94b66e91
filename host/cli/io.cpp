#include "cli/io.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <unistd.h>

namespace rvm::host {

namespace {

constexpr std::size_t flush_bytes = 64 * 1024; // what a pipe takes at once

constexpr std::string_view erase_line = "\r\033[K"; // back to the start of the line, and nothing on it

const char* escape(Style style) {
    switch (style) {
    case Style::heading:
        return "\033[1m";
    case Style::good:
        return "\033[32m";
    case Style::bad:
        return "\033[31m";
    case Style::warning:
        return "\033[33m";
    case Style::faint:
        return "\033[2m";
    }
    return "";
}

std::string painted(bool colour, Style style, std::string_view text) {
    if (!colour) return std::string{text};
    std::string result = escape(style);
    result += text;
    result += "\033[0m";
    return result;
}

} // namespace

Io::Io() {
    std::signal(SIGPIPE, SIG_IGN); // a reader that goes away is an error of write(), reported at the end
    const char* no_color = std::getenv("NO_COLOR"); // https://no-color.org
    const bool wanted = no_color == nullptr || *no_color == '\0';
    out_terminal_ = ::isatty(STDOUT_FILENO) == 1;
    out_colour_ = wanted && out_terminal_;
    err_terminal_ = ::isatty(STDERR_FILENO) == 1;
    err_colour_ = wanted && err_terminal_;
}

Io::~Io() {
    progress({});
    flush();
}

void Io::write_all(int stream, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(stream, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            if (stream == STDOUT_FILENO && lost_ == 0) lost_ = errno;
            return; // a lost error stream has nobody left to be told
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Io::out(std::string_view text) {
    if (holds_) {
        held_ += text;
        return;
    }
    if (lost_ != 0) return;
    buffer_ += text;
    if (out_terminal_ || buffer_.size() >= flush_bytes) flush();
}

void Io::hold() { holds_ = true; }

std::string Io::take_held() {
    holds_ = false;
    return std::exchange(held_, {});
}

void Io::err(std::string_view text) {
    progress({});
    flush();
    write_all(STDERR_FILENO, text);
}

void Io::err_any_thread(std::string_view line) { write_all(STDERR_FILENO, line); }

void Io::progress(std::string_view text) {
    if (!err_terminal_ || (text.empty() && !progress_shown_)) return;
    progress_shown_ = !text.empty();
    write_all(STDERR_FILENO, std::string{erase_line}.append(text));
}

void Io::flush() {
    if (buffer_.empty()) return;
    progress({});
    std::string pending;
    pending.swap(buffer_);
    write_all(STDOUT_FILENO, pending);
}

std::int64_t Io::read(char* data, std::size_t size) {
    for (;;) {
        const ssize_t count = ::read(STDIN_FILENO, data, size);
        if (count >= 0 || errno != EINTR) return count;
    }
}

std::string Io::paint(Style style, std::string_view text) const { return painted(out_colour_, style, text); }
std::string Io::paint_error(Style style, std::string_view text) const { return painted(err_colour_, style, text); }

} // namespace rvm::host
