#include "store/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

#include "base/error.hpp"
#include "store/read_all.hpp"

namespace rvm::wallet {
namespace {

[[noreturn]] void unreadable(const std::string& path, const char* what) {
    throw Unreadable(path + ": " + what + ": " + std::strerror(errno));
}
[[noreturn]] void unwritable(const std::string& path, const char* what) {
    throw Unwritable(path + ": " + what + ": " + std::strerror(errno));
}

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const noexcept { return number_; }

  private:
    int number_;
};

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

void write_all(int descriptor, Bytes content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) unwritable(path, "cannot be written");
        content = content.subspan(static_cast<std::size_t>(written));
    }
}

const char* kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISFIFO(mode)) return "a pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return S_ISREG(mode) ? "a file" : "a device";
}

/// How to open for reading. Only a pipe is waited for, until somebody writes to it: an open that does not wait would
/// find it empty.
int reading_flags(const std::string& path, bool guarded) {
    struct stat status {};
    const bool pipe = !guarded && ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
    return O_RDONLY | O_CLOEXEC | (guarded ? O_NOFOLLOW : 0) | (pipe ? 0 : O_NONBLOCK);
}

/// Memory is what the bytes go to: Secret or ordinary bytes.
template <class Memory>
std::optional<Memory> read_file(const std::string& path, std::size_t most, bool guarded) {
    const Descriptor file(::open(path.c_str(), reading_flags(path, guarded)));
    if (file.number() < 0) {
        if (errno == ENOENT) return std::nullopt;
        if (errno == ELOOP && guarded) throw Unreadable(path + ": expected a file, found a symbolic link");
        unreadable(path, "cannot be opened");
    }
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) unreadable(path, "cannot be examined");
    if (!S_ISREG(status.st_mode) && (guarded || !S_ISFIFO(status.st_mode))) {
        throw Unreadable(path + ": expected a file" + (guarded ? "" : " or a pipe") + ", found " +
                         kind_of(status.st_mode));
    }
    if (guarded && (status.st_uid != ::geteuid() || (status.st_mode & 077u) != 0)) {
        throw Unreadable(path + ": others may read or write it: expected the mode 0600 and this user as its owner");
    }
    // A regular file has its size, a pipe takes room as it goes. One byte more shows that there is too much.
    const auto known = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : std::size_t{4095};
    return read_all<Memory>(most, path, std::min(known, most) + 1, [&](std::uint8_t* into, std::size_t room) {
        for (;;) {
            const ssize_t count = ::read(file.number(), into, room);
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno != EINTR) unreadable(path, "cannot be read");
        }
    });
}

/// A new file beside `path`, which goes unless it takes that name. Mode 0600.
class Beside {
  public:
    explicit Beside(const std::string& path)
        : path_(path), name_(path + ".XXXXXX"), file_(::mkostemp(name_.data(), O_CLOEXEC)) {
        if (file_.number() < 0) unwritable(path, "no file can be made beside it");
    }
    ~Beside() {
        if (!name_.empty()) ::unlink(name_.c_str());
    }
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;

    void write(Bytes content, mode_t mode) {
        if (::fchmod(file_.number(), mode) != 0) unwritable(path_, "its mode cannot be set");
        write_all(file_.number(), content, path_);
        if (::fsync(file_.number()) != 0) unwritable(path_, "cannot be made durable");
    }
    void take_place(Existing existing) {
        if (existing == Existing::replace) {
            if (::rename(name_.c_str(), path_.c_str()) != 0) unwritable(path_, "cannot be replaced");
            name_.clear();
        } else if (::link(name_.c_str(), path_.c_str()) != 0) { // makes a name or fails: what came meanwhile stays
            unwritable(path_, "cannot be made");
        }
        const Descriptor folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (folder.number() < 0 || ::fsync(folder.number()) != 0)
            unwritable(folder_of(path_), "cannot be made durable");
    }

  private:
    std::string path_;
    std::string name_;
    Descriptor file_;
};

} // namespace

std::optional<Secret> read_secret_file(const std::string& path, std::size_t most, bool guarded) {
    return read_file<Secret>(path, most, guarded);
}

std::vector<std::uint8_t> read_plain_file(const std::string& path, std::size_t most) {
    auto content = read_file<std::vector<std::uint8_t>>(path, most, false);
    if (!content) throw Unreadable(path + ": there is no such file");
    return std::move(*content);
}

Secret first_line(const Secret& content) {
    const std::string_view text = content.text();
    std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0 && end < text.size() && text[end - 1] == '\r') --end;
    return Secret::copy_of(content.part(0, end));
}

void replace_file(const std::string& path, Bytes content, Existing existing) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        throw Unwritable(path + ": expected a file, found " + kind_of(status.st_mode));
    }
    Beside file(path);
    file.write(content, S_IRUSR | S_IWUSR);
    file.take_place(existing);
}

void write_file(const std::string& path, Bytes content) {
    std::error_code failure;
    const bool link = std::filesystem::is_symlink(path, failure);
    const std::string target = link ? std::filesystem::canonical(path, failure).string() : path;
    struct stat status {};
    const bool exists = ::stat(target.c_str(), &status) == 0;
    if (target.empty() || (exists && S_ISDIR(status.st_mode))) {
        throw Unwritable(path + ": expected a file, found " + (target.empty() ? "a broken link" : "a directory"));
    }
    if (exists && !S_ISREG(status.st_mode)) {
        const Descriptor stream(::open(target.c_str(), O_WRONLY | O_CLOEXEC));
        if (stream.number() < 0) unwritable(path, "cannot be opened");
        return write_all(stream.number(), content, path);
    }
    constexpr mode_t ordinary = 0666;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    Beside file(target);
    file.write(content, exists ? status.st_mode & 07777u : ordinary & ~mask);
    file.take_place(Existing::replace);
}

namespace {

/// False: another has it.
bool try_lock(int descriptor, const std::string& name) {
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno != EINTR) unwritable(name, "cannot be locked");
    }
    return true;
}

} // namespace

FileLock::FileLock(const std::string& path, const std::function<void()>& waiting,
                   const std::function<bool()>& cancelled) {
    const std::string name = path + ".lock";
    descriptor_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (descriptor_ < 0) unwritable(name, "cannot be opened");
    try {
        if (try_lock(descriptor_, name)) return;
        waiting();
        // Asked again and again: a signal just before a call that waits would not end it.
        do {
            if (cancelled()) throw Interrupted(path + " is as it was");
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        } while (!try_lock(descriptor_, name));
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

FileLock::~FileLock() { ::close(descriptor_); }

} // namespace rvm::wallet
