#include "cli/files.hpp"

#include <array>
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

namespace {

Failure unwritable(const fs::path& path, ErrorCode code, const char* what) {
    return failure(code, path.string(), {}, fmt::format("cannot {}: {}", what, std::strerror(errno)));
}

/// Where a text goes.
struct Target {
    fs::path path; ///< behind symbolic links: the file is replaced, not the link
    struct stat status {};
    bool exists = false;

    Target(const fs::path& named, ErrorCode code) {
        std::error_code ignored;
        path = fs::is_symlink(named, ignored) ? fs::canonical(named, ignored) : named;
        if (path.empty()) throw unwritable(named, code, "resolve the symbolic link");
        exists = ::stat(path.c_str(), &status) == 0;
    }
    /// A pipe, terminal or device cannot be replaced: it gets the text as it is.
    [[nodiscard]] bool is_stream() const noexcept { return exists && !S_ISREG(status.st_mode); }
    [[nodiscard]] fs::path folder() const { return path.has_parent_path() ? path.parent_path() : fs::path{"."}; }
};

/// A new file beside a target, which goes unless it takes the target's place.
class Beside {
  public:
    Beside(const Target& target, const fs::path& named, ErrorCode code)
        : name_(target.path.string() + ".XXXXXX"), file_(::mkostemp(name_.data(), O_CLOEXEC)) {
        if (file_.get() < 0) throw unwritable(named, code, "create a file beside it");
    }
    ~Beside() {
        if (!name_.empty()) ::unlink(name_.c_str());
    }
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;
    [[nodiscard]] int get() const noexcept { return file_.get(); }
    [[nodiscard]] bool replace(const Target& target) noexcept {
        if (::rename(name_.c_str(), target.path.c_str()) != 0) return false;
        name_.clear();
        return true;
    }

  private:
    std::string name_;
    Descriptor file_;
};

} // namespace

void write_atomically(const fs::path& path, const std::function<void(const FileSink&)>& produce, ErrorCode code) {
    const auto fail = [&](const char* what) { return unwritable(path, code, what); };
    const auto write_all = [&](int descriptor, std::string_view text) {
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
            if (count < 0 && errno != EINTR) throw fail("write");
            if (count > 0) done += static_cast<std::size_t>(count);
        }
    };
    const Target target(path, code);
    if (target.is_stream()) {
        const Descriptor stream(::open(target.path.c_str(), O_WRONLY | O_CLOEXEC));
        if (stream.get() < 0) throw fail("open");
        produce([&](std::string_view text) { write_all(stream.get(), text); });
        return;
    }

    Beside file(target, path, code);
    const mode_t mask = ::umask(0);
    ::umask(mask);
    constexpr mode_t ordinary = 0666;
    if (::fchmod(file.get(), target.exists ? target.status.st_mode & 07777 : ordinary & ~mask) != 0)
        throw fail("set permissions");
    produce([&](std::string_view text) { write_all(file.get(), text); });
    if (::fsync(file.get()) != 0) throw fail("flush to disk");
    if (!file.replace(target)) throw fail("replace");
    // The new name is durable once its directory is.
    const Descriptor directory(::open(target.folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() >= 0) ::fsync(directory.get());
}

void prove_writable(const fs::path& path, ErrorCode code) {
    const Target target(path, code);
    if (S_ISDIR(target.status.st_mode)) {
        errno = EISDIR;
        throw unwritable(path, code, "open");
    }
    if (target.is_stream()) { // not opened: that waits for who reads a pipe, and ends what it reads
        if (::access(target.path.c_str(), W_OK) != 0) throw unwritable(path, code, "open");
        return;
    }
    const Beside proof(target, path, code);
    // A device without space still takes the name of a file.
    constexpr std::array<char, 4096> block{};
    errno = 0; // a part of the block is no error to the system
    if (::write(proof.get(), block.data(), block.size()) != static_cast<ssize_t>(block.size())) {
        if (errno == 0) errno = ENOSPC;
        throw unwritable(path, code, "write");
    }
    // In a directory like /tmp nobody replaces the file of another.
    struct stat folder {};
    const uid_t user = ::geteuid();
    if (target.exists && user != 0 && target.status.st_uid != user && ::stat(target.folder().c_str(), &folder) == 0 &&
        (folder.st_mode & S_ISVTX) != 0 && folder.st_uid != user) {
        errno = EPERM;
        throw unwritable(path, code, "replace");
    }
}

} // namespace rvm::host
