#include "cli/secret.hpp"

#include <cerrno>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/session.hpp"

namespace rvm::host {

namespace {

constexpr mode_t owner_only = 0600;
constexpr mode_t group_and_others = 0077;

/// A descriptor that closes itself.
struct File {
    int descriptor;
    explicit File(int number) : descriptor(number) {}
    ~File() {
        if (descriptor >= 0) ::close(descriptor);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
};

/// Room for the file's text: prefix, digits, a line break, and the zero of sodium_bin2hex in its place.
std::size_t text_size(const std::string& prefix, const Secret& secret) { return prefix.size() + 2 * secret.size() + 1; }

} // namespace

Secret::Secret(std::size_t size) : data_(nullptr), size_(size) {
    if (::sodium_init() < 0) throw std::bad_alloc();
    data_ = static_cast<std::uint8_t*>(::sodium_malloc(size));
    if (data_ == nullptr) throw std::bad_alloc();
}
Secret::~Secret() { ::sodium_free(data_); }

void write_secret(const std::filesystem::path& path, const std::string& prefix, const Secret& secret) {
    const auto fail = [&](const char* what) {
        return failure(ErrorCode::output_unwritable, path.string(), {},
                       fmt::format("{}: {}", what, std::strerror(errno)));
    };
    Secret text(text_size(prefix, secret));
    char* const digits = reinterpret_cast<char*>(text.data()) + prefix.size();
    std::memcpy(text.data(), prefix.data(), prefix.size());
    ::sodium_bin2hex(digits, 2 * secret.size() + 1, secret.data(), secret.size());
    digits[2 * secret.size()] = '\n';

    const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, owner_only));
    if (file.descriptor < 0) throw fail("cannot make a new file");
    bool written = ::fchmod(file.descriptor, owner_only) == 0;
    for (std::size_t done = 0; written && done < text.size();) {
        const ssize_t count = ::write(file.descriptor, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        written = count > 0;
        done += written ? static_cast<std::size_t>(count) : 0;
    }
    if (written && ::fsync(file.descriptor) == 0) return;
    const auto failed = fail("cannot write");
    ::unlink(path.c_str());
    throw failed;
}

void read_secret(const std::filesystem::path& path, const std::string& prefix, Secret& secret) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (file.descriptor < 0 || ::fstat(file.descriptor, &status) != 0)
        throw failure(ErrorCode::input_unreadable, path.string(), {},
                      fmt::format("cannot open: {}", std::strerror(errno)));
    if (!S_ISREG(status.st_mode)) throw failure(ErrorCode::input_unreadable, path.string(), {}, "not a regular file");
    if ((status.st_mode & group_and_others) != 0)
        throw failure(ErrorCode::input_unreadable, path.string(), "permissions",
                      fmt::format("a secret that others may read (mode {:04o})", status.st_mode & 07777),
                      fmt::format("chmod 600 {}", path.string()));
    Secret text(text_size(prefix, secret) + 1); // one byte more than there may be
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count = ::read(file.descriptor, text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        size += static_cast<std::size_t>(count);
    }
    const char* const digits = reinterpret_cast<const char*>(text.data()) + prefix.size();
    std::size_t bytes = 0;
    const bool good =
        size == text_size(prefix, secret) && std::memcmp(text.data(), prefix.data(), prefix.size()) == 0 &&
        digits[2 * secret.size()] == '\n' &&
        ::sodium_hex2bin(secret.data(), secret.size(), digits, 2 * secret.size(), nullptr, &bytes, nullptr) == 0 &&
        bytes == secret.size();
    if (!good)
        throw failure(ErrorCode::input_malformed, path.string(), {}, "not a secret key of this kind",
                      fmt::format("one line: {}, then {} hex digits; `rvm plugin keygen FILE` makes one", prefix,
                                  2 * secret.size()));
}

} // namespace rvm::host
