// Points and field elements of BLS12-381 from and to bytes. bls12_381.hpp describes the encoding of EIP-2537.
#pragma once

#include "curves/bls12_381.hpp"
#include "curves/bls12_381_curve.hpp"

namespace rvm::curves::bls12_381 {

template <class C>
struct Codec {
    using Fp = typename C::Fp;
    using F2 = typename C::F2;
    static constexpr std::size_t padding = fp_size - Fp::byte_size;

    static Status read(const std::uint8_t* in, Fp& out) noexcept {
        std::uint8_t any = 0;
        for (std::size_t i = 0; i < padding; ++i) {
            any |= in[i];
        }
        if (any != 0) return Status::bad_encoding;
        return Fp::from_bytes(in + padding, out) ? Status::ok : Status::not_in_field;
    }

    static Status read(const std::uint8_t* in, F2& out) noexcept {
        if (const Status s = read(in, out.real); s != Status::ok) return s;
        return read(in + fp_size, out.imaginary);
    }

    /// A point of the group's curve.
    template <class Group>
    static Status read_point(const std::uint8_t* in, Affine<typename Group::F>& out) noexcept {
        constexpr std::size_t encoded = Group::F::byte_size / Fp::byte_size * fp_size; // of one coordinate
        Affine<typename Group::F> p;
        if (const Status s = read(in, p.x); s != Status::ok) return s;
        if (const Status s = read(in + encoded, p.y); s != Status::ok) return s;
        p.infinity = p.x.is_zero() && p.y.is_zero();
        if (!p.on_curve(Group::b)) return Status::not_on_curve;
        out = p;
        return Status::ok;
    }

    /// A point of the group.
    template <class Group>
    static Status read_member(const std::uint8_t* in, Affine<typename Group::F>& out) noexcept {
        if (const Status s = read_point<Group>(in, out); s != Status::ok) return s;
        return Group::in_subgroup(out) ? Status::ok : Status::not_in_subgroup;
    }

    static std::uint8_t* write(const Fp& a, std::uint8_t* out) noexcept {
        for (std::size_t i = 0; i < padding; ++i) {
            out[i] = 0;
        }
        a.to_bytes(out + padding);
        return out + fp_size;
    }
    static std::uint8_t* write(const F2& a, std::uint8_t* out) noexcept {
        return write(a.imaginary, write(a.real, out));
    }
    template <class F>
    static void write(const Jacobian<F>& point, std::uint8_t* out) noexcept {
        const Affine<F> p = point.affine(); // infinity has zero coordinates
        write(p.y, write(p.x, out));
    }

    static void write_x(const Fp& x, std::uint8_t* out) noexcept { x.to_bytes(out); }
    static void write_x(const F2& x, std::uint8_t* out) noexcept {
        x.imaginary.to_bytes(out);
        x.real.to_bytes(out + Fp::byte_size);
    }

    // Flags in the top bits of a compressed point (draft-irtf-cfrg-pairing-friendly-curves, appendix C).
    static constexpr std::uint8_t compressed_flag = 0x80;
    static constexpr std::uint8_t infinity_flag = 0x40;
    static constexpr std::uint8_t larger_y_flag = 0x20;
    static constexpr std::uint8_t flags = compressed_flag | infinity_flag | larger_y_flag;

    /// y is the larger of y and -y.
    static bool larger(const Fp& y) noexcept { return less((-y).number(), y.number()); }
    static bool larger(const F2& y) noexcept { return y.imaginary.is_zero() ? larger(y.real) : larger(y.imaginary); }

    /// x of G2 has the imaginary part first.
    static bool read_x(const std::uint8_t* in, std::uint8_t first, Fp& out) noexcept {
        std::array<std::uint8_t, Fp::byte_size> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = in[i];
        }
        bytes[0] = first;
        return Fp::from_bytes(bytes.data(), out);
    }
    static bool read_x(const std::uint8_t* in, std::uint8_t first, F2& out) noexcept {
        return read_x(in, first, out.imaginary) && Fp::from_bytes(in + Fp::byte_size, out.real);
    }

    /// x with the flags of the point, which is finite or has zero coordinates: F::byte_size bytes.
    template <class F>
    static void write_compressed(const Affine<F>& point, std::uint8_t* out) noexcept {
        write_x(point.x, out);
        out[0] |= compressed_flag;
        if (point.infinity)
            out[0] |= infinity_flag;
        else if (larger(point.y))
            out[0] |= larger_y_flag;
    }

    /// A compressed point of the group: F::byte_size bytes.
    template <class Group>
    static Status read_compressed(const std::uint8_t* in, Affine<typename Group::F>& out) noexcept {
        using F = typename Group::F;
        const auto first = static_cast<std::uint8_t>(in[0] & ~flags);
        if ((in[0] & compressed_flag) == 0) return Status::bad_encoding;
        const bool larger_y = (in[0] & larger_y_flag) != 0;
        if ((in[0] & infinity_flag) != 0) {
            std::uint8_t any = first;
            for (std::size_t i = 1; i < F::byte_size; ++i) {
                any |= in[i];
            }
            if (any != 0 || larger_y) return Status::bad_encoding;
            out = {};
            return Status::ok;
        }
        F x;
        F y;
        if (!read_x(in, first, x)) return Status::not_in_field;
        if (!(x.square() * x + Group::b).square_root(y)) return Status::not_on_curve;
        out = Affine<F>::at(x, larger(y) == larger_y ? y : -y);
        return Group::in_subgroup(out) ? Status::ok : Status::not_in_subgroup;
    }
};

} // namespace rvm::curves::bls12_381
