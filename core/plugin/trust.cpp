#include "plugin/trust.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "plugin/texts.hpp"

namespace rvm::plugin {
namespace {

namespace fs = std::filesystem;

class Descriptor {
  public:
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool open() const noexcept { return fd_ >= 0; }
    void reset(int fd) noexcept {
        if (fd_ >= 0) ::close(fd_);
        fd_ = fd;
    }

  private:
    int fd_;
};

std::string error_text(int error) { return std::error_code(error, std::generic_category()).message(); }

std::string_view type_text(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "regular file";
    case S_IFDIR:
        return "directory";
    case S_IFLNK:
        return "symbolic link";
    case S_IFIFO:
        return "pipe";
    case S_IFSOCK:
        return "socket";
    case S_IFCHR:
        return "character device";
    case S_IFBLK:
        return "block device";
    default:
        return "unknown file type";
    }
}

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

class Reader {
  public:
    Reader(const fs::path& root, const fs::path& relative, const ReadPolicy& policy, std::uint64_t most, Report& report)
        : root_(root), relative_(relative), file_(printable((root / relative).string())), policy_(policy), most_(most),
          report_(report) {}

    [[nodiscard]] std::uint64_t file_size() const noexcept { return size_; } ///< once run() has read it

    std::optional<Bytes> run() {
        if (!check_components()) return std::nullopt;
        Descriptor folder{::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (!folder.open()) return unreadable(root_.string(), errno);
        if (!check_owner(folder.get(), root_)) return std::nullopt;

        fs::path walked = root_;
        const std::string last = relative_.filename().string();
        for (const fs::path& component : relative_.parent_path()) {
            walked /= component;
            const int next = ::openat(folder.get(), component.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (next < 0) return refuse_component(folder.get(), component.string(), walked, errno);
            folder.reset(next);
            if (!check_owner(folder.get(), walked)) return std::nullopt;
        }
        return read_file(folder.get(), last);
    }

  private:
    bool check_components() {
        if (relative_.empty() || relative_.is_absolute() || !relative_.has_filename())
            return unsafe("the path is empty, absolute or names a folder", "a file below " + root_.string(),
                          printable(relative_.string()));
        for (const fs::path& component : relative_) {
            const std::string name = component.string();
            if (name == "." || name == "..")
                return unsafe("the path leaves or repeats its folder", "plain names", name);
            if (has_control_character(name))
                return unsafe("a name contains a control character", "plain names", printable(name));
        }
        return true;
    }

    std::optional<Bytes> read_file(int folder, const std::string& name) {
        // O_NONBLOCK: opening a pipe nobody writes to would wait for ever.
        const Descriptor file{
            ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
        if (!file.open()) return refuse_component(folder, name, root_ / relative_, errno);
        struct stat status {};
        if (::fstat(file.get(), &status) != 0) return unreadable(file_, errno);
        if (S_ISDIR(status.st_mode)) return unreadable(file_, EISDIR);
        if (!S_ISREG(status.st_mode)) {
            unsafe("not a regular file", "a regular file", std::string{type_text(status.st_mode)});
            return std::nullopt;
        }
        if (!check_owner(file.get(), root_ / relative_)) return std::nullopt;
        const auto size = static_cast<std::uint64_t>(status.st_size);
        if (size == 0 || size > policy_.max_bytes) {
            Finding& finding = report_.error(ErrorCode::plugin_file_unreadable, file_, "size",
                                             size == 0 ? "the file is empty" : "the file is too large");
            finding.expected = fmt::format("1 to {} bytes", policy_.max_bytes);
            finding.found = fmt::format("{} bytes", size);
            return std::nullopt;
        }
        size_ = size;
        return read_bytes(file.get());
    }

    /// Reads what is wanted, of a whole file until its end, at most one byte more than fstat() said: a file that grows
    /// meanwhile is not trusted.
    std::optional<Bytes> read_bytes(int fd) {
        const std::uint64_t size = std::min(size_, most_);
        Bytes bytes(size < size_ ? size : size + 1);
        std::size_t have = 0;
        while (have < bytes.size()) {
            const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return unreadable(file_, errno);
            if (got == 0) break;
            have += static_cast<std::size_t>(got);
        }
        if (have != size) {
            Finding& finding =
                report_.error(ErrorCode::plugin_file_unreadable, file_, "size", "the file changed while it was read");
            finding.expected = fmt::format("{} bytes", size);
            finding.found = fmt::format("{} bytes", have);
            return std::nullopt;
        }
        bytes.resize(have);
        return bytes;
    }

    std::optional<Bytes> refuse_component(int folder, const std::string& name, const fs::path& path, int error) {
        struct stat status {};
        const bool known = ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
        // ENXIO: a socket, or a device without a driver. ELOOP and ENOTDIR: a link where O_NOFOLLOW met one.
        if (known && (S_ISLNK(status.st_mode) || error == ENXIO || error == ENOTDIR || error == ELOOP)) {
            unsafe(printable(path.string()) + " may not be followed or opened", "plain folders and a regular file",
                   std::string{type_text(status.st_mode)});
            return std::nullopt;
        }
        return unreadable(printable(path.string()), error);
    }

    bool check_owner(int fd, const fs::path& path) {
        struct stat status {};
        if (::fstat(fd, &status) != 0) {
            unreadable(path.string(), errno);
            return false;
        }
        const std::string name = printable(path.string());
        bool allowed = true;
        if (status.st_uid != 0 && status.st_uid != ::geteuid())
            allowed &= ownership(name + " belongs to another user", fmt::format("owner 0 or {}", ::geteuid()),
                                 fmt::format("owner {}", status.st_uid), fmt::format("chown {} {}", ::geteuid(), name));
        // A sticky folder such as /tmp still lets everybody add files, so it is no exception.
        if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
            allowed &= ownership(name + " can be changed by others", "no write permission for group and others",
                                 fmt::format("mode {:04o}", status.st_mode & 07777), "chmod go-w " + name);
        return allowed;
    }

    /// True when the finding is only a warning.
    bool ownership(std::string message, std::string expected, std::string found, std::string hint) {
        Finding finding;
        finding.code = ErrorCode::plugin_ownership;
        finding.severity = policy_.development ? Severity::warning : Severity::error;
        finding.file = file_;
        finding.where = "permissions";
        finding.message = std::move(message);
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        finding.hint = std::move(hint);
        report_.add(std::move(finding));
        return policy_.development;
    }

    bool unsafe(std::string message, std::string expected, std::string found) {
        Finding& finding = report_.error(ErrorCode::plugin_path_unsafe, file_, "path", std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        return false;
    }

    std::optional<Bytes> unreadable(const std::string& path, int error) {
        Finding& finding =
            report_.error(ErrorCode::plugin_file_unreadable, file_, "open", "cannot read " + printable(path));
        finding.expected = "a readable file";
        finding.found = error_text(error);
        return std::nullopt;
    }

    const fs::path& root_;
    const fs::path& relative_;
    std::string file_;
    const ReadPolicy& policy_;
    const std::uint64_t most_;
    Report& report_;
    std::uint64_t size_ = 0;
};

bool is_lower_hex_digest(std::string_view text) {
    constexpr std::size_t digits = 2 * crypto_hash_sha256_BYTES;
    return text.size() == digits &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

} // namespace

std::optional<Bytes> read_trusted(const fs::path& root, const fs::path& relative, const ReadPolicy& policy,
                                  Report& report) {
    return Reader{root, relative, policy, UINT64_MAX, report}.run();
}

std::optional<FileHead> read_trusted_head(const fs::path& root, const fs::path& relative, const ReadPolicy& policy,
                                          std::uint64_t most, Report& report) {
    Reader reader{root, relative, policy, most, report};
    auto bytes = reader.run();
    if (!bytes) return std::nullopt;
    return FileHead{std::move(*bytes), reader.file_size()};
}

bool check_pin(std::string_view pin, ByteView sha256, const std::string& file, const std::string& where,
               Report& report) {
    const std::string actual = to_hex(sha256);
    if (pin == actual) return true;
    const bool well_formed = is_lower_hex_digest(pin);
    constexpr std::size_t shown = 80; // a wrong pin is shown whole, a flood is not
    Finding& finding = report.error(ErrorCode::plugin_pin_mismatch, file, where,
                                    well_formed ? "the file's SHA-256 is not the pinned one"
                                                : "the pin is not 64 lower-case hex digits");
    finding.expected = well_formed ? std::string{pin} : "64 lower-case hex digits";
    finding.found = well_formed ? actual : printable(pin.substr(0, shown));
    return false;
}

Bytes signed_message(ByteView library_sha256, ByteView sidecar_sha256) {
    Bytes message(signature_context.begin(), signature_context.end());
    message.insert(message.end(), library_sha256.begin(), library_sha256.end());
    message.insert(message.end(), sidecar_sha256.begin(), sidecar_sha256.end());
    return message;
}

bool check_signature(const std::optional<Bytes>& signature, ByteView library_sha256, ByteView sidecar_sha256,
                     const std::map<std::string, manifest::PublicKey, std::less<>>& keys, std::string_view signed_by,
                     const std::string& file, Report& report) {
    const auto refuse = [&](std::string message, std::string expected, std::string found) {
        Finding& finding = report.error(ErrorCode::plugin_signature_bad, file, "signature", std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        return false;
    };
    if (!signature) return refuse("the signature file is missing", "an Ed25519 signature", "no file");
    if (signature->size() != signature_bytes)
        return refuse("the signature file has the wrong size", fmt::format("{} bytes", signature_bytes),
                      fmt::format("{} bytes", signature->size()));
    const Bytes message = signed_message(library_sha256, sidecar_sha256);
    const auto holds = [&](const manifest::PublicKey& key) {
        return crypto_sign_verify_detached(signature->data(), message.data(), message.size(), key.data()) == 0;
    };
    if (!signed_by.empty()) {
        const auto key = keys.find(signed_by);
        if (key == keys.end())
            return refuse("the signer's key is not listed", "a key of trust.keys", std::string{signed_by});
        if (holds(key->second)) return true;
        return refuse("the signature does not hold for this library and sidecar",
                      fmt::format("a signature by \"{}\"", signed_by), "another key, or changed files");
    }
    for (const auto& [name, key] : keys)
        if (holds(key)) return true;
    return refuse("no key of trust.keys made this signature over this library and sidecar",
                  fmt::format("a signature by one of {} keys", keys.size()), "another key, or changed files");
}

} // namespace rvm::plugin
