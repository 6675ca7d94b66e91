// A module from a file, ready to be called: for run and bench.
#pragma once

#include <memory>
#include <string>
#include <vector>

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

/// One exported function of a module without imports, with arguments.
class Call {
  public:
    /// words: FILE ARG... Throws Refusal.
    Call(const Words& words);

    struct Result {
        engine::Trap trap;
        std::uint64_t units; ///< spent, instantiation included
        std::vector<std::string> values;
        std::vector<ValueType> types;
        std::string where; ///< after a trap: the function and the byte
    };
    /// In a new instance. `units` may be spent.
    [[nodiscard]] Result run(std::int64_t units);
    /// Once more in the instance of the last run(): milliseconds, and the same result.
    [[nodiscard]] double time(std::int64_t units);
    [[nodiscard]] const LoadedFile& file() const noexcept { return file_; }

  private:
    LoadedFile file_;
    std::uint32_t function_ = 0;
    std::vector<Cell> arguments_;
    std::vector<Cell> cells_; ///< arguments, then results
    Machine machine_;
    std::unique_ptr<Instance> instance_;
};

/// Gas of these units, rounded up.
[[nodiscard]] std::uint64_t gas_of(std::uint64_t units) noexcept;
/// Units for --gas; without it, as much as there is.
[[nodiscard]] std::int64_t units_of(const Words& words);

} // namespace rvm::wasm::verbs
