// Random valid modules of WebAssembly from a seed: several functions that call each other, tables, memories, globals,
// segments, exceptions, tail calls, vectors. For comparing implementations on the same module.
//
//   const Generated made = generate(seed, {.features = Features::all()});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "module/features.hpp"

namespace rvm::wasm::generator {

struct Options {
    Features features = Features::all();
    /// For engines without gas and without canonical NaN: every loop and call takes from a counter that ends in a trap,
    /// arithmetic on floating point is followed by code that makes its NaN canonical, and the module exports
    /// `run: () -> i64`, which calls its functions and folds results, memories and globals into one number.
    bool portable = false;
};

/// Letters of types: i f I F as in opcodes.def, v v128, r funcref, x externref, t a reference to a function type.
struct Signature {
    std::string parameters;
    std::string results;
    [[nodiscard]] bool operator==(const Signature&) const = default;
};

struct Generated {
    std::vector<std::uint8_t> bytes;
    std::vector<Signature> functions; ///< exported as f0, f1, ...
};

[[nodiscard]] Generated generate(std::uint64_t seed, const Options& options);

} // namespace rvm::wasm::generator
