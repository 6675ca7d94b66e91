// What the operations of the precompiles cost, checks and encoding included: CPU time (the column "CPU").
//
//   bn254          multiply 50 us, check of two pairs 1.0 ms
//   bls12_381      check of two pairs 0.95 ms, sum of 128 multiples in G1 80 us a point with subgroup checks, 25 us
//   without KZG            verification 1.0 ms
//   secp256k1      recovery 38 us
#include <vector>

#include <benchmark/benchmark.h>

#include "curves/bls12_381.hpp"
#include "curves/bls12_381_codec.hpp"
#include "curves/bn254.hpp"
#include "curves/bn254_curve.hpp"
#include "curves/map_to_curve.hpp"
#include "curves/secp256k1.hpp"

namespace {

using namespace rvm::curves;
namespace bls = bls12_381;
using Buffer = std::vector<std::uint8_t>;
using Bls = bls::Curve<Path::portable>;
using Bn = bn254::Curve<Path::portable>;

Path path_of(const benchmark::State& state) { return state.range(0) == 0 ? Path::portable : Path::adx; }

/// Argument 0: 0 portable, 1 adx.
void both_paths(benchmark::internal::Benchmark* b) {
    b->ArgName("adx")->Arg(0);
    if (available(Path::adx)) b->Arg(1);
    b->Unit(benchmark::kMicrosecond);
}

/// A scalar without structure: limbs of the fractional part of the golden ratio, multiplied by an odd number.
Scalar scalar(std::uint64_t i) {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;
    const std::uint64_t x = golden * (2 * i + 1);
    return {x, x * golden, x * golden * golden, x >> 2u};
}

template <class Point>
Buffer encode_bls(const Point& p) {
    Buffer bytes(sizeof p.x == sizeof(Bls::Fp) ? bls::g1_size : bls::g2_size);
    bls::Codec<Bls>::write(p, bytes.data());
    return bytes;
}

void append(Buffer& to, const Buffer& more) { to.insert(to.end(), more.begin(), more.end()); }

Buffer encode_bn(const Jacobian<Bn::Fp>& point) {
    const auto p = point.affine();
    Buffer bytes(bn254::g1_size);
    p.x.to_bytes(bytes.data());
    p.y.to_bytes(bytes.data() + bn254::coordinate_size);
    return bytes;
}

Buffer encode_bn(const Jacobian<Bn::F2>& point) {
    const auto p = point.affine();
    Buffer bytes(bn254::g2_size);
    p.x.imaginary.to_bytes(bytes.data());
    p.x.real.to_bytes(bytes.data() + bn254::coordinate_size);
    p.y.imaginary.to_bytes(bytes.data() + 2 * bn254::coordinate_size);
    p.y.real.to_bytes(bytes.data() + 3 * bn254::coordinate_size);
    return bytes;
}

Buffer encode(const Scalar& k) {
    Buffer bytes(32);
    to_bytes(k, bytes.data());
    return bytes;
}

template <class Curve, Path path>
void field_multiply(benchmark::State& state) {
    if (!available(path)) return state.SkipWithError("this processor lacks ADX");
    auto a = Curve::Fp::from_small(12345);
    for (auto _ : state) {
        a *= a;
        benchmark::DoNotOptimize(a);
    }
}
BENCHMARK(field_multiply<bn254::Curve<Path::portable>, Path::portable>);
BENCHMARK(field_multiply<bn254::Curve<Path::adx>, Path::adx>);
BENCHMARK(field_multiply<bls::Curve<Path::portable>, Path::portable>);
BENCHMARK(field_multiply<bls::Curve<Path::adx>, Path::adx>);

void bn254_add(benchmark::State& state) {
    Buffer input = encode_bn(multiply_plain(Bn::G1::generator, scalar(1)));
    append(input, encode_bn(multiply_plain(Bn::G1::generator, scalar(2))));
    Buffer output(bn254::g1_size);
    for (auto _ : state) {
        benchmark::DoNotOptimize(bn254::add(std::span<const std::uint8_t, 2 * bn254::g1_size>(input),
                                            std::span<std::uint8_t, bn254::g1_size>(output), path_of(state)));
    }
}
BENCHMARK(bn254_add)->Apply(both_paths);

void bn254_multiply(benchmark::State& state) {
    Buffer input = encode_bn(multiply_plain(Bn::G1::generator, scalar(1)));
    append(input, encode(scalar(3)));
    Buffer output(bn254::g1_size);
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            bn254::multiply(std::span<const std::uint8_t, bn254::g1_size + bn254::scalar_size>(input),
                            std::span<std::uint8_t, bn254::g1_size>(output), path_of(state)));
    }
}
BENCHMARK(bn254_multiply)->Apply(both_paths);

