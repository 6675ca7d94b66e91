#include "engine/code.hpp"

#include "engine/handlers.hpp"

namespace rvm::engine {

std::uint32_t Code::position(const Word* pc) const noexcept {
    return positions.source_at(static_cast<std::uint32_t>(pc - words.data()));
}

std::size_t Code::bytes() const noexcept {
    return words.capacity() * sizeof(Word) + functions.capacity() * sizeof(FunctionCode) + positions.bytes();
}

std::string listing(const Code& code) {
    std::string out;
    for (std::size_t i = 0; i < code.words.size(); ++i) {
        const Word word = code.words[i];
        for (const FunctionCode& function : code.functions)
            if (function.entry == i) out += "function " + std::to_string(&function - code.functions.data()) + ":\n";
        const std::string_view name = handler_name(word);
        out += "  " + std::to_string(i) + "  ";
        if (name.empty()) {
            out += std::to_string(word) + "\n"; // a price, a height, or an operand
            continue;
        }
        out += name;
        if (name != "enter" && ++i < code.words.size()) {
            const Word operands = code.words[i];
            for (unsigned n = 0; n < 4; ++n)
                out += " " + std::to_string(operands >> (16 * n) & 0xffff);
        }
        out += "\n";
    }
    return out;
}

} // namespace rvm::engine
