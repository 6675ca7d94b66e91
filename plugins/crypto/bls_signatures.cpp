// BLS signatures on BLS12-381 as Ethereum uses them: draft-irtf-cfrg-bls-signature, keys in G1, ciphersuite
// BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_, on plugins/lib/curves.
#include <sodium.h>

#include <array>
#include <string_view>
#include <vector>

#include "curves/bls_signature.hpp"
#include "hmac.hpp"
#include "output.hpp"
#include "parts.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

namespace bls = curves::bls12_381;
using curves::Status;

constexpr std::string_view message_tag = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
constexpr std::string_view proof_tag = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
constexpr std::string_view keygen_salt = "BLS-SIG-KEYGEN-SALT-";

using Uniform = std::array<std::uint8_t, bls::uniform_size>;

Bytes bytes_of(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// expand_message_xmd with SHA-256 (RFC 9380, section 5.3.1).
Uniform expand(Bytes message, std::string_view tag) noexcept {
    constexpr std::array<std::uint8_t, Sha256::block_bytes> padding{};
    constexpr std::uint8_t length[3] = {bls::uniform_size >> 8u, bls::uniform_size & 0xffu, 0};
    const auto tag_size = static_cast<std::uint8_t>(tag.size());
    const auto finish = [&](Sha256::Context& context, std::uint8_t* digest) {
        Sha256::update(context, bytes_of(tag));
        Sha256::update(context, {&tag_size, 1});
        Sha256::finish(context, digest);
    };
    Sha256::Context context;
    std::array<std::uint8_t, Sha256::digest_bytes> first;
    Sha256::start(context);
    Sha256::update(context, padding);
    Sha256::update(context, message);
    Sha256::update(context, length);
    finish(context, first.data());

    Uniform out;
    std::array<std::uint8_t, Sha256::digest_bytes> mixed = first;
    for (std::uint8_t i = 1; i <= out.size() / Sha256::digest_bytes; ++i) {
        std::uint8_t* block = out.data() + (i - 1u) * Sha256::digest_bytes;
        Sha256::start(context);
        Sha256::update(context, mixed);
        Sha256::update(context, {&i, 1});
        finish(context, block);
        for (std::size_t j = 0; j < mixed.size(); ++j) {
            mixed[j] = first[j] ^ block[j];
        }
    }
    return out;
}

/// Runs `operation`, which fills `Size` bytes; what the curve refuses is malformed.
template <std::size_t Size, class Operation>
rvm_status bytes_from(rvm_span output, std::uint64_t* size, Operation operation) noexcept {
    std::array<std::uint8_t, Size> bytes;
    const rvm_status status = sdk::guard(nullptr, [&]() -> rvm_status {
        return operation(std::span<std::uint8_t, Size>(bytes)) == Status::ok ? RVM_OK : RVM_TRAP_CRYPTO;
    });
    return status == RVM_OK ? answer(bytes, output, size) : status;
}

/// What cannot be decoded is no valid signature.
rvm_status verdict(Bytes keys, Bytes messages, Bytes signature, rvm_span output, std::uint64_t* size) noexcept {
    bool valid = false;
    const rvm_status status = sdk::guard(nullptr, [&] {
        if (bls::verify(keys, messages, signature, valid) != Status::ok) valid = false;
    });
    return status == RVM_OK ? answer(valid, output, size) : status;
}

bls::SecretBytes secret_of(rvm_view input) noexcept { return bls::SecretBytes(input.data, bls::secret_size); }

} // namespace

rvm_status bls_keygen(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    constexpr std::size_t least_material = 32;
    constexpr std::size_t wide = 48; // ceil(3 ceil(log2(order)) / 16)
    if (input.size < least_material) return RVM_TRAP_CRYPTO;
    *size = bls::secret_size;
    if (output.size < bls::secret_size) return RVM_E_BUFFER_TOO_SMALL;
    std::array<std::uint8_t, Sha256::digest_bytes> salt;
    Bytes unhashed = bytes_of(keygen_salt);
    for (bool found = false; !found;) {
        Sha256::Context context;
        Sha256::start(context);
        Sha256::update(context, unhashed);
        Sha256::finish(context, salt.data());
        unhashed = salt;
        constexpr std::uint8_t zero = 0;
        constexpr std::uint8_t info[3] = {0, wide, 1}; // no key_info; the first and only two blocks
        Hmac<Sha256>::Tag key;
        Hmac<Sha256>(salt).update({input.data, input.size}).update({&zero, 1}).finish(key.data());
        std::array<std::uint8_t, 2 * Sha256::digest_bytes> blocks;
        Hmac<Sha256> expand_key(key);
        expand_key.update(info).finish(blocks.data());
        constexpr std::uint8_t second[3] = {0, wide, 2};
        expand_key.update(std::span(blocks).first(Sha256::digest_bytes))
            .update(second)
            .finish(blocks.data() + Sha256::digest_bytes);
        found = bls::secret_from_bytes(std::span(blocks).first<wide>(),
                                       std::span<std::uint8_t, bls::secret_size>(output.data, bls::secret_size));
        sodium_memzero(key.data(), key.size());
        sodium_memzero(blocks.data(), blocks.size());
    }
    return RVM_OK;
}

rvm_status bls_key(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != bls::secret_size) return RVM_TRAP_CRYPTO;
    return bytes_from<bls::key_size>(output, size, [&](auto key) { return bls::public_key(secret_of(input), key); });
}

