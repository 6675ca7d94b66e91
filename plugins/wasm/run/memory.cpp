#include "run/memory.hpp"

#include <algorithm>
#include <new>

#include <sys/mman.h>

namespace rvm::wasm {

LinearMemory::LinearMemory(const MemoryType& type, const MemoryLimits& limits)
    : type_(type), most_pages_(std::min(type.limits.maximum, limits.pages)), pages_(type.limits.minimum) {
    // One page more, so that a memory of no pages has an address too.
    const std::uint64_t bytes = (most_pages_ + 1) * limits::page_bytes;
    void* range = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::uint8_t*>(range);
}

LinearMemory::~LinearMemory() { munmap(base_, (most_pages_ + 1) * limits::page_bytes); }

MemoryType LinearMemory::type() const noexcept {
    MemoryType now = type_;
    now.limits.minimum = pages_;
    return now;
}

} // namespace rvm::wasm
