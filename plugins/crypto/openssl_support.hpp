// OpenSSL's objects in C++: owned, and silent about what it refuses.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <cstdint>
#include <memory>
#include <span>

namespace rvm::crypto {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using Group = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;
using Scratch = std::unique_ptr<BN_CTX, Freed<BN_CTX_free>>;

/// The curve P-256; immutable once made, so all threads share it. nullptr: there is no memory.
[[nodiscard]] const EC_GROUP* p256() noexcept;

/// Numbers of one computation; they go back to the scratch context with it.
class Numbers {
  public:
    explicit Numbers(BN_CTX* context) noexcept : context_(context) { BN_CTX_start(context_); }
    ~Numbers() { BN_CTX_end(context_); }
    Numbers(const Numbers&) = delete;
    Numbers& operator=(const Numbers&) = delete;

    /// nullptr when there is no memory, and ever after.
    [[nodiscard]] BIGNUM* next() noexcept { return BN_CTX_get(context_); }
    /// 32 bytes, big-endian.
    [[nodiscard]] BIGNUM* next(const std::uint8_t* bytes) noexcept {
        BIGNUM* number = next();
        return number == nullptr ? nullptr : BN_bin2bn(bytes, 32, number);
    }

  private:
    BN_CTX* context_;
};

/// What OpenSSL records about refused input stays out of the thread's error queue.
class ErrorMark {
  public:
    ErrorMark() noexcept { ERR_set_mark(); }
    ~ErrorMark() { ERR_pop_to_mark(); }
    ErrorMark(const ErrorMark&) = delete;
    ErrorMark& operator=(const ErrorMark&) = delete;
};

} // namespace rvm::crypto
