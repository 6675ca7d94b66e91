#include "lmdb_disk.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <type_traits>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace rvm::lmdb::test {

namespace {

constexpr std::size_t sector_bytes = 512; // written whole or not at all, as every disk promises

Disk* active = nullptr;
std::recursive_mutex mutex;

struct File {
    std::vector<std::uint8_t> durable;
    struct Pending {
        std::uint64_t offset;
        const std::vector<std::uint8_t>* bytes; ///< nullptr: cut or extended to `offset`
    };
    std::vector<Pending> pending;

    static void apply(std::vector<std::uint8_t>& content, std::uint64_t offset, const std::uint8_t* bytes,
                      std::size_t size) {
        if (content.size() < offset + size) content.resize(static_cast<std::size_t>(offset) + size);
        std::memcpy(content.data() + offset, bytes, size);
    }
    void apply(const Pending& change) {
        if (change.bytes == nullptr)
            durable.resize(static_cast<std::size_t>(change.offset));
        else
            apply(durable, change.offset, change.bytes->data(), change.bytes->size());
    }
    void settle() {
        for (const Pending& change : pending)
            apply(change);
        pending.clear();
    }
    void lose_some(std::mt19937_64& dice) {
        for (const Pending& change : pending) {
            if (change.bytes == nullptr) {
                if (dice() % 2 == 0) apply(change);
                continue;
            }
            for (std::size_t at = 0; at < change.bytes->size();) {
                const std::size_t end = std::min<std::size_t>(change.bytes->size(),
                                                              at + sector_bytes - (change.offset + at) % sector_bytes);
                if (dice() % 2 == 0) apply(durable, change.offset + at, change.bytes->data() + at, end - at);
                at = end;
            }
        }
        pending.clear();
    }
};

} // namespace

Disk::Disk(std::string folder) : folder_(std::filesystem::canonical(folder).string()) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        struct stat status {};
        if (::stat(entry.path().c_str(), &status) != 0) continue;
        const std::uint64_t number = numbers_.size() + 1;
        numbers_[status.st_ino] = number;
        initial_names_[entry.path().filename().string()] = number;
        std::ifstream in(entry.path(), std::ios::binary);
        initial_[number] = {std::istreambuf_iterator<char>(in), {}};
    }
    active = this;
}

Disk::~Disk() { active = nullptr; }

Disk* Disk::current() noexcept { return active; }

std::optional<std::string> Disk::below(const std::string& path) const {
    if (path == folder_) return "";
    if (!path.starts_with(folder_ + "/")) return std::nullopt;
    std::string name = path.substr(folder_.size() + 1);
    // The lock files carry nothing from one life of the machine to the next.
    if (name.find("lock") != std::string::npos) return std::nullopt;
    return name;
}

std::uint64_t Disk::number_of(std::uint64_t inode, const std::string& name) {
    const auto [at, fresh] = numbers_.try_emplace(inode, numbers_.size() + 1);
    if (fresh) log_.emplace_back(Name{name, at->second});
    return at->second;
}

std::optional<std::uint64_t> Disk::file_of(int descriptor) {
    char path[4096];
    const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path, sizeof path);
    if (size <= 0) return std::nullopt;
    std::string text(path, static_cast<std::size_t>(size));
    if (constexpr std::string_view gone = " (deleted)"; text.ends_with(gone)) text.resize(text.size() - gone.size());
    const auto name = below(text);
    if (!name) return std::nullopt;
    if (name->empty()) return 0;
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return std::nullopt;
    return number_of(status.st_ino, *name);
}

void Disk::note(std::uint64_t number) { log_.emplace_back(Note{number}); }

void Disk::wrote(int descriptor, std::uint64_t offset, const std::uint8_t* bytes, std::size_t size) {
    const auto file = file_of(descriptor);
    if (!file) return;
    const bool durable = (::fcntl(descriptor, F_GETFL) & O_DSYNC) != 0;
    log_.emplace_back(Write{*file, offset, {bytes, bytes + size}, durable});
}
void Disk::synced(int descriptor) {
    const auto file = file_of(descriptor);
    if (!file) return;
    if (*file == 0)
        log_.emplace_back(SyncFolder{});
    else
        log_.emplace_back(Sync{*file});
}
void Disk::truncated(int descriptor, std::uint64_t size) {
    if (const auto file = file_of(descriptor)) log_.emplace_back(Truncate{*file, size});
}
void Disk::linked(const std::string& from, const std::string& to) {
    struct stat status {};
    if (const auto name = below(to); name && ::stat(from.c_str(), &status) == 0)
        log_.emplace_back(Name{*name, number_of(status.st_ino, *below(from))});
}
void Disk::renamed(const std::string& from, const std::string& to) {
    if (const auto name = below(to)) log_.emplace_back(Rename{*below(from), *name});
}
void Disk::unlinked(const std::string& path) {
    if (const auto name = below(path)) log_.emplace_back(Name{*name, 0});
}

