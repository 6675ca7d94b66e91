// What the tests of plugins/lib/curves share: a seeded source of edge-heavy numbers, and both curves on both paths.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "curves/bls12_381_curve.hpp"
#include "curves/bn254_curve.hpp"

namespace rvm::curves::test {

using BnPortable = bn254::Curve<Path::portable>;
using BnAdx = bn254::Curve<Path::adx>;
using BlsPortable = bls12_381::Curve<Path::portable>;
using BlsAdx = bls12_381::Curve<Path::adx>;
using Curves = ::testing::Types<BnPortable, BnAdx, BlsPortable, BlsAdx>;

template <class Curve>
inline constexpr bool is_bn = Curve::d_type;
template <class Curve>
inline constexpr bool uses_adx = std::is_same_v<Curve, BnAdx> || std::is_same_v<Curve, BlsAdx>;
template <class Curve>
inline constexpr const Scalar& order_of = is_bn<Curve> ? bn254::order : bls12_381::order;

class Numbers {
  public:
    std::uint64_t limb() {
        switch (engine_() % 8) {
        case 0:
            return 0;
        case 1:
            return ~std::uint64_t{0};
        case 2:
            return std::uint64_t{1} << (engine_() % 64);
        case 3:
            return (std::uint64_t{1} << (engine_() % 64)) - 1;
        default:
            return engine_();
        }
    }
    template <std::size_t N>
    Limbs<N> limbs() {
        Limbs<N> result;
        for (std::uint64_t& l : result) {
            l = limb();
        }
        return result;
    }
    /// Below p; often near 0 or p.
    template <std::size_t N>
    Limbs<N> below(const Limbs<N>& p) {
        Limbs<N> result{engine_() % 4};
        if (engine_() % 8 == 0) return result;
        if (engine_() % 8 == 0) {
            Limbs<N> near = p;
            add_to(result, Limbs<N>{1});
            subtract_from(near, result);
            return near;
        }
        result = limbs<N>();
        if (p[N - 1] + 1 != 0) result[N - 1] %= p[N - 1] + 1;
        while (!less(result, p)) {
            subtract_from(result, p);
        }
        return result;
    }
    template <class F>
    F element() {
        if constexpr (requires { typename F::BaseField; })
            return F{element<typename F::BaseField>(), element<typename F::BaseField>()};
        else if constexpr (requires { F::modulus; })
            return F::from_number(below(F::modulus.p));
        else
            return F::from_number(below(F::p));
    }
    /// A point of y^2 = x^3 + b, in most cases outside the subgroup where there is a cofactor.
    template <class Group>
    Affine<typename Group::F> point() {
        using F = typename Group::F;
        for (;;) {
            const F x = element<F>();
            F y;
            if ((x.square() * x + Group::b).square_root(y)) return Affine<F>::at(x, engine_() % 2 == 0 ? y : -y);
        }
    }
    std::uint64_t word() { return engine_(); }

  private:
    std::mt19937_64 engine_{0x5eed};
};

/// Skips tests of the adx path, loudly, where it cannot run.
template <class Curve>
class OnCurve : public ::testing::Test {
  protected:
    void SetUp() override {
        if (uses_adx<Curve> && !available(Path::adx)) GTEST_SKIP() << "NOT RUN: no MULX/ADX here";
    }
    Numbers numbers;
};

} // namespace rvm::curves::test
