// XChaCha20-Poly1305 by libsodium; AES by OpenSSL, for the key files that other wallets write.
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <climits>

#include "openssl_support.hpp"
#include "output.hpp"
#include "parts.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

constexpr std::size_t xchacha_key = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t xchacha_nonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t xchacha_tag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

constexpr std::size_t aes_block = 16;

/// A library context of its own reads no configuration file, so the answer depends on the input alone.
class Aes {
  public:
    using Cipher = std::unique_ptr<EVP_CIPHER, Freed<EVP_CIPHER_free>>;

    Aes() noexcept : library_(OSSL_LIB_CTX_new()) {
        if (library_ == nullptr) return;
        const auto fetch = [&](const char* name) { return Cipher(EVP_CIPHER_fetch(library_.get(), name, nullptr)); };
        ctr_ = {fetch("AES-128-CTR"), fetch("AES-192-CTR"), fetch("AES-256-CTR")};
        cbc_ = {fetch("AES-128-CBC"), fetch("AES-192-CBC"), fetch("AES-256-CBC")};
    }
    static const Aes& instance() noexcept {
        static const Aes aes;
        return aes;
    }
    [[nodiscard]] const EVP_CIPHER* ctr(std::size_t key_bytes) const noexcept { return ctr_[index(key_bytes)].get(); }
    [[nodiscard]] const EVP_CIPHER* cbc(std::size_t key_bytes) const noexcept { return cbc_[index(key_bytes)].get(); }

  private:
    /// Keys of 16, 24, 32 bytes.
    static std::size_t index(std::size_t key_bytes) noexcept { return key_bytes / 8 - 2; }

    std::unique_ptr<OSSL_LIB_CTX, Freed<OSSL_LIB_CTX_free>> library_; // outlives the ciphers
    std::array<Cipher, 3> ctr_, cbc_;
};

struct AesInput {
    Bytes key;
    Bytes iv;
    Bytes data;

    static bool read(rvm_view input, AesInput& out) noexcept {
        Parts parts(input);
        out.key = parts.sized();
        out.iv = parts.take(aes_block);
        out.data = parts.rest();
        return parts.whole() && (out.key.size() == 16 || out.key.size() == 24 || out.key.size() == 32) &&
               out.data.size() <= INT_MAX - 2 * aes_block;
    }
};

/// `padded`: RFC 5652, section 6.3. RVM_TRAP_CRYPTO: the padding, or the size of what is padded, is wrong.
rvm_status run(const EVP_CIPHER* cipher, const AesInput& input, bool encrypt, bool padded, rvm_span output,
               std::uint64_t* size) noexcept {
    const ErrorMark mark;
    *size = input.data.size() + (padded && encrypt ? aes_block - input.data.size() % aes_block : 0);
    if (padded && !encrypt && (input.data.empty() || input.data.size() % aes_block != 0)) return RVM_TRAP_CRYPTO;
    if (output.size < *size) return RVM_E_BUFFER_TOO_SMALL;
    const std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
    if (cipher == nullptr || context == nullptr ||
        EVP_CipherInit_ex2(context.get(), cipher, input.key.data(), input.iv.data(), encrypt ? 1 : 0, nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), padded ? 1 : 0) != 1) {
        return RVM_E_NO_MEMORY;
    }
    int written = 0;
    int last = 0;
    if (!input.data.empty() && EVP_CipherUpdate(context.get(), output.data, &written, input.data.data(),
                                                static_cast<int>(input.data.size())) != 1) {
        return RVM_E_NO_MEMORY;
    }
    std::array<std::uint8_t, aes_block> tail{};
    if (EVP_CipherFinal_ex(context.get(), tail.data(), &last) != 1) {
        sodium_memzero(output.data, static_cast<std::size_t>(written));
        return RVM_TRAP_CRYPTO;
    }
    if (last > 0) std::memcpy(output.data + written, tail.data(), static_cast<std::size_t>(last));
    sodium_memzero(tail.data(), tail.size());
    *size = static_cast<std::uint64_t>(written) + static_cast<std::uint64_t>(last);
    return RVM_OK;
}

} // namespace

rvm_status xchacha20poly1305_seal(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Parts parts(input);
    const Bytes key = parts.take(xchacha_key);
    const Bytes nonce = parts.take(xchacha_nonce);
    const Bytes data = parts.sized();
    const Bytes plain = parts.rest();
    if (!parts.whole()) return RVM_TRAP_CRYPTO;
    *size = plain.size() + xchacha_tag;
    if (output.size < *size) return RVM_E_BUFFER_TOO_SMALL;
    crypto_aead_xchacha20poly1305_ietf_encrypt(output.data, nullptr, plain.data(), plain.size(), data.data(),
                                               data.size(), nullptr, nonce.data(), key.data());
    return RVM_OK;
}

rvm_status xchacha20poly1305_open(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Parts parts(input);
    const Bytes key = parts.take(xchacha_key);
    const Bytes nonce = parts.take(xchacha_nonce);
    const Bytes data = parts.sized();
    const Bytes sealed = parts.rest();
    if (!parts.whole() || sealed.size() < xchacha_tag) return RVM_TRAP_CRYPTO;
    *size = sealed.size() - xchacha_tag;
    if (output.size < *size) return RVM_E_BUFFER_TOO_SMALL;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(output.data, nullptr, nullptr, sealed.data(), sealed.size(),
                                                      data.data(), data.size(), nonce.data(), key.data()) == 0
               ? RVM_OK
               : RVM_TRAP_CRYPTO;
}

rvm_status aes_ctr(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    AesInput parts;
    if (!AesInput::read(input, parts)) return RVM_TRAP_CRYPTO;
    return run(Aes::instance().ctr(parts.key.size()), parts, true, false, output, size);
}

rvm_status aes_cbc_encrypt(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    AesInput parts;
    if (!AesInput::read(input, parts)) return RVM_TRAP_CRYPTO;
    return run(Aes::instance().cbc(parts.key.size()), parts, true, true, output, size);
}

rvm_status aes_cbc_decrypt(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    AesInput parts;
    if (!AesInput::read(input, parts)) return RVM_TRAP_CRYPTO;
    return run(Aes::instance().cbc(parts.key.size()), parts, false, true, output, size);
}

} // namespace rvm::crypto
