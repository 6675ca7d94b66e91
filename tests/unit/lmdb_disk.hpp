// A disk that remembers every write and every sync, and what it holds when the power goes at any moment between two of
// them. The calls are interposed: the engine and liblmdb run as they are.
//
// The model: a write is durable once its file was synced after it, or at once through a descriptor of O_DSYNC; until
// then any of its sectors may or may not be there. Names are durable once their folder was synced; until then the
// changes since may have happened up to any point.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

namespace rvm::lmdb::test {

/// What happens to the unsynced sectors when the power goes.
enum class Loss : std::uint8_t {
    everything, ///< all unsynced writes are lost
    some,       ///< each sector is lost or not, as dice say
    nothing,    ///< all are there: the process was killed, the machine runs on
};

class Disk {
  public:
    /// Records what this process does to files below `folder` from now on. One at a time.
    explicit Disk(std::string folder);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    /// Puts a number into the log: what was true when everything before it was done.
    void note(std::uint64_t number);
    [[nodiscard]] std::size_t size() const noexcept { return log_.size(); }

    /// The disk after the first `steps` operations; returns the last noted number (0: none).
    /// The files are written to `target`, an empty folder.
    std::uint64_t crash(std::size_t steps, Loss loss, std::mt19937_64& dice, const std::string& target) const;
    /// Whether operation `step` is a sync, of a file or a folder, or a write that is durable at once.
    [[nodiscard]] bool is_sync_point(std::size_t step) const;

    /// Makes the n-th write, sync or extension from now (0: the next) fail with this errno, `times` in a row.
    void fail(std::size_t n, int code, std::size_t times = 1);
    /// As errno of fail(): a write takes only a part of its bytes, a sync or an extension fails with ENOSPC, and from then on
    /// statvfs() says that no space is left.
    static constexpr int fills_up = -1;
    /// Operations that could have failed since the last fail() or construction.
    [[nodiscard]] std::size_t calls() const noexcept { return calls_; }

    // What the interposed functions report and ask.
    void wrote(int descriptor, std::uint64_t offset, const std::uint8_t* bytes, std::size_t size);
    void synced(int descriptor);
    void truncated(int descriptor, std::uint64_t size);
    void linked(const std::string& from, const std::string& to);
    void renamed(const std::string& from, const std::string& to);
    void unlinked(const std::string& name);
    /// 0, or the errno to fail with.
    [[nodiscard]] int next_failure(int descriptor);
    [[nodiscard]] bool full() const noexcept { return full_; }
    [[nodiscard]] static Disk* current() noexcept;

  private:
    struct Write {
        std::uint64_t file, offset;
        std::vector<std::uint8_t> bytes;
        bool durable;
    };
    struct Truncate {
        std::uint64_t file, size;
    };
    struct Sync {
        std::uint64_t file;
    };
    struct SyncFolder {};
    struct Name { ///< `file` 0: the name goes
        std::string name;
        std::uint64_t file;
    };
    struct Rename {
        std::string from, to;
    };
    struct Note {
        std::uint64_t number;
    };
    using Step = std::variant<Write, Truncate, Sync, SyncFolder, Name, Rename, Note>;

    [[nodiscard]] std::optional<std::string> below(const std::string& path) const;
    [[nodiscard]] std::optional<std::uint64_t> file_of(int descriptor);
    /// A file that is seen for the first time counts as created with its name just before.
    std::uint64_t number_of(std::uint64_t inode, const std::string& name);

    std::string folder_;
    std::vector<Step> log_;
    std::map<std::uint64_t, std::uint64_t> numbers_; ///< inode -> number in the log
    std::map<std::uint64_t, std::vector<std::uint8_t>> initial_;
    std::map<std::string, std::uint64_t> initial_names_;
    std::size_t calls_ = 0;
    std::size_t fail_at_ = SIZE_MAX, fail_times_ = 0;
    int fail_code_ = 0;
    bool full_ = false;
};

} // namespace rvm::lmdb::test
