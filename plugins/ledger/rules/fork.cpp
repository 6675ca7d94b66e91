#include "rules/fork.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rvm::ledger {
namespace {

constexpr BlobSchedule no_blobs{};
constexpr BlobSchedule cancun_blobs{3, 6, 3338477}; // EIP-4844
constexpr BlobSchedule prague_blobs{6, 9, 5007716}; // EIP-7691
// EIP-7892: the mainnet schedule after Osaka, then what the fixtures of the execution-spec-tests try beyond it.
constexpr BlobSchedule bpo1_blobs{10, 15, 8346193};
constexpr BlobSchedule bpo2_blobs{14, 21, 11684671};
constexpr BlobSchedule bpo3_blobs{21, 32, 20609697};
constexpr BlobSchedule bpo4_blobs{14, 21, 13739630};

using enum Revision;

constexpr std::array table{
    Fork{"Frontier", frontier, no_blobs, 5000, 0},
    Fork{"Homestead", homestead, no_blobs, 5000, 0},
    Fork{"EIP150", eip150, no_blobs, 5000, 0},
    Fork{"EIP158", eip158, no_blobs, 5000, 0},
    Fork{"Byzantium", byzantium, no_blobs, 3000, 3'000'000},
    Fork{"Constantinople", constantinople, no_blobs, 2000, 5'000'000},
    Fork{"Petersburg", petersburg, no_blobs, 2000, 5'000'000},
    Fork{"Istanbul", istanbul, no_blobs, 2000, 5'000'000},
    Fork{"MuirGlacier", istanbul, no_blobs, 2000, 9'000'000},
    Fork{"Berlin", berlin, no_blobs, 2000, 9'000'000},
    Fork{"London", london, no_blobs, 2000, 9'700'000},
    Fork{"ArrowGlacier", london, no_blobs, 2000, 10'700'000},
    Fork{"GrayGlacier", london, no_blobs, 2000, 11'400'000},
    Fork{"Paris", paris, no_blobs, 0, 0},
    Fork{"Shanghai", shanghai, no_blobs, 0, 0},
    Fork{"Cancun", cancun, cancun_blobs, 0, 0},
    Fork{"Prague", prague, prague_blobs, 0, 0},
    Fork{"Osaka", osaka, prague_blobs, 0, 0},
    Fork{"BPO1", osaka, bpo1_blobs, 0, 0},
    Fork{"BPO2", osaka, bpo2_blobs, 0, 0},
    Fork{"BPO3", osaka, bpo3_blobs, 0, 0},
    Fork{"BPO4", osaka, bpo4_blobs, 0, 0},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> other_names{{
    {"ConstantinopleFix", "Petersburg"},
    {"TangerineWhistle", "EIP150"},
    {"SpuriousDragon", "EIP158"},
    {"DAOFork", "Homestead"},
    {"Merge", "Paris"},
}};

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

std::span<const Fork> forks() noexcept { return table; }

const Fork* find_fork(std::string_view name) noexcept {
    for (const auto& [other, official] : other_names)
        if (equal_ignoring_case(name, other)) name = official;
    const auto* found =
        std::ranges::find_if(table, [&](const Fork& fork) { return equal_ignoring_case(fork.name, name); });
    return found == table.end() ? nullptr : found;
}

} // namespace rvm::ledger
