#include "alone/traced_imports.hpp"

#include <algorithm>

#include "format/tracing.hpp"
#include "hosts/wasi/functions.hpp"

namespace rvm::wasm::alone {
namespace {

engine::Trap call_traced(engine::Context& context, Cell* window, std::uint64_t data) noexcept {
    const auto& function = *reinterpret_cast<const TracedImports::Function*>(data);
    format::trace_import(context, function.name, {window, function.parameters});
    return function.real.function(context, window, function.real.data);
}

/// Names that live as long as the plugin: tracers keep them.
const char* lasting(std::string_view name) {
    const auto known = wasi::functions();
    const auto found = std::ranges::find(known, name, &hosts::Function::name);
    return found == known.end() ? "import" : found->name;
}

} // namespace

TracedImports::TracedImports(const rvm_artifact& artifact) {
    const Module& module = artifact.program->module;
    functions_.resize(module.imported_functions);
    for (const Import& import : module.imports) {
        const std::optional<Extern> found = artifact.imports.resolve(import);
        if (!found || found->function == nullptr) continue;
        auto function = std::make_unique<Function>();
        function->real = *reinterpret_cast<const HostCall*>(found->function->data);
        function->name = lasting(import.name);
        function->parameters = 0;
        for (const ValueType type : module.parameters(module.functions[import.index]))
            function->parameters += type.cells();
        function->traced = {call_traced, reinterpret_cast<std::uint64_t>(function.get())};
        function->callable = *found->function;
        function->callable.data = reinterpret_cast<std::uint64_t>(&function->traced);
        functions_[import.index] = std::move(function);
    }
}

std::optional<Extern> TracedImports::resolve(const Import& import) const {
    Extern found;
    found.kind = ExternKind::function;
    found.function = &functions_[import.index]->callable;
    return found;
}

} // namespace rvm::wasm::alone
