// Operations on alt_bn128 and BLS12-381 (plugins/lib/curves) as primitives.
#include "curves/bls12_381.hpp"
#include "curves/bn254.hpp"
#include "output.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

using curves::Status;
namespace bn254 = curves::bn254;
namespace bls = curves::bls12_381;

/// Runs `operation`, which fills `Size` bytes; what the curve refuses is malformed.
template <std::size_t Size, class Operation>
rvm_status bytes_of(rvm_span output, std::uint64_t* size, Operation operation) noexcept {
    *size = Size;
    if (output.size < Size) return RVM_E_BUFFER_TOO_SMALL;
    return sdk::guard(nullptr, [&]() -> rvm_status {
        const Status status = operation(std::span<std::uint8_t, Size>(output.data, Size));
        return status == Status::ok ? RVM_OK : RVM_TRAP_CRYPTO;
    });
}

/// As above, for an operation that answers yes or no.
template <class Operation>
rvm_status truth_of(rvm_span output, std::uint64_t* size, Operation operation) noexcept {
    return bytes_of<1>(output, size, [&](std::span<std::uint8_t, 1> byte) {
        bool truth = false;
        const Status status = operation(truth);
        byte[0] = truth ? 1 : 0;
        return status;
    });
}

template <std::size_t Size>
std::span<const std::uint8_t, Size> part(rvm_view input, std::size_t offset = 0) noexcept {
    return std::span<const std::uint8_t, Size>(input.data + offset, Size);
}

} // namespace

rvm_status bn254_add(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != 2 * bn254::g1_size) return RVM_TRAP_CRYPTO;
    return bytes_of<bn254::g1_size>(output, size,
                                    [&](auto sum) { return bn254::add(part<2 * bn254::g1_size>(input), sum); });
}

rvm_status bn254_mul(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    constexpr std::size_t bytes = bn254::g1_size + bn254::scalar_size;
    if (input.size != bytes) return RVM_TRAP_CRYPTO;
    return bytes_of<bn254::g1_size>(output, size,
                                    [&](auto product) { return bn254::multiply(part<bytes>(input), product); });
}

rvm_status bn254_pairing(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return truth_of(output, size, [&](bool& is_one) { return bn254::pairing_check(sdk::bytes(input), is_one); });
}

rvm_status kzg_verify(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    constexpr std::size_t scalar = bls::scalar_size;
    constexpr std::size_t point = bls::compressed_g1_size;
    if (input.size != 2 * scalar + 2 * point) return RVM_TRAP_CRYPTO;
    return truth_of(output, size, [&](bool& valid) {
        return bls::verify_kzg_proof(part<point>(input, 2 * scalar), part<scalar>(input), part<scalar>(input, scalar),
                                     part<point>(input, 2 * scalar + point), valid);
    });
}

rvm_status bls12_381_g1_add(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return bytes_of<bls::g1_size>(output, size, [&](auto sum) { return bls::add_g1(sdk::bytes(input), sum); });
}

rvm_status bls12_381_g1_msm(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return bytes_of<bls::g1_size>(output, size, [&](auto sum) { return bls::multiply_sum_g1(sdk::bytes(input), sum); });
}

rvm_status bls12_381_g2_add(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return bytes_of<bls::g2_size>(output, size, [&](auto sum) { return bls::add_g2(sdk::bytes(input), sum); });
}

rvm_status bls12_381_g2_msm(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return bytes_of<bls::g2_size>(output, size, [&](auto sum) { return bls::multiply_sum_g2(sdk::bytes(input), sum); });
}

rvm_status bls12_381_pairing(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return truth_of(output, size, [&](bool& is_one) { return bls::pairing_check(sdk::bytes(input), is_one); });
}

rvm_status bls12_381_map_fp_to_g1(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return bytes_of<bls::g1_size>(output, size,
                                  [&](auto point) { return bls::map_fp_to_g1(sdk::bytes(input), point); });
}

rvm_status bls12_381_map_fp2_to_g2(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    return bytes_of<bls::g2_size>(output, size,
                                  [&](auto point) { return bls::map_fp2_to_g2(sdk::bytes(input), point); });
}

} // namespace rvm::crypto
