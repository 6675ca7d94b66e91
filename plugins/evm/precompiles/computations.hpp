// What precompiles compute. Each takes the input and writes its output as a program at an address does
// (rvm_program_fn without the gas): RVM_TRAP_CRYPTO refuses the input and burns the call's gas, an empty answer with
// RVM_OK is how ECREC and P256VERIFY say no.
#pragma once

#include "precompiles/primitives.hpp"

namespace rvm::evm::compute {

rvm_status ecrecover(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status sha256(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status ripemd160(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status identity(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status modexp(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
/// EIP-7823: numbers of at most 1024 bytes.
rvm_status modexp_eip7823(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bn254_add(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bn254_mul(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bn254_pairing(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status blake2f(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status kzg_point_evaluation(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bls12_g1add(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bls12_g1msm(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bls12_g2add(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bls12_g2msm(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bls12_pairing_check(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bls12_map_fp_to_g1(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status bls12_map_fp2_to_g2(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;
rvm_status p256verify(const Primitives& primitives, rvm_view input, rvm_span* out) noexcept;

} // namespace rvm::evm::compute
