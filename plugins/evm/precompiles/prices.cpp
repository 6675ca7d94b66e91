#include "precompiles/prices.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "precompiles/modexp_head.hpp"

namespace rvm::evm::price {
namespace {

__extension__ using Wide = unsigned __int128;

// ---- MODEXP ----

/// Sizes above are priced as this: the square alone is beyond any gas then.
constexpr std::uint64_t size_limit = std::uint64_t{1} << 40u;

/// Index of the highest bit of the exponent's first 32 bytes; 0 when they are zero.
std::uint64_t highest_bit_of_head(rvm_view input, const ModexpHead& head) noexcept {
    const std::uint64_t size = std::min(head.exponent, ModexpHead::word);
    for (std::uint64_t i = 0; i < size; ++i) {
        const Wide at = Wide{ModexpHead::bytes} + head.base + i;
        if (at >= input.size) return 0;
        const std::uint8_t byte = input.data[static_cast<std::uint64_t>(at)];
        if (byte != 0) return 8 * (size - 1 - i) + static_cast<std::uint64_t>(std::bit_width(byte)) - 1;
    }
    return 0;
}

/// EIP-198's "adjusted exponent length", EIP-2565's iteration count: one for each bit of the head below its highest,
/// and `per_byte` for each byte after the head; at least 1.
Wide iterations(rvm_view input, const ModexpHead& head, unsigned per_byte) noexcept {
    const std::uint64_t tail = head.exponent - std::min(head.exponent, ModexpHead::word);
    return std::max<Wide>(Wide{tail} * per_byte + highest_bit_of_head(input, head), 1);
}

std::uint64_t product(Wide complexity, Wide iterations, unsigned divisor) noexcept {
    Wide gas = 0;
    if (__builtin_mul_overflow(complexity, iterations, &gas)) return UINT64_MAX;
    gas /= divisor;
    return gas > UINT64_MAX ? UINT64_MAX : static_cast<std::uint64_t>(gas);
}

std::uint64_t larger_size(const ModexpHead& head) noexcept {
    return std::min(std::max(head.base, head.modulus), size_limit);
}

std::uint64_t words(std::uint64_t size) noexcept { return (size + 7) / 8; }

// ---- BLS12-381 ----

/// EIP-2537: price of one multiplication in thousandths, by the number of points; the last entry holds for more.
struct Discounts {
    static constexpr std::size_t count = 128;
    std::uint16_t g1[count];
    std::uint16_t g2[count];
};
constexpr Discounts discounts = {
    {1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665, 661, 658, 654,
     651,  648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604,
     603,  601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576, 575, 574,
     573,  572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551,
     550,  549, 548, 547, 547, 546, 545, 544, 543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532,
     532,  531, 530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519},
    {1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699, 693, 688, 683,
     679,  674,  670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615,
     613,  611,  609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582, 580, 579,
     578,  576,  575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562, 561, 560, 559, 558, 557, 556, 555, 554,
     553,  552,  552, 551, 550, 549, 548, 547, 546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536,
     535,  535,  534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524}};

std::uint64_t msm(rvm_view input, std::uint64_t element_bytes, std::uint64_t multiplication,
                  const std::uint16_t (&discount)[Discounts::count]) noexcept {
    const std::uint64_t points = input.size / element_bytes;
    if (points == 0) return 0; // refused
    return points * multiplication * discount[std::min<std::uint64_t>(points, Discounts::count) - 1] / 1000;
}

} // namespace

std::uint64_t modexp_eip198(rvm_view input) noexcept {
    const ModexpHead head(input);
    const std::uint64_t x = larger_size(head);
    const Wide square = Wide{x} * x;
    const Wide complexity = x <= 64     ? square
                            : x <= 1024 ? square / 4 + Wide{96} * x - 3072
                                        : square / 16 + Wide{480} * x - 199680;
    return product(complexity, iterations(input, head, 8), 20);
}

std::uint64_t modexp_eip2565(rvm_view input) noexcept {
    const ModexpHead head(input);
    const std::uint64_t n = words(larger_size(head));
    return std::max<std::uint64_t>(product(Wide{n} * n, iterations(input, head, 8), 3), 200);
}

std::uint64_t modexp_eip7883(rvm_view input) noexcept {
    const ModexpHead head(input);
    const std::uint64_t size = larger_size(head);
    const std::uint64_t n = words(size);
    const Wide complexity = size <= 32 ? Wide{16} : Wide{2} * n * n;
    return std::max<std::uint64_t>(product(complexity, iterations(input, head, 16), 1), 500);
}

std::uint64_t blake2f(rvm_view input) noexcept {
    constexpr std::uint64_t input_bytes = 213;
    if (input.size != input_bytes) return 0;
    return std::uint64_t{input.data[0]} << 24u | std::uint64_t{input.data[1]} << 16u |
           std::uint64_t{input.data[2]} << 8u | input.data[3];
}

std::uint64_t g1_msm(rvm_view input) noexcept { return msm(input, 160, 12000, discounts.g1); }
std::uint64_t g2_msm(rvm_view input) noexcept { return msm(input, 288, 22500, discounts.g2); }

} // namespace rvm::evm::price
