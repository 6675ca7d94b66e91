// HMAC (RFC 2104) over SHA-256 and SHA-512. OpenSSL's functions of the algorithms themselves, as in openssl_hashes.cpp.
#pragma once

#ifndef OPENSSL_SUPPRESS_DEPRECATED
#define OPENSSL_SUPPRESS_DEPRECATED // the names are deprecated since 3.0, not the algorithms
#endif
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace rvm::crypto {

struct Sha256 {
    using Context = SHA256_CTX;
    static constexpr std::size_t digest_bytes = SHA256_DIGEST_LENGTH;
    static constexpr std::size_t block_bytes = SHA256_CBLOCK;
    static void start(Context& context) noexcept { SHA256_Init(&context); }
    static void update(Context& context, std::span<const std::uint8_t> data) noexcept {
        SHA256_Update(&context, data.data(), data.size());
    }
    static void finish(Context& context, std::uint8_t* digest) noexcept { SHA256_Final(digest, &context); }
};

struct Sha512 {
    using Context = SHA512_CTX;
    static constexpr std::size_t digest_bytes = SHA512_DIGEST_LENGTH;
    static constexpr std::size_t block_bytes = SHA512_CBLOCK;
    static void start(Context& context) noexcept { SHA512_Init(&context); }
    static void update(Context& context, std::span<const std::uint8_t> data) noexcept {
        SHA512_Update(&context, data.data(), data.size());
    }
    static void finish(Context& context, std::uint8_t* digest) noexcept { SHA512_Final(digest, &context); }
};

/// One key, many messages: the two keyed blocks are hashed once. What is kept of the key is wiped. One thread.
template <class Hash>
class Hmac {
  public:
    using Tag = std::array<std::uint8_t, Hash::digest_bytes>;

    explicit Hmac(std::span<const std::uint8_t> key) noexcept {
        std::array<std::uint8_t, Hash::block_bytes> block{};
        if (key.size() > block.size()) {
            Hash::start(running_);
            Hash::update(running_, key);
            Hash::finish(running_, block.data());
        } else if (!key.empty()) {
            std::memcpy(block.data(), key.data(), key.size());
        }
        constexpr std::uint8_t inner_pad = 0x36;
        constexpr std::uint8_t outer_pad = 0x5c;
        absorb(inner_, block, inner_pad);
        absorb(outer_, block, outer_pad);
        OPENSSL_cleanse(block.data(), block.size());
        running_ = inner_;
    }
    ~Hmac() {
        OPENSSL_cleanse(&inner_, sizeof inner_);
        OPENSSL_cleanse(&outer_, sizeof outer_);
        OPENSSL_cleanse(&running_, sizeof running_);
    }
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;

    Hmac& update(std::span<const std::uint8_t> data) noexcept {
        Hash::update(running_, data);
        return *this;
    }
    /// The tag of everything since construction or the last finish().
    void finish(std::uint8_t* tag) noexcept {
        Hash::finish(running_, tag);
        running_ = outer_;
        Hash::update(running_, {tag, Hash::digest_bytes});
        Hash::finish(running_, tag);
        running_ = inner_;
    }

  private:
    static void absorb(typename Hash::Context& context, std::array<std::uint8_t, Hash::block_bytes> block,
                       std::uint8_t pad) noexcept {
        for (std::uint8_t& byte : block) {
            byte ^= pad;
        }
        Hash::start(context);
        Hash::update(context, block);
        OPENSSL_cleanse(block.data(), block.size());
    }

    typename Hash::Context inner_;
    typename Hash::Context outer_;
    typename Hash::Context running_;
};

/// HKDF (RFC 5869): fills `out`, at most 255 digests of it.
template <class Hash>
void hkdf(std::span<const std::uint8_t> salt, std::span<const std::uint8_t> secret, std::span<const std::uint8_t> info,
          std::span<std::uint8_t> out) noexcept {
    typename Hmac<Hash>::Tag key;
    Hmac<Hash>(salt).update(secret).finish(key.data()); // an empty salt and one of zeros are the same key
    Hmac<Hash> expand(key);
    typename Hmac<Hash>::Tag block;
    std::span<const std::uint8_t> previous;
    for (std::uint8_t counter = 1; !out.empty(); ++counter) {
        expand.update(previous).update(info).update({&counter, 1}).finish(block.data());
        previous = block;
        const std::size_t size = out.size() < block.size() ? out.size() : block.size();
        std::memcpy(out.data(), block.data(), size);
        out = out.subspan(size);
    }
    OPENSSL_cleanse(key.data(), key.size());
    OPENSSL_cleanse(block.data(), block.size());
}

} // namespace rvm::crypto
