// Keys of secp256k1, sums of them (BIP-32), agreement, signatures of BIP-340, all by libsecp256k1.
#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>
#include <sodium.h>

#include <array>

#include "output.hpp"
#include "parts.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

constexpr std::size_t number_bytes = 32;
constexpr std::size_t compressed_bytes = 33;
constexpr std::size_t uncompressed_bytes = 65;
constexpr std::size_t signature_bytes = 64;

const secp256k1_context* signing(const void* self) noexcept { return static_cast<const SigningContext*>(self)->get(); }

bool parse(Bytes bytes, secp256k1_pubkey& out) noexcept {
    // The hybrid form (prefix 6 or 7) is no encoding of SEC 1's successors.
    const bool known = (bytes.size() == compressed_bytes && (bytes[0] == 2 || bytes[0] == 3)) ||
                       (bytes.size() == uncompressed_bytes && bytes[0] == 4);
    return known && secp256k1_ec_pubkey_parse(secp256k1_context_static, &out, bytes.data(), bytes.size()) == 1;
}

/// The x coordinate itself: what is derived from it is the caller's choice.
int take_x(unsigned char* out, const unsigned char* x, const unsigned char*, void*) {
    std::memcpy(out, x, number_bytes);
    return 1;
}

/// A key pair that is wiped.
class Pair {
  public:
    Pair(const secp256k1_context* context, const std::uint8_t* secret) noexcept
        : valid_(secp256k1_keypair_create(context, &pair_, secret) == 1) {}
    ~Pair() { sodium_memzero(&pair_, sizeof pair_); }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    [[nodiscard]] bool valid() const noexcept { return valid_; }
    [[nodiscard]] const secp256k1_keypair* get() const noexcept { return &pair_; }

  private:
    secp256k1_keypair pair_;
    bool valid_;
};

} // namespace

rvm_status secp256k1_key(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    secp256k1_pubkey key;
    if (input.size != number_bytes || secp256k1_ec_pubkey_create(signing(self), &key, input.data) == 0) {
        return RVM_TRAP_CRYPTO;
    }
    std::array<std::uint8_t, uncompressed_bytes> bytes;
    std::size_t written = bytes.size();
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, bytes.data(), &written, &key, SECP256K1_EC_UNCOMPRESSED);
    return answer(std::span(bytes).subspan(1), output, size);
}

rvm_status secp256k1_secret_add(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != 2 * number_bytes) return RVM_TRAP_CRYPTO;
    std::array<std::uint8_t, number_bytes> sum;
    std::memcpy(sum.data(), input.data, sum.size());
    rvm_status status = RVM_TRAP_CRYPTO;
    if (secp256k1_ec_seckey_verify(secp256k1_context_static, sum.data()) == 1 &&
        secp256k1_ec_seckey_tweak_add(secp256k1_context_static, sum.data(), input.data + number_bytes) == 1) {
        status = answer(sum, output, size);
    }
    sodium_memzero(sum.data(), sum.size());
    return status;
}

rvm_status secp256k1_key_add(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    secp256k1_pubkey key;
    if (input.size < number_bytes || !parse({input.data + number_bytes, input.size - number_bytes}, key) ||
        secp256k1_ec_pubkey_tweak_add(secp256k1_context_static, &key, input.data) == 0) {
        return RVM_TRAP_CRYPTO;
    }
    std::array<std::uint8_t, compressed_bytes> bytes;
    std::size_t written = bytes.size();
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, bytes.data(), &written, &key, SECP256K1_EC_COMPRESSED);
    return answer(bytes, output, size);
}

rvm_status secp256k1_ecdh(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    secp256k1_pubkey key;
    if (input.size < number_bytes || !parse({input.data + number_bytes, input.size - number_bytes}, key)) {
        return RVM_TRAP_CRYPTO;
    }
    std::array<std::uint8_t, number_bytes> shared;
    rvm_status status = RVM_TRAP_CRYPTO; // the secret is 0 or not below the order
    if (::secp256k1_ecdh(secp256k1_context_static, shared.data(), &key, input.data, take_x, nullptr) == 1) {
        status = answer(shared, output, size);
    }
    sodium_memzero(shared.data(), shared.size());
    return status;
}

rvm_status secp256k1_verify_low_s(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    constexpr std::size_t head = number_bytes + signature_bytes;
    secp256k1_pubkey key;
    if (input.size < head || !parse({input.data + head, input.size - head}, key)) return RVM_TRAP_CRYPTO;
    secp256k1_ecdsa_signature signature;
    const bool valid =
        secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &signature, input.data + number_bytes) == 1 &&
        secp256k1_ecdsa_verify(secp256k1_context_static, &signature, input.data, &key) == 1;
    return answer(valid, output, size);
}

rvm_status bip340_key(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != number_bytes) return RVM_TRAP_CRYPTO;
    const Pair pair(signing(self), input.data);
    secp256k1_xonly_pubkey key;
    if (!pair.valid() || secp256k1_keypair_xonly_pub(secp256k1_context_static, &key, nullptr, pair.get()) == 0) {
        return RVM_TRAP_CRYPTO;
    }
    std::array<std::uint8_t, number_bytes> bytes;
    secp256k1_xonly_pubkey_serialize(secp256k1_context_static, bytes.data(), &key);
    return answer(bytes, output, size);
}

rvm_status bip340_sign(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size < 2 * number_bytes) return RVM_TRAP_CRYPTO;
    const Pair pair(signing(self), input.data);
    std::array<std::uint8_t, number_bytes> auxiliary;
    std::memcpy(auxiliary.data(), input.data + number_bytes, auxiliary.size());
    secp256k1_schnorrsig_extraparams parameters = SECP256K1_SCHNORRSIG_EXTRAPARAMS_INIT;
    parameters.ndata = auxiliary.data();
    std::array<std::uint8_t, signature_bytes> signature;
    if (!pair.valid() ||
        secp256k1_schnorrsig_sign_custom(signing(self), signature.data(), input.data + 2 * number_bytes,
                                         input.size - 2 * number_bytes, pair.get(), &parameters) == 0) {
        return RVM_TRAP_CRYPTO;
    }
    return answer(signature, output, size);
}

rvm_status bip340_verify(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    constexpr std::size_t head = signature_bytes + number_bytes;
    if (input.size < head) return RVM_TRAP_CRYPTO;
    secp256k1_xonly_pubkey key;
    const bool valid =
        secp256k1_xonly_pubkey_parse(secp256k1_context_static, &key, input.data + signature_bytes) == 1 &&
        secp256k1_schnorrsig_verify(secp256k1_context_static, input.data, input.data + head, input.size - head, &key) ==
            1;
    return answer(valid, output, size);
}

} // namespace rvm::crypto
