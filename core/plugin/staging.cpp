#include "plugin/staging.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

namespace rvm::plugin {
namespace {

namespace fs = std::filesystem;

// MFD_EXEC (Linux 6.3): asks for an executable memory file where vm.memfd_noexec says otherwise. Unknown to Debian 12's
// headers; older kernels refuse it with EINVAL.
constexpr unsigned memfd_executable = 0x0010U;
// memfd names are limited to 249 bytes; the name only appears in /proc/PID/maps.
constexpr std::size_t max_memfd_name = 249;

std::string error_text(int error) { return std::error_code(error, std::generic_category()).message(); }

bool write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

int open_memory_file(const std::string& name) {
    const std::string shown = name.substr(0, max_memfd_name);
    constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    const int fd = ::memfd_create(shown.c_str(), flags | memfd_executable);
    return fd >= 0 || errno != EINVAL ? fd : ::memfd_create(shown.c_str(), flags);
}

} // namespace

std::optional<StagedFile> StagedFile::stage_by(StagingMethod method, ByteView bytes, const std::string& name,
                                               std::string& why_not) {
    StagedFile staged;
    if (method == StagingMethod::memory_file) {
        const int fd = open_memory_file(name);
        if (fd < 0) {
            why_not = "memfd_create: " + error_text(errno);
            return std::nullopt;
        }
        constexpr int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
        staged.path_ = fmt::format("/proc/self/fd/{}", fd);
        if (!write_all(fd, bytes) || ::fcntl(fd, F_ADD_SEALS, seals) != 0 ||
            ::access(staged.path_.c_str(), R_OK) != 0) {
            why_not = "memory file: " + error_text(errno);
            ::close(fd); // nothing was loaded from it, so its number may be used again
            return std::nullopt;
        }
        return staged;
    }

    std::error_code error;
    const fs::path base = fs::temp_directory_path(error);
    std::string folder = ((error ? fs::path{"/tmp"} : base) / "rvm-stage-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) { // creates with mode 0700
        why_not = folder + ": " + error_text(errno);
        return std::nullopt;
    }
    staged.folder_ = folder;
    staged.path_ = staged.folder_ / name;
    const int fd = ::open(staged.path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR);
    if (fd < 0) {
        why_not = staged.path_.string() + ": " + error_text(errno);
        return std::nullopt;
    }
    const bool written = write_all(fd, bytes);
    const int write_error = errno;
    ::close(fd);
    if (!written) {
        why_not = staged.path_.string() + ": " + error_text(write_error);
        return std::nullopt;
    }
    return staged;
}

std::optional<StagedFile> StagedFile::stage(ByteView bytes, const std::string& name, const std::string& file,
                                            Report& report) {
    std::string memory_reason;
    if (auto staged = stage_by(StagingMethod::memory_file, bytes, name, memory_reason)) return staged;
    std::string folder_reason;
    if (auto staged = stage_by(StagingMethod::private_folder, bytes, name, folder_reason)) return staged;
    Finding& finding = report.error(ErrorCode::plugin_staging_failed, file, "staging", "no private copy could be made");
    finding.expected = "a memory file or a private folder";
    finding.found = memory_reason + "; " + folder_reason;
    return std::nullopt;
}

StagedFile::StagedFile(StagedFile&& other) noexcept : path_(std::move(other.path_)), folder_(std::move(other.folder_)) {
    other.folder_.clear();
}

StagedFile::~StagedFile() {
    if (folder_.empty()) return;
    std::error_code ignored; // the folder is private: what cannot be removed harms nobody
    fs::remove(path_, ignored);
    fs::remove(folder_, ignored);
}

} // namespace rvm::plugin
