// A module from a file and the function of it that a command line names: for run and bench.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hosts/imports.hpp"
#include "hosts/wasi/process.hpp"
#include "module/names.hpp"
#include "run/instance.hpp"
#include "run/machine.hpp"
#include "verbs/command.hpp"

namespace rvm::wasm::verbs {

/// core1, core2-without-vectors, core2, all. Throws Refusal.
[[nodiscard]] Features features_named(const std::string& name);

/// Compiled; throws Refusal with the file's name when it is no module. The bytes live in it.
struct LoadedFile {
    std::string path;
    std::vector<std::uint8_t> bytes;
    std::shared_ptr<const Program> program;
    LoadedFile(const std::string& file, Features features);
};

/// Of a module that imports nothing but WASI. Throws Refusal naming what else it imports.
[[nodiscard]] hosts::Imports imports_of(const std::string& path, const Module& module);

/// An exported function with arguments.
struct Target {
    std::string name;
    std::uint32_t function = 0;
    std::vector<Cell> arguments;
    bool is_command = false; ///< `_start`: every ARG is the program's own
};
/// words: FILE ARG..., --invoke NAME; without it `_start`. Throws Refusal.
[[nodiscard]] Target target_of(const Words& words, const Module& module);
/// FILE. Throws Refusal.
[[nodiscard]] const std::string& file_of(const Words& words);

/// A value as a person writes it.
struct Value {
    ValueType type;
    std::string text;
};
/// Of cells, as many as the types take.
[[nodiscard]] std::vector<Value> values_of(std::span<const ValueType> types, std::span<const Cell> cells);

/// The target of a module that imports nothing but WASI, called beside any world again and again.
class Call {
  public:
    /// Throws Refusal.
    Call(const Io& io, const Words& words);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    struct Result {
        engine::Trap trap;
        std::uint64_t units; ///< spent, instantiation included
        std::vector<Value> values;
        std::string where; ///< after a trap: the function and the byte
    };
    /// In a new instance. `units` may be spent. Throws Refusal, also when the user interrupts; so does time().
    [[nodiscard]] Result run(std::int64_t units);
    /// Once more in the instance of the last run(): milliseconds, and the same result.
    [[nodiscard]] double time(std::int64_t units);

  private:
    /// Machine::call on the instance of run(), in slices. Throws Refusal when the user interrupts.
    [[nodiscard]] engine::Trap call(std::uint32_t function, std::span<Cell> cells, std::int64_t& units);

    const Io& io_;
    LoadedFile file_;
    hosts::Imports imports_;
    Target target_;
    std::vector<Cell> cells_; ///< arguments, then results
    Machine machine_;
    hosts::User user_;
    std::optional<wasi::Process> process_;
    std::unique_ptr<Instance> instance_;
};

/// Functions and bytes as people read them. The module outlives it.
class Places {
  public:
    explicit Places(const Module& module) : module_(module), names_(module) {}
    /// "fib, byte 31"
    [[nodiscard]] std::string at(std::uint32_t byte) const;

  private:
    const Module& module_;
    FunctionNames names_;
};

/// Gas of these units, rounded up.
[[nodiscard]] std::uint64_t gas_of(std::uint64_t units) noexcept;
/// --gas; without it, as much as there is.
[[nodiscard]] std::int64_t gas_given(const Words& words);
[[nodiscard]] std::int64_t units_of(const Words& words);

} // namespace rvm::wasm::verbs
