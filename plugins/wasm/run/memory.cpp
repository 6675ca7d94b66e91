#include "run/memory.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace rvm::wasm {
namespace {

/// They read as zeros afterwards.
void give_back(std::uint8_t* first, std::uint64_t bytes) noexcept {
    if (madvise(first, bytes, MADV_DONTNEED) != 0) std::memset(first, 0, bytes);
}

constexpr std::uint64_t usual_bytes = MemoryLimits{}.pages * limits::page_bytes;
std::uint8_t nothing; // where memories without pages are

/// Ranges of usual_bytes, all zero, that wait for the next memory of this thread. Plain data, so that memories which
/// end later in the thread than it does find it closed.
struct Idle {
    static constexpr std::size_t most = 128;
    std::uint8_t* ranges[most];
    std::size_t count;
    bool closed;

    [[nodiscard]] std::uint8_t* take() noexcept { return count == 0 ? nullptr : ranges[--count]; }
    [[nodiscard]] bool keep(std::uint8_t* range) noexcept;
};
thread_local Idle idle;

struct Closing {
    ~Closing() {
        while (std::uint8_t* range = idle.take())
            munmap(range, usual_bytes);
        idle.closed = true;
    }
};

bool Idle::keep(std::uint8_t* range) noexcept {
    thread_local Closing at_the_end; // of the thread
    (void)at_the_end;
    if (count == most) return false;
    ranges[count++] = range;
    return true;
}

} // namespace

LinearMemory::LinearMemory(const MemoryType& type, const MemoryLimits& limits)
    : type_(type), most_pages_(std::min(type.limits.maximum, limits.pages)), pages_(type.limits.minimum),
      base_(&nothing) {
    if (pages_ != 0 && !reserve()) throw std::bad_alloc();
}

LinearMemory::~LinearMemory() {
    if (range_ == nullptr) return;
    if (range_bytes() == usual_bytes && !idle.closed) {
        if (!clean_) clear(size());
        if (idle.keep(range_)) return;
    }
    munmap(range_, range_bytes());
}

std::uint64_t LinearMemory::range_bytes() const noexcept {
    return std::max(most_pages_ * limits::page_bytes, usual_bytes);
}

bool LinearMemory::reserve() noexcept {
    range_ = range_bytes() == usual_bytes ? idle.take() : nullptr;
    if (range_ == nullptr) {
        void* range =
            mmap(nullptr, range_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (range == MAP_FAILED) return false;
        range_ = static_cast<std::uint8_t*>(range);
        // A huge page would look touched as a whole. Without the advice it is only slower.
        (void)madvise(range_, range_bytes(), MADV_NOHUGEPAGE);
    }
    base_ = range_;
    return true;
}

void LinearMemory::reset() noexcept {
    if (!clean_) clear(size());
    clean_ = true;
    pages_ = type_.limits.minimum;
}

/// Writing zeros over a few resident pages is cheaper than giving them back and faulting them in again. The others are
/// given back all the same: most were never touched, but one that was swapped out is not resident either.
void LinearMemory::clear(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t host_page = 4096, looked_at = 1024, cleared_by_hand = 64;
    unsigned char resident[looked_at];
    const std::uint64_t pages = bytes / host_page;
    if (pages == 0) return;
    const auto is_resident = [&](std::uint64_t page) { return (resident[page] & 1) != 0; };
    const bool known = pages <= looked_at && mincore(base_, bytes, resident) == 0;
    if (!known || std::count_if(resident, resident + pages, [](unsigned char flags) { return (flags & 1) != 0; }) >
                      static_cast<std::ptrdiff_t>(cleared_by_hand)) {
        give_back(base_, bytes);
        return;
    }
    for (std::uint64_t from = 0, to = 0; from < pages; from = to) {
        while (to < pages && is_resident(to) == is_resident(from))
            ++to;
        std::uint8_t* const first = base_ + from * host_page;
        const std::uint64_t size = (to - from) * host_page;
        is_resident(from) ? static_cast<void>(std::memset(first, 0, size)) : give_back(first, size);
    }
}

MemoryType LinearMemory::type() const noexcept {
    MemoryType now = type_;
    now.limits.minimum = pages_;
    return now;
}

} // namespace rvm::wasm
