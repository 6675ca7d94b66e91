#include "precompiles/computations.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "precompiles/modexp_head.hpp"

namespace rvm::evm::compute {
namespace {

constexpr std::size_t word = 32;
constexpr std::size_t address_bytes = 20;
using Word = std::array<std::uint8_t, word>;

/// Writes the whole answer, or says how much room it needs.
rvm_status answer(rvm_view bytes, rvm_span* out) noexcept {
    const bool fits = bytes.size <= out->size;
    out->size = bytes.size;
    if (!fits) return RVM_E_BUFFER_TOO_SMALL;
    if (bytes.size != 0) std::memcpy(out->data, bytes.data, bytes.size);
    return RVM_OK;
}

rvm_status answer(const Word& bytes, rvm_span* out) noexcept { return answer({bytes.data(), bytes.size()}, out); }

rvm_status nothing(rvm_span* out) noexcept {
    out->size = 0;
    return RVM_OK;
}

/// The primitive's output as it is.
rvm_status forward(const Primitive& primitive, rvm_view input, rvm_span* out) noexcept {
    std::uint64_t size = 0;
    const rvm_status status = primitive.run(input, *out, &size);
    out->size = size;
    return status;
}

/// The primitive's one byte as a word.
rvm_status truth(const Primitive& primitive, rvm_view input, rvm_span* out) noexcept {
    Word result{};
    std::uint64_t size = 0;
    const rvm_status status = primitive.run(input, {&result.back(), 1}, &size);
    return status == RVM_OK ? answer(result, out) : status;
}

/// The first Size bytes of the input; missing ones are zero.
template <std::size_t Size>
class Padded {
  public:
    explicit Padded(rvm_view input) noexcept {
        if (input.size >= Size) {
            data_ = input.data;
            return;
        }
        std::copy_n(input.data, input.size, copy_.begin());
        std::fill(copy_.begin() + static_cast<std::ptrdiff_t>(input.size), copy_.end(), std::uint8_t{0});
        data_ = copy_.data();
    }
    Padded(const Padded&) = delete;
    Padded& operator=(const Padded&) = delete;

    [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] rvm_view view() const noexcept { return {data_, Size}; }

  private:
    const std::uint8_t* data_;
    std::array<std::uint8_t, Size> copy_; // written when the input is short
};

} // namespace

// Yellow Paper, appendix E, (203) on: digest, v, r, s; the answer is the signer's address, or nothing.
rvm_status ecrecover(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    const Padded<4 * word> padded(input);
    const std::uint8_t* v = padded.data() + word;
    const bool v_is_small = std::all_of(v, v + word - 1, [](std::uint8_t byte) { return byte == 0; });
    constexpr std::uint8_t first_v = 27;
    if (!v_is_small || v[word - 1] < first_v || v[word - 1] > first_v + 1) return nothing(out);

    std::array<std::uint8_t, 3 * word + 1> signature; // digest, r, s, recovery id
    std::copy_n(padded.data(), word, signature.begin());
    std::copy_n(padded.data() + 2 * word, 2 * word, signature.begin() + word);
    signature.back() = static_cast<std::uint8_t>(v[word - 1] - first_v);
    std::array<std::uint8_t, 2 * word> key;
    std::uint64_t size = 0;
    rvm_status status =
        primitives.secp256k1_recover.run({signature.data(), signature.size()}, {key.data(), key.size()}, &size);
    if (status == RVM_TRAP_CRYPTO) return nothing(out);
    if (status != RVM_OK) return status;
    Word address;
    status = primitives.keccak256.run({key.data(), key.size()}, {address.data(), address.size()}, &size);
    if (status != RVM_OK) return status;
    std::fill_n(address.begin(), word - address_bytes, std::uint8_t{0});
    return answer(address, out);
}

rvm_status sha256(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.sha256, input, out);
}

rvm_status ripemd160(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    constexpr std::size_t digest_bytes = 20;
    Word result{};
    std::uint64_t size = 0;
    const rvm_status status =
        primitives.ripemd160.run(input, {result.data() + word - digest_bytes, digest_bytes}, &size);
    return status == RVM_OK ? answer(result, out) : status;
}

rvm_status identity(const Primitives&, rvm_view input, rvm_span* out) noexcept { return answer(input, out); }

rvm_status modexp(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.modexp, input, out);
}

rvm_status modexp_eip7823(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    constexpr std::uint64_t most = 1024;
    const ModexpHead head(input);
    if (head.base > most || head.exponent > most || head.modulus > most) return RVM_TRAP_LIMIT;
    return modexp(primitives, input, out);
}

// EIP-196 and 197: what is missing is zero, what is too much is ignored.
rvm_status bn254_add(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.bn254_add, Padded<4 * word>(input).view(), out);
}

rvm_status bn254_mul(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.bn254_mul, Padded<3 * word>(input).view(), out);
}

rvm_status bn254_pairing(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return truth(primitives.bn254_pairing, input, out);
}

rvm_status blake2f(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.blake2f, input, out);
}

// EIP-4844: versioned hash, z, y, commitment, proof.
rvm_status kzg_point_evaluation(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    constexpr std::size_t point_bytes = 48;
    constexpr std::size_t commitment = 3 * word;
    if (input.size != commitment + 2 * point_bytes) return RVM_TRAP_CRYPTO;
    constexpr std::uint8_t version = 1; // VERSIONED_HASH_VERSION_KZG
    Word hash;
    std::uint64_t size = 0;
    rvm_status status =
        primitives.sha256.run({input.data + commitment, point_bytes}, {hash.data(), hash.size()}, &size);
    if (status != RVM_OK) return status;
    hash[0] = version;
    if (!std::equal(hash.begin(), hash.end(), input.data)) return RVM_TRAP_CRYPTO;

    std::uint8_t valid = 0;
    status = primitives.kzg_verify.run({input.data + word, input.size - word}, {&valid, 1}, &size);
    if (status != RVM_OK) return status;
    if (valid == 0) return RVM_TRAP_CRYPTO;
    // FIELD_ELEMENTS_PER_BLOB and BLS_MODULUS
    static constexpr std::array<std::uint8_t, 2 * word> result = {
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10, 0x00,
        0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8, 0x05,
        0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01};
    return answer({result.data(), result.size()}, out);
}

rvm_status bls12_g1add(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.bls12_381_g1_add, input, out);
}

rvm_status bls12_g1msm(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.bls12_381_g1_msm, input, out);
}

rvm_status bls12_g2add(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.bls12_381_g2_add, input, out);
}

rvm_status bls12_g2msm(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.bls12_381_g2_msm, input, out);
}

rvm_status bls12_pairing_check(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return truth(primitives.bls12_381_pairing, input, out);
}

rvm_status bls12_map_fp_to_g1(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.bls12_381_map_fp_to_g1, input, out);
}

rvm_status bls12_map_fp2_to_g2(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    return forward(primitives.bls12_381_map_fp2_to_g2, input, out);
}

// EIP-7951: the word 1, or nothing.
rvm_status p256verify(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept {
    if (input.size != 5 * word) return nothing(out);
    Word result{};
    std::uint64_t size = 0;
    const rvm_status status = primitives.secp256r1_verify.run(input, {&result.back(), 1}, &size);
    if (status != RVM_OK) return status;
    return result.back() == 1 ? answer(result, out) : nothing(out);
}

} // namespace rvm::evm::compute
