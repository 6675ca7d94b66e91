#include "base/secret.hpp"

#include <sodium.h>

#include <cstring>
#include <new>

namespace rvm::wallet {
namespace {

std::uint8_t* allocate(std::size_t size) {
    static const bool ready = sodium_init() >= 0; // the guarded heap needs it, whoever uses it first
    return ready ? static_cast<std::uint8_t*>(sodium_malloc(size)) : nullptr;
}

} // namespace

void Secret::Free::operator()(std::uint8_t* data) const noexcept { sodium_free(data); }

Secret::Secret(std::size_t size) : data_(allocate(size)), size_(size) {
    if (data_ == nullptr) throw std::bad_alloc();
    std::memset(data_.get(), 0, size);
}

Secret Secret::copy_of(Bytes bytes) { return join({bytes}); }

Secret Secret::join(std::initializer_list<Bytes> parts) {
    std::size_t size = 0;
    for (const Bytes part : parts) {
        size += part.size();
    }
    Secret out(size);
    std::size_t at = 0;
    for (const Bytes part : parts) {
        if (!part.empty()) std::memcpy(out.data() + at, part.data(), part.size());
        at += part.size();
    }
    return out;
}

void Secret::truncate(std::size_t size) noexcept {
    sodium_memzero(data_.get() + size, size_ - size);
    size_ = size;
}

bool same_secret(Bytes a, Bytes b) noexcept {
    return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

Secret random_secret(std::size_t size) {
    Secret out(size);
    randombytes_buf(out.data(), size);
    return out;
}

void wipe(std::span<std::uint8_t> bytes) noexcept { sodium_memzero(bytes.data(), bytes.size()); }

} // namespace rvm::wallet