void Disk::fail(std::size_t n, int code, std::size_t times) {
    calls_ = 0;
    fail_at_ = n;
    fail_times_ = times;
    fail_code_ = code;
    full_ = false;
}

int Disk::next_failure(int descriptor) {
    if (!file_of(descriptor)) return 0;
    const std::size_t call = calls_++;
    if (call < fail_at_ || call - fail_at_ >= fail_times_) return 0;
    full_ = full_ || fail_code_ == fills_up;
    return fail_code_;
}

bool Disk::is_sync_point(std::size_t step) const {
    const auto* write = std::get_if<Write>(&log_[step]);
    return std::holds_alternative<Sync>(log_[step]) || std::holds_alternative<SyncFolder>(log_[step]) ||
           (write != nullptr && write->durable);
}

std::uint64_t Disk::crash(std::size_t steps, Loss loss, std::mt19937_64& dice, const std::string& target) const {
    std::map<std::uint64_t, File> files;
    for (const auto& [number, content] : initial_)
        files[number].durable = content;
    std::map<std::string, std::uint64_t> names = initial_names_;
    std::vector<const Step*> pending_names;
    std::uint64_t noted = 0;
    const auto take_name = [&](const Step& step) {
        if (const auto* rename = std::get_if<Rename>(&step)) {
            names[rename->to] = names[rename->from];
            names.erase(rename->from);
        } else if (const auto& name = std::get<Name>(step); name.file != 0) {
            names[name.name] = name.file;
        } else {
            names.erase(name.name);
        }
    };
    const auto settle_names = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            take_name(*pending_names[i]);
        pending_names.clear();
    };
    for (std::size_t i = 0; i < steps; ++i) {
        const Step& step = log_[i];
        if (const auto* write = std::get_if<Write>(&step)) {
            File& file = files[write->file];
            if (write->durable)
                File::apply(file.durable, write->offset, write->bytes.data(), write->bytes.size());
            else
                file.pending.push_back({write->offset, &write->bytes});
        } else if (const auto* cut = std::get_if<Truncate>(&step)) {
            files[cut->file].pending.push_back({cut->size, nullptr});
        } else if (const auto* sync = std::get_if<Sync>(&step)) {
            files[sync->file].settle();
        } else if (std::holds_alternative<SyncFolder>(step)) {
            settle_names(pending_names.size());
        } else if (const auto* note = std::get_if<Note>(&step)) {
            noted = note->number;
        } else {
            pending_names.push_back(&step);
        }
    }
    if (loss == Loss::nothing) settle_names(pending_names.size());
    if (loss == Loss::some) settle_names(static_cast<std::size_t>(dice() % (pending_names.size() + 1)));
    for (auto& [number, file] : files) {
        if (loss == Loss::nothing) file.settle();
        if (loss == Loss::some) file.lose_some(dice);
    }
    for (const auto& [name, number] : names) {
        if (name.find("lock") != std::string::npos) continue;
        const std::vector<std::uint8_t>& content = files[number].durable;
        std::ofstream out(target + "/" + name, std::ios::binary);
        out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    }
    return noted;
}

namespace {

/// Runs `call`, unless a failure is due; `done` hears of what succeeded. `part`: what a write answers that fills the disk
/// (no test looks at what it wrote), -1 for a call that writes no bytes.
template <class Result, class Call, class Done>
Result interpose(int descriptor, Result part, Call call, Done done) {
    const std::lock_guard lock(mutex);
    Disk* const disk = active;
    if (disk != nullptr)
        if (const int code = disk->next_failure(descriptor); code != 0) {
            errno = code == Disk::fills_up ? ENOSPC : code;
            return code == Disk::fills_up ? part : -1;
        }
    const auto result = static_cast<Result>(call());
    if (disk != nullptr && result >= 0) {
        active = nullptr; // what reporting does is not recorded
        const int code = errno;
        done(*disk, result);
        errno = code;
        active = disk;
    }
    return result;
}

} // namespace
} // namespace rvm::lmdb::test

