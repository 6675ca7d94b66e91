#include "verbs/password.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

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
        silent.c_cc[VQUIT] = silent.c_cc[VSUSP] = _POSIX_VDISABLE; // they would leave the terminal without an echo
        ::tcsetattr(descriptor_, TCSAFLUSH, &silent);              // what was typed ahead is no password
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
                const int why = count < 0 ? errno : 0;
                say("\n");
                if (why == EINTR) throw Interrupted("no password was read");
                throw UsageError("the terminal's input ended before a password");
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

Secret read_password(const Context& context, const std::string* file, const std::string& prompt, bool twice) {
    if (file != nullptr) {
        Secret password = first_line(context.read(*file, most_password_bytes));
        if (twice && password.empty()) throw UsageError(*file + ": the password is empty");
        return password;
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
