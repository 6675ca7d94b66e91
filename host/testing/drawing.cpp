#include "testing/drawing.hpp"

#include <algorithm>
#include <bit>

#include "cli/values.hpp"

namespace rvm::host::testing {

namespace {

constexpr int limbs = 4;

bool less(const rvm_u256& a, const rvm_u256& b) noexcept {
    return std::lexicographical_compare(std::rbegin(a.limbs), std::rend(a.limbs), std::rbegin(b.limbs),
                                        std::rend(b.limbs));
}
bool equal(const rvm_u256& a, const rvm_u256& b) noexcept { return std::ranges::equal(a.limbs, b.limbs); }

/// a - b for a >= b.
rvm_u256 difference(const rvm_u256& a, const rvm_u256& b) noexcept {
    rvm_u256 out{};
    std::uint64_t borrow = 0;
    for (int i = 0; i < limbs; ++i) {
        out.limbs[i] = a.limbs[i] - b.limbs[i] - borrow;
        borrow = a.limbs[i] < b.limbs[i] || (a.limbs[i] == b.limbs[i] && borrow != 0) ? 1 : 0;
    }
    return out;
}

rvm_u256 half(const rvm_u256& a) noexcept {
    rvm_u256 out{};
    for (int i = 0; i < limbs; ++i)
        out.limbs[i] = (a.limbs[i] >> 1) | (i + 1 < limbs ? a.limbs[i + 1] << 63 : 0);
    return out;
}

int bit_width(const rvm_u256& a) noexcept {
    for (int i = limbs - 1; i >= 0; --i)
        if (a.limbs[i] != 0) return 64 * i + static_cast<int>(std::bit_width(a.limbs[i]));
    return 0;
}

} // namespace

bool Drawn::operator==(const Drawn& other) const noexcept {
    return equal(number, other.number) && bytes == other.bytes && account == other.account;
}

std::size_t Generator::below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(bits_() % bound); }

rvm_u256 Generator::number(const rvm_u256& least, const rvm_u256& most) {
    if (below(8) == 0) return below(2) == 0 ? least : most;
    const bool power = below(8) == 0;
    // Every width is as likely as any other: small numbers are where most code paths are.
    for (int attempt = 0; attempt < 64; ++attempt) {
        const int width = static_cast<int>(below(static_cast<std::size_t>(bit_width(most)) + 1));
        rvm_u256 value{};
        for (int i = 0; i < limbs; ++i) {
            const int here = std::clamp(width - 64 * i, 0, 64);
            const std::uint64_t mask = here == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << here) - 1;
            value.limbs[i] = power ? (here > 0 && here < 64 ? std::uint64_t{1} << here : 0) : bits_() & mask;
        }
        if (!less(value, least) && !less(most, value)) return value;
    }
    return least;
}

Arguments Generator::draw(const Call& call) {
    Arguments out(call.pieces.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        const Piece& piece = call.pieces[i];
        if (piece.kind == Piece::Kind::any_account) out[i].account = below(accounts_);
        if (piece.kind == Piece::Kind::any_word || piece.kind == Piece::Kind::any_number)
            out[i].number = number(piece.least, piece.most);
        if (piece.kind == Piece::Kind::any_bytes) {
            out[i].bytes.resize(below(piece.max_bytes + 1));
            for (std::uint8_t& byte : out[i].bytes)
                byte = static_cast<std::uint8_t>(bits_());
        }
    }
    return out;
}

std::vector<Drawn> simpler(const Piece& piece, const Drawn& value) {
    std::vector<Drawn> out;
    const auto offer = [&](Drawn candidate) {
        if (!(candidate == value) && std::ranges::find(out, candidate) == out.end())
            out.push_back(std::move(candidate));
    };
    switch (piece.kind) {
    case Piece::Kind::any_account:
        if (value.account != 0) offer({});
        break;
    case Piece::Kind::any_bytes: {
        const auto size = static_cast<std::ptrdiff_t>(value.bytes.size());
        offer({});
        offer({.bytes = {value.bytes.begin(), value.bytes.begin() + size / 2}});
        if (size > 0) offer({.bytes = {value.bytes.begin(), value.bytes.end() - 1}});
        if (size > 0) offer({.bytes = {value.bytes.begin() + 1, value.bytes.end()}});
        for (std::ptrdiff_t i = 0; i < std::min<std::ptrdiff_t>(size, 64); ++i) {
            Drawn zeroed = value;
            zeroed.bytes[static_cast<std::size_t>(i)] = 0;
            offer(std::move(zeroed));
        }
        break;
    }
    case Piece::Kind::any_word:
    case Piece::Kind::any_number: {
        // From the least value up to the one before this: halving the distance finds the edge in few steps.
        rvm_u256 distance = difference(value.number, piece.least);
        while (bit_width(distance) != 0) {
            Drawn nearer;
            nearer.number = difference(value.number, distance);
            offer(std::move(nearer));
            distance = half(distance);
        }
        break;
    }
    default:
        break;
    }
    return out;
}

std::string shown(const Call& call, const Arguments& arguments, const std::vector<std::string>& accounts) {
    std::string out;
    for (std::size_t i = 0; i < call.pieces.size(); ++i) {
        const Piece& piece = call.pieces[i];
        if (!piece.drawn()) continue;
        out += out.empty() ? "" : ", ";
        if (piece.kind == Piece::Kind::any_account)
            out += arguments[i].account < accounts.size() ? accounts[arguments[i].account] : "nobody";
        else if (piece.kind == Piece::Kind::any_bytes)
            out += bytes_text(arguments[i].bytes);
        else
            out += decimal_text(arguments[i].number);
    }
    return out;
}

} // namespace rvm::host::testing
