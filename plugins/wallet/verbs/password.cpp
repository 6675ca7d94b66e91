#include "verbs/password.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "store/file.hpp"

namespace rvm::wallet {
namespace {

constexpr std::size_t most_password_bytes = 4096;

/// The terminal of this process, not its standard streams: those may carry data.
class Terminal {
  public:
    Terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
        if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) {
            if (descriptor_ >= 0) ::close(descriptor_);
            throw UsageError("there is no terminal to ask for the password: name a file with --password-file");
        }
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
        silent.c_lflag |= ICANON | ISIG;
        ::tcsetattr(descriptor_, TCSAFLUSH, &silent); // what was typed ahead is no password
    }
    ~Terminal() {
        ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
        ::close(descriptor_);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    [[nodiscard]] Secret ask(const std::string& prompt) {
        say(prompt);
        Secret line(most_password_bytes);
        std::size_t size = 0;
        for (;;) {
            const ssize_t count = ::read(descriptor_, line.data() + size, 1);
            if (count <= 0) {
                say("\n");
                throw UsageError(count < 0 && errno == EINTR ? "interrupted" : "the terminal's input ended");
            }
            if (line.data()[size] == '\n') break;
            if (++size == line.size()) throw UsageError("the password is too long: expected at most 4095 bytes");
        }
        say("\n");
        line.truncate(size);
        return line;
    }

  private:
    void say(const std::string& text) { static_cast<void>(!::write(descriptor_, text.data(), text.size())); }

    int descriptor_;
    termios before_{};
};

} // namespace

Secret read_password(const std::string* file, const std::string& prompt, bool twice) {
    if (file != nullptr) {
        auto content = read_secret_file(*file, most_password_bytes, false);
        if (!content) throw Unreadable(*file + ": there is no such file");
        const std::string_view text = content->text();
        std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0 && end < text.size() && text[end - 1] == '\r') --end;
        content->truncate(end);
        if (twice && content->empty()) throw UsageError(*file + ": the password is empty");
        return std::move(*content);
    }
    Terminal terminal;
    Secret password = terminal.ask(prompt + ": ");
    if (twice) {
        if (password.empty()) throw UsageError("the password is empty");
        if (!same_secret(password, terminal.ask(prompt + ", again: "))) throw Refusal("the two passwords differ");
    }
    return password;
}

} // namespace rvm::wallet
