#include "validator.hpp"

namespace rvm::wasm {

void validate_bodies(const Module& module) {
    NoSink sink;
    Validator<NoSink> validator(module, sink);
    for (std::uint32_t i = module.imported_functions; i < module.functions.size(); ++i) {
        validator.run(i);
    }
}

} // namespace rvm::wasm
