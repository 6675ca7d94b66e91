// Staging: the verified bytes get a place from which the dynamic loader can map them and which nobody can change.
//
// dlopen() takes a path, and the file behind a path in a plugin folder may be replaced or cut between check and load,
// or cut later while it is mapped (SIGBUS). So the bytes that were verified are copied, once:
//
//  - into a sealed memfd, loaded as /proc/self/fd/N. glibc recognises a library by its name first and its inode second;
//    if N were closed and reused for another plugin, dlopen() would return the first one. The descriptor therefore
//    stays open for the life of the process.
//  - where memfd or /proc is missing: into `<id>-<sha256>.so` in a fresh private folder (mode 0700), removed after the
//    load. The name carries the content's hash for the same reason.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include <rvm/report.hpp>

namespace rvm::plugin {

enum class StagingMethod { memory_file, private_folder };

/// A staged copy. The destructor removes a private folder; a memory file's descriptor is kept open for ever.
class StagedFile {
  public:
    /// Copies `bytes`; memory file first, private folder second. nullopt with F04 when neither works. `file` is the
    /// original's path, `name` a file name without '/' ("<id>-<sha256>.so").
    [[nodiscard]] static std::optional<StagedFile> stage(ByteView bytes, const std::string& name,
                                                         const std::string& file, Report& report);
    /// One method only, for tests and for the fallback.
    [[nodiscard]] static std::optional<StagedFile> stage_by(StagingMethod method, ByteView bytes,
                                                            const std::string& name, std::string& why_not);

    ~StagedFile();
    StagedFile(StagedFile&& other) noexcept;
    StagedFile& operator=(StagedFile&&) = delete;

    /// Absolute path for dlopen().
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    StagedFile() = default;
    std::filesystem::path path_;
    std::filesystem::path folder_; // to be removed; empty for a memory file
};

} // namespace rvm::plugin
