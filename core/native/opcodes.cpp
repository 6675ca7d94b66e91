#include "native/opcodes.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rvm::native {
namespace {

constexpr char lower(char c) noexcept { return (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c; }

/// Mnemonics in ASCII order for binary search; names are short, so comparison is cheap.
const std::vector<std::pair<std::string_view, int>>& sorted_mnemonics() {
    static const auto sorted = [] {
        std::vector<std::pair<std::string_view, int>> names;
        for (int byte = 0; byte < 256; ++byte)
            if (is_opcode(static_cast<std::uint8_t>(byte)))
                names.emplace_back(op_table[static_cast<std::size_t>(byte)].mnemonic, byte);
        std::ranges::sort(names);
        return names;
    }();
    return sorted;
}

std::string_view immediate_text(Immediate kind) {
    switch (kind) {
    case Immediate::none:
        return "";
    case Immediate::word:
        return "word";
    case Immediate::height:
        return "height";
    case Immediate::label:
        return "label";
    case Immediate::table:
        return "[label, ...] else label";
    case Immediate::function:
        return "function";
    case Immediate::depth:
        return "0 to 255";
    case Immediate::reg:
        return "r0 to r15";
    case Immediate::width:
        return "8, 16, 32";
    case Immediate::topics:
        return "0 to 4";
    case Immediate::import_opcode:
        return "import";
    case Immediate::import_syscall:
        return "import";
    case Immediate::import_env:
        return "import";
    case Immediate::import_format:
        return "[import]";
    }
    return "";
}

std::string effect_text(const OpInfo& info) {
    auto count = [](std::uint8_t n) { return n == by_immediate ? std::string{"*"} : std::to_string(n); };
    return count(info.pops) + " → " + count(info.pushes);
}

} // namespace

int find_opcode(std::string_view mnemonic) noexcept {
    constexpr std::size_t longest = 16; // longer than any mnemonic of the table
    if (mnemonic.size() > longest) return -1;
    std::array<char, longest> folded{};
    std::ranges::transform(mnemonic, folded.begin(), lower);
    const std::string_view wanted{folded.data(), mnemonic.size()};
    const auto& names = sorted_mnemonics();
    const auto found = std::ranges::lower_bound(names, wanted, {}, &std::pair<std::string_view, int>::first);
    return found != names.end() && found->first == wanted ? found->second : -1;
}

std::string opcode_reference() {
    std::string out = "| byte | mnemonic | immediate | stack | gas | meaning |\n|---|---|---|---|---|---|\n";
    for (std::size_t byte = 0; byte < op_table.size(); ++byte) {
        const OpInfo& info = op_table[byte];
        if (info.mnemonic.empty()) continue;
        out += fmt::format("| {:02x} | `{}` | {} | {} | {} | {} |\n", byte, info.mnemonic,
                           immediate_text(info.immediate), effect_text(info), info.price, info.summary);
    }
    return out;
}

} // namespace rvm::native
