#include "hot/recover.hpp"

#include <new>

#include "hot/translator.hpp"

namespace rvm::evm::hot {

Recovered recover(const Program& program, std::size_t index, U256* base) noexcept {
    std::size_t header = index;
    while (program.instructions[header].run != kHandlers.enter)
        --header;
    try {
        Program part;
        part.code = program.code;
        part.schedule = program.schedule;
        Translator translator(part);
        const std::int32_t height = translator.translate_part(program.positions[header], index - header);
        for (const Move& owed : translator.moves())
            base[owed.to] = owed.from.constant != nullptr ? *owed.from.constant : base[owed.from.slot];
        return {program.positions[index] + 1, base + height};
    } catch (const std::bad_alloc&) {
        return {0, nullptr};
    }
}

} // namespace rvm::evm::hot