void bn254_check_two_pairs(benchmark::State& state) {
    Buffer input;
    for (std::uint64_t i = 0; i < 2; ++i) {
        append(input, encode_bn(multiply_plain(Bn::G1::generator, scalar(i))));
        append(input, encode_bn(multiply_plain(Bn::G2::generator, scalar(i + 2))));
    }
    bool is_one = false;
    for (auto _ : state) {
        if (bn254::pairing_check(input, is_one, path_of(state)) != Status::ok) state.SkipWithError("refused");
    }
}
BENCHMARK(bn254_check_two_pairs)->Apply(both_paths);

void bls_add_g1(benchmark::State& state) {
    Buffer input = encode_bls(multiply_plain(Bls::G1::generator, scalar(1)));
    append(input, encode_bls(multiply_plain(Bls::G1::generator, scalar(2))));
    Buffer output(bls::g1_size);
    for (auto _ : state) {
        benchmark::DoNotOptimize(bls::add_g1(input, bls::G1Bytes(output), path_of(state)));
    }
}
BENCHMARK(bls_add_g1)->Apply(both_paths);

void bls_add_g2(benchmark::State& state) {
    Buffer input = encode_bls(multiply_plain(Bls::G2::generator, scalar(1)));
    append(input, encode_bls(multiply_plain(Bls::G2::generator, scalar(2))));
    Buffer output(bls::g2_size);
    for (auto _ : state) {
        benchmark::DoNotOptimize(bls::add_g2(input, bls::G2Bytes(output), path_of(state)));
    }
}
BENCHMARK(bls_add_g2)->Apply(both_paths);

void bls_check_two_pairs(benchmark::State& state) {
    Buffer input;
    for (std::uint64_t i = 0; i < 2; ++i) {
        append(input, encode_bls(multiply_plain(Bls::G1::generator, scalar(i))));
        append(input, encode_bls(multiply_plain(Bls::G2::generator, scalar(i + 2))));
    }
    bool is_one = false;
    for (auto _ : state) {
        if (bls::pairing_check(input, is_one, path_of(state)) != Status::ok) state.SkipWithError("refused");
    }
}
BENCHMARK(bls_check_two_pairs)->Apply(both_paths);