// The executable's own functions come before libc's, for liblmdb too.
// Visible, whatever the others are compiled with: LMDB's library must find them.
#pragma GCC visibility push(default)
extern "C" {

using rvm::lmdb::test::Disk;

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
    return rvm::lmdb::test::interpose<ssize_t>(
        fd, static_cast<ssize_t>(size / 2), [&] { return ::syscall(SYS_pwrite64, fd, data, size, offset); },
        [&](Disk& disk, ssize_t done) {
            disk.wrote(fd, static_cast<std::uint64_t>(offset), static_cast<const std::uint8_t*>(data),
                       static_cast<std::size_t>(done));
        });
}

ssize_t write(int fd, const void* data, size_t size) {
    return rvm::lmdb::test::interpose<ssize_t>(
        fd, static_cast<ssize_t>(size / 2), [&] { return ::syscall(SYS_write, fd, data, size); },
        [&](Disk& disk, ssize_t done) {
            const off_t end = ::lseek(fd, 0, SEEK_CUR);
            if (end >= done)
                disk.wrote(fd, static_cast<std::uint64_t>(end - done), static_cast<const std::uint8_t*>(data),
                           static_cast<std::size_t>(done));
        });
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
    return rvm::lmdb::test::interpose<ssize_t>(
        fd, static_cast<ssize_t>(parts[0].iov_len / 2), [&] { return ::syscall(SYS_writev, fd, parts, count); },
        [&](Disk& disk, ssize_t done) {
            auto at = static_cast<std::uint64_t>(::lseek(fd, 0, SEEK_CUR) - done);
            auto left = static_cast<std::size_t>(done);
            for (int i = 0; i < count && left > 0; ++i) {
                const std::size_t size = std::min(left, parts[i].iov_len);
                disk.wrote(fd, at, static_cast<const std::uint8_t*>(parts[i].iov_base), size);
                at += size;
                left -= size;
            }
        });
}

int fdatasync(int fd) {
    return rvm::lmdb::test::interpose<int>(
        fd, -1, [&] { return ::syscall(SYS_fdatasync, fd); }, [&](Disk& disk, int) { disk.synced(fd); });
}

int fsync(int fd) {
    return rvm::lmdb::test::interpose<int>(
        fd, -1, [&] { return ::syscall(SYS_fsync, fd); }, [&](Disk& disk, int) { disk.synced(fd); });
}

int ftruncate(int fd, off_t size) noexcept {
    return rvm::lmdb::test::interpose<int>(
        fd, -1, [&] { return ::syscall(SYS_ftruncate, fd, size); },
        [&](Disk& disk, int) { disk.truncated(fd, static_cast<std::uint64_t>(size)); });
}

int link(const char* from, const char* to) noexcept {
    return rvm::lmdb::test::interpose<int>(
        -1, -1, [&] { return ::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); },
        [&](Disk& disk, int) { disk.linked(from, to); });
}

int rename(const char* from, const char* to) noexcept {
    return rvm::lmdb::test::interpose<int>(
        -1, -1, [&] { return ::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); },
        [&](Disk& disk, int) { disk.renamed(from, to); });
}

int unlink(const char* name) noexcept {
    return rvm::lmdb::test::interpose<int>(
        -1, -1, [&] { return ::syscall(SYS_unlinkat, AT_FDCWD, name, 0); },
        [&](Disk& disk, int) { disk.unlinked(name); });
}

int statvfs(const char* path, struct statvfs* out) noexcept {
    struct statfs status {};
    if (::syscall(SYS_statfs, path, &status) != 0) return -1;
    const Disk* const disk = Disk::current();
    const bool full = disk != nullptr && disk->full();
    *out = {};
    out->f_bsize = static_cast<unsigned long>(status.f_bsize);
    out->f_frsize = static_cast<unsigned long>(status.f_frsize);
    out->f_blocks = status.f_blocks;
    out->f_bfree = full ? 0 : status.f_bfree;
    out->f_bavail = full ? 0 : status.f_bavail;
    return 0;
}
}
#pragma GCC visibility pop