rvm_status bls_sign(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size < bls::secret_size) return RVM_TRAP_CRYPTO;
    const Bytes message(input.data + bls::secret_size, input.size - bls::secret_size);
    return bytes_from<bls::signature_size>(output, size, [&](auto signature) {
        return bls::sign(secret_of(input), expand(message, message_tag), signature);
    });
}

rvm_status bls_verify(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Parts parts(input);
    const Bytes signature = parts.take(bls::signature_size);
    const Bytes key = parts.take(bls::key_size);
    const Bytes message = parts.rest();
    if (!parts.whole()) return RVM_TRAP_CRYPTO;
    return verdict(key, expand(message, message_tag), signature, output, size);
}

rvm_status bls_prove(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != bls::secret_size) return RVM_TRAP_CRYPTO;
    return bytes_from<bls::signature_size>(output, size, [&](auto proof) {
        std::array<std::uint8_t, bls::key_size> key;
        const Status status = bls::public_key(secret_of(input), key);
        return status == Status::ok ? bls::sign(secret_of(input), expand(key, proof_tag), proof) : status;
    });
}

rvm_status bls_verify_proof(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != bls::signature_size + bls::key_size) return RVM_TRAP_CRYPTO;
    const Bytes key(input.data + bls::signature_size, bls::key_size);
    return verdict(key, expand(key, proof_tag), {input.data, bls::signature_size}, output, size);
}

rvm_status bls_aggregate(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return bytes_from<bls::signature_size>(output, size,
                                           [&](auto sum) { return bls::add_signatures(sdk::bytes(input), sum); });
}

rvm_status bls_add_keys(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return bytes_from<bls::key_size>(output, size, [&](auto sum) { return bls::add_keys(sdk::bytes(input), sum); });
}

rvm_status bls_fast_aggregate_verify(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Parts parts(input);
    const Bytes signature = parts.take(bls::signature_size);
    const Bytes keys = parts.take(static_cast<std::size_t>(parts.number()) * bls::key_size);
    const Bytes message = parts.rest();
    if (!parts.whole()) return RVM_TRAP_CRYPTO;
    std::array<std::uint8_t, bls::key_size> sum;
    bool summed = false;
    const rvm_status status = sdk::guard(nullptr, [&] { summed = bls::add_keys(keys, sum) == Status::ok; });
    if (status != RVM_OK) return status;
    return summed ? verdict(sum, expand(message, message_tag), signature, output, size) : answer(false, output, size);
}

rvm_status bls_aggregate_verify(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Parts parts(input);
    const Bytes signature = parts.take(bls::signature_size);
    std::vector<std::uint8_t> keys;
    std::vector<std::uint8_t> messages;
    const rvm_status status = sdk::guard(nullptr, [&] {
        while (parts.whole() && !parts.at_end()) {
            const Bytes key = parts.take(bls::key_size);
            const Bytes message = parts.sized();
            const Uniform uniform = expand(message, message_tag);
            keys.insert(keys.end(), key.begin(), key.end());
            messages.insert(messages.end(), uniform.begin(), uniform.end());
        }
    });
    if (status != RVM_OK) return status;
    if (!parts.whole() || keys.empty()) return RVM_TRAP_CRYPTO;
    return verdict(keys, messages, signature, output, size);
}

rvm_status bls_verify_batch(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    Parts parts(input);
    std::vector<std::uint8_t> keys;
    std::vector<std::uint8_t> messages;
    std::vector<std::uint8_t> signatures;
    std::vector<std::uint8_t> coefficients;
    bool valid = false;
    const rvm_status status = sdk::guard(nullptr, [&]() -> rvm_status {
        while (parts.whole() && !parts.at_end()) {
            const Bytes signature = parts.take(bls::signature_size);
            const Bytes key = parts.take(bls::key_size);
            const Uniform uniform = expand(parts.sized(), message_tag);
            signatures.insert(signatures.end(), signature.begin(), signature.end());
            keys.insert(keys.end(), key.begin(), key.end());
            messages.insert(messages.end(), uniform.begin(), uniform.end());
        }
        if (!parts.whole() || keys.empty()) return RVM_TRAP_CRYPTO;
        // Coefficients are hashes of the whole batch: the answer depends on the input alone, and a forger who changes a
        // signature to suit them changes them.
        std::array<std::uint8_t, Sha256::digest_bytes> seed;
        Sha256::Context context;
        Sha256::start(context);
        Sha256::update(context, {input.data, input.size});
        Sha256::finish(context, seed.data());
        Hmac<Sha256> stream(seed);
        coefficients.resize(keys.size() / bls::key_size * bls::coefficient_size);
        for (std::size_t i = 0; i < coefficients.size() / bls::coefficient_size; ++i) {
            std::array<std::uint8_t, 8> index;
            for (std::size_t j = 0; j < index.size(); ++j) {
                index[j] = static_cast<std::uint8_t>(i >> (8 * j));
            }
            Hmac<Sha256>::Tag tag;
            stream.update(index).finish(tag.data());
            std::memcpy(coefficients.data() + i * bls::coefficient_size, tag.data(), bls::coefficient_size);
        }
        if (bls::verify_batch(keys, messages, signatures, coefficients, valid) != Status::ok) valid = false;
        return RVM_OK;
    });
    return status == RVM_OK ? answer(valid, output, size) : status;
}

} // namespace rvm::crypto