/// Arguments: path, points.
void bls_multiply_sum_g1(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(1));
    Buffer input;
    for (std::uint64_t i = 0; i < count; ++i) {
        append(input, encode_bls(multiply_plain(Bls::G1::generator, scalar(i))));
        append(input, encode(scalar(i + count)));
    }
    Buffer output(bls::g1_size);
    for (auto _ : state) {
        if (bls::multiply_sum_g1(input, bls::G1Bytes(output), path_of(state)) != Status::ok)
            state.SkipWithError("refused");
    }
    state.counters["us_per_point"] =
        benchmark::Counter(static_cast<double>(count) * 1e-6 * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(bls_multiply_sum_g1)
    ->ArgNames({"adx", "points"})
    ->ArgsProduct({{0, 1}, {1, 8, 16, 32, 128}})
    ->Unit(benchmark::kMicrosecond);

void bls_multiply_sum_g2(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(1));
    Buffer input;
    for (std::uint64_t i = 0; i < count; ++i) {
        append(input, encode_bls(multiply_plain(Bls::G2::generator, scalar(i))));
        append(input, encode(scalar(i + count)));
    }
    Buffer output(bls::g2_size);
    for (auto _ : state) {
        if (bls::multiply_sum_g2(input, bls::G2Bytes(output), path_of(state)) != Status::ok)
            state.SkipWithError("refused");
    }
    state.counters["us_per_point"] =
        benchmark::Counter(static_cast<double>(count) * 1e-6 * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(bls_multiply_sum_g2)
    ->ArgNames({"adx", "points"})
    ->ArgsProduct({{0, 1}, {1, 8, 128}})
    ->Unit(benchmark::kMicrosecond);

/// The sum alone, points decoded and checked before.
template <Path path>
void bls_sum_only_g1(benchmark::State& state) {
    if (!available(path)) return state.SkipWithError("this processor lacks ADX");
    using C = bls::Curve<path>;
    const auto count = static_cast<std::uint64_t>(state.range(0));
    std::vector<Affine<typename C::Fp>> points;
    std::vector<Scalar> scalars;
    for (std::uint64_t i = 0; i < count; ++i) {
        points.push_back(multiply_plain(C::G1::generator, scalar(i)).affine());
        scalars.push_back(scalar(i + count));
    }
    for (auto _ : state) {
        auto sum = multiply_sum<typename C::G1>(points, scalars);
        benchmark::DoNotOptimize(sum);
    }
    state.counters["us_per_point"] =
        benchmark::Counter(static_cast<double>(count) * 1e-6 * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(bls_sum_only_g1<Path::portable>)->Arg(128)->Unit(benchmark::kMicrosecond);
BENCHMARK(bls_sum_only_g1<Path::adx>)
    ->Arg(8)
    ->Arg(16)
    ->Arg(24)
    ->Arg(32)
    ->Arg(128)
    ->Arg(1024)
    ->Unit(benchmark::kMicrosecond);

void bls_map_fp_to_g1(benchmark::State& state) {
    Buffer input(bls::fp_size);
    input[30] = 77;
    Buffer output(bls::g1_size);
    for (auto _ : state) {
        if (bls::map_fp_to_g1(input, bls::G1Bytes(output), path_of(state)) != Status::ok)
            state.SkipWithError("refused");
    }
}
BENCHMARK(bls_map_fp_to_g1)->Apply(both_paths);

void bls_map_fp2_to_g2(benchmark::State& state) {
    Buffer input(bls::fp2_size);
    input[30] = 77;
    Buffer output(bls::g2_size);
    for (auto _ : state) {
        if (bls::map_fp2_to_g2(input, bls::G2Bytes(output), path_of(state)) != Status::ok)
            state.SkipWithError("refused");
    }
}
BENCHMARK(bls_map_fp2_to_g2)->Apply(both_paths);

void kzg_verify(benchmark::State& state) {
    // Two points of the group; whether the proof holds does not change the work.
    const auto compress = [](const Jacobian<Bls::Fp>& point) {
        const auto p = point.affine();
        Buffer bytes(bls::compressed_g1_size);
        p.x.to_bytes(bytes.data());
        bytes[0] |= bls::Codec<Bls>::compressed_flag;
        return bytes;
    };
    const Buffer commitment = compress(multiply_plain(Bls::G1::generator, scalar(1)));
    const Buffer proof = compress(multiply_plain(Bls::G1::generator, scalar(2)));
    const Buffer z = encode(scalar(3));
    const Buffer y = encode(scalar(4));
    bool valid = false;
    for (auto _ : state) {
        const Status status = bls::verify_kzg_proof(
            std::span<const std::uint8_t, 48>(commitment), std::span<const std::uint8_t, 32>(z),
            std::span<const std::uint8_t, 32>(y), std::span<const std::uint8_t, 48>(proof), valid, path_of(state));
        if (status != Status::ok) state.SkipWithError("refused");
    }
}
BENCHMARK(kzg_verify)->Apply(both_paths);

void secp256k1_recover(benchmark::State& state) {
    // r = 1 is the x of a point; digest and s are without structure.
    const Buffer digest = encode(scalar(1));
    const Buffer r = encode({1});
    const Buffer s = encode(scalar(2));
    std::array<std::uint8_t, secp256k1::key_size> key;
    for (auto _ : state) {
        if (!secp256k1::recover(std::span<const std::uint8_t, 32>(digest), std::span<const std::uint8_t, 32>(r),
                                std::span<const std::uint8_t, 32>(s), 0, key, path_of(state))) {
            state.SkipWithError("refused");
        }
    }
}
BENCHMARK(secp256k1_recover)->Apply(both_paths);

} // namespace

BENCHMARK_MAIN();
