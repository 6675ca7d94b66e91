// What a generated module has, decided before its code is written.
#pragma once

#include <string>
#include <vector>

#include "generator/generator.hpp"
#include "generator/writer.hpp"
#include "random.hpp"

namespace rvm::wasm::generator {

using differential::Random;

struct PlannedGlobal {
    char type;
    bool is_mutable;
};
struct PlannedMemory {
    bool is64;
    std::uint32_t pages, most;
};
struct PlannedTable {
    char element; ///< r, x, t
    bool is64;
    std::uint32_t size, most;
    std::vector<std::uint32_t> filled; ///< functions that an active segment puts into the first places
};
struct PlannedElements {
    char type; ///< r, t
    std::uint32_t count;
};

struct Plan {
    Options options;
    bool wild = false; ///< operands that trap more often
    std::vector<Signature> functions;
    std::vector<PlannedGlobal> globals;
    std::vector<PlannedMemory> memories;
    std::vector<PlannedTable> tables;
    std::vector<PlannedElements> passive;  ///< element segments
    std::vector<std::uint32_t> data;       ///< sizes of passive segments
    std::vector<std::string> tags;         ///< parameters
    bool starts = false;                   ///< function 0 is the start function
    std::uint32_t counter = 0, digest = 0; ///< portable: globals beyond those above

    /// Types of the module, in order; references of letter t mean type 0, () -> (i32).
    std::vector<Signature> types{{"", "i"}};
    [[nodiscard]] std::uint32_t type_index(const Signature& wanted);
    [[nodiscard]] bool has(Feature feature) const { return options.features.has(feature); }
    /// Letters that values may have.
    [[nodiscard]] std::string letters() const;
};

[[nodiscard]] Plan make_plan(Random& random, const Options& options);

/// The encoded body of a function, with its size.
[[nodiscard]] Bytes function_body(Random& random, Plan& plan, std::uint32_t function);
/// Portable: of `run`.
[[nodiscard]] Bytes run_body(Random& random, Plan& plan);

/// A constant instruction: values where things happen, and any others.
void constant(Random& random, Bytes& out, char type);
/// The bits of such a number.
[[nodiscard]] std::uint64_t interesting(Random& random, char type);

} // namespace rvm::wasm::generator
