#include "cli/files.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/session.hpp"

namespace rvm::host {

namespace fs = std::filesystem;

namespace {

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor() {
        if (number_ > STDERR_FILENO) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return number_; }

  private:
    int number_;
};

std::string read_all(Io& io, int descriptor, const std::string& name, std::size_t limit) {
    std::string text;
    char chunk[64 * 1024];
    for (;;) {
        const std::int64_t count =
            descriptor == STDIN_FILENO ? io.read(chunk, sizeof chunk) : ::read(descriptor, chunk, sizeof chunk);
        if (count < 0) {
            if (errno == EINTR) continue;
            throw failure(ErrorCode::input_unreadable, name, {}, fmt::format("cannot read: {}", std::strerror(errno)));
        }
        if (count == 0) return text;
        if (text.size() + static_cast<std::size_t>(count) > limit)
            throw failure(ErrorCode::input_unreadable, name, {}, fmt::format("larger than {} bytes", limit));
        text.append(chunk, static_cast<std::size_t>(count));
    }
}

} // namespace

namespace {

/// Opened for reading; whoever calls owns it.
int open_input(const std::string& path, struct stat& status) {
    // O_NONBLOCK: opening a pipe nobody writes to must not hang before its kind is known.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const auto refuse = [&](const std::string& why) {
        if (file >= 0) ::close(file);
        return failure(ErrorCode::input_unreadable, path, {}, why);
    };
    if (file < 0 || ::fstat(file, &status) != 0) throw refuse(fmt::format("cannot open: {}", std::strerror(errno)));
    if (S_ISDIR(status.st_mode)) throw refuse("this is a directory");
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) throw refuse("neither a regular file nor a pipe");
    if (S_ISFIFO(status.st_mode)) ::fcntl(file, F_SETFL, O_RDONLY); // from here on waiting for data is right
    return file;
}

} // namespace

std::string read_input(Io& io, const std::string& path, std::size_t limit) {
    if (path == "-") return read_all(io, STDIN_FILENO, "standard input", limit);
    struct stat status {};
    const Descriptor file(open_input(path, status));
    if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) > limit)
        throw failure(ErrorCode::input_unreadable, path, {},
                      fmt::format("{} bytes are too many: the limit is {}", status.st_size, limit));
    return read_all(io, file.get(), path, limit);
}

InputFile::InputFile(Io& io, const std::string& path)
    : io_(io), name_(path == "-" ? "standard input" : path), descriptor_(STDIN_FILENO) {
    struct stat status {};
    if (path != "-") descriptor_ = open_input(path, status);
}

InputFile::~InputFile() {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

std::size_t InputFile::read(std::uint8_t* out, std::size_t size) {
    for (;;) {
        const std::int64_t count =
            descriptor_ == STDIN_FILENO ? io_.read(reinterpret_cast<char*>(out), size) : ::read(descriptor_, out, size);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR)
            throw failure(ErrorCode::input_unreadable, name_, {}, fmt::format("cannot read: {}", std::strerror(errno)));
    }
}

void write_atomically(const fs::path& path, std::string_view text, ErrorCode code) {
    write_atomically(
        path, [&](const FileSink& sink) { sink(text); }, code);
}

void write_atomically(const fs::path& path, const std::function<void(const FileSink&)>& produce, ErrorCode code) {
    const auto fail = [&](const char* what) {
        return failure(code, path.string(), {}, fmt::format("cannot {}: {}", what, std::strerror(errno)));
    };
    const auto write_all = [&](int descriptor, std::string_view text) {
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
            if (count < 0 && errno != EINTR) throw fail("write");
            if (count > 0) done += static_cast<std::size_t>(count);
        }
    };
    std::error_code ignored;
    // Through a symbolic link the file it names is replaced, not the link.
    const fs::path target = fs::is_symlink(path, ignored) ? fs::canonical(path, ignored) : path;
    if (target.empty()) throw fail("resolve the symbolic link");
    struct stat status {};
    const bool exists = ::stat(target.c_str(), &status) == 0;
    if (exists && !S_ISREG(status.st_mode)) {
        // A pipe, terminal or device cannot be replaced: it gets the text as it is.
        const Descriptor stream(::open(target.c_str(), O_WRONLY | O_CLOEXEC));
        if (stream.get() < 0) throw fail("open");
        produce([&](std::string_view text) { write_all(stream.get(), text); });
        return;
    }

    std::string temporary = target.string() + ".XXXXXX";
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (file.get() < 0) throw fail("create a file beside it");
    try {
        const mode_t mask = ::umask(0);
        ::umask(mask);
        constexpr mode_t ordinary = 0666;
        if (::fchmod(file.get(), exists ? status.st_mode & 07777 : ordinary & ~mask) != 0)
            throw fail("set permissions");
        produce([&](std::string_view text) { write_all(file.get(), text); });
        if (::fsync(file.get()) != 0) throw fail("flush to disk");
        if (::rename(temporary.c_str(), target.c_str()) != 0) throw fail("replace");
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    // The new name is durable once its directory is.
    const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path{"."};
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() >= 0) ::fsync(directory.get());
}

} // namespace rvm::host
