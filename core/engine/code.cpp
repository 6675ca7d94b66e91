#include "engine/code.hpp"

#include "engine/handlers.hpp"

namespace rvm::engine {

std::uint32_t Code::position(const Word* pc) const noexcept {
    return positions.source_at(static_cast<std::uint32_t>(pc - words.data()));
}

std::size_t Code::bytes() const noexcept {
    return words.capacity() * sizeof(Word) + entries.capacity() * sizeof(std::uint32_t) + positions.bytes();
}

std::string listing(const Code& code) {
    std::string out;
    for (std::size_t i = 0; i < code.words.size(); ++i) {
        const Word word = code.words[i];
        for (std::size_t function = 0; function < code.entries.size(); ++function)
            if (code.entries[function] == i) out += "function " + std::to_string(function) + ":\n";
        const std::string_view name = handler_name(word);
        out += "  " + std::to_string(i) + "  ";
        if (name.empty()) {
            out += std::to_string(word) + "\n"; // a price, a height, or an operand
            continue;
        }
        out += name;
        const bool alone =
            name == "enter" || name == "ret" || name == "ret_a" || name == "ret_there" || name == "unreachable";
        if (!alone && ++i < code.words.size()) {
            const Word operands = code.words[i];
            for (unsigned n = 0; n < 4; ++n)
                out += " " + std::to_string(operands >> (16 * n) & 0xffff);
        }
        out += "\n";
    }
    return out;
}

} // namespace rvm::engine
