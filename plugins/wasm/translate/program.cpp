#include "translate/program.hpp"

#include "translate/translator.hpp"

namespace rvm::wasm {

std::shared_ptr<const Program> compile(std::span<const std::uint8_t> bytes, Features features,
                                       std::shared_ptr<TypeSpace> type_space) {
    auto program = std::make_shared<Program>();
    program->module = decode(bytes, features, std::move(type_space));
    const Module& module = program->module;
    Translator translator(module);
    Validator<Translator> validator(module, translator);
    for (auto i = module.imported_functions; i < module.functions.size(); ++i) {
        validator.run(i);
    }
    program->code = translator.finish();
    translator.take_tries(*program);
    return program;
}

std::size_t Program::bytes() const noexcept {
    const auto of = [](const auto& list) { return list.capacity() * sizeof(list[0]); };
    const Module& m = module;
    return sizeof *this + code.bytes() + of(m.types) + of(m.type_pool) + of(m.type_first) + of(m.type_ids) +
           of(m.imports) + of(m.functions) + of(m.tables) + of(m.memories) + of(m.globals) + of(m.tags) +
           of(m.exports) + of(m.elements) + of(m.data) + of(m.bodies) + of(m.customs) + of(tries) + of(try_boundaries) +
           of(clauses) + m.declared.capacity() / 8;
}

} // namespace rvm::wasm
