// Any bytes as a WebAssembly module: decoding and validating end in a module or a refusal, with every feature and with
// none, and what the first version of the standard accepts the later ones accept too.
#include <cstdint>
#include <cstdlib>

#include "module/validator.hpp"

namespace {

bool accepted(std::span<const std::uint8_t> bytes, rvm::wasm::Features features) {
    try {
        const rvm::wasm::Module module = rvm::wasm::decode(bytes, features, std::make_shared<rvm::wasm::TypeSpace>());
        rvm::wasm::validate_bodies(module);
        return true;
    } catch (const rvm::wasm::ModuleError& error) {
        if (error.offset() > bytes.size()) std::abort();
        return false;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::uint8_t> bytes(data, size);
    const bool first = accepted(bytes, rvm::wasm::Features::core1());
    const bool second = accepted(bytes, rvm::wasm::Features::core2());
    static_cast<void>(accepted(bytes, rvm::wasm::Features::all()));
    if (first && !second) std::abort();
    return 0;
}
