// A module from a file, ready to be called: for run and bench.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hosts/imports.hpp"
#include "hosts/wasi/process.hpp"
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

/// One exported function of a module that imports nothing but WASI, with arguments.
class Call {
  public:
    /// words: FILE ARG..., --invoke NAME; without it `_start`, and every ARG is the program's own. Throws Refusal.
    explicit Call(const Words& words);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    struct Result {
        engine::Trap trap;
        std::uint64_t units; ///< spent, instantiation included
        std::vector<std::string> values;
        std::vector<ValueType> types;
        std::string where; ///< after a trap: the function and the byte
        std::int32_t exit_code = 0;
    };
    /// In a new instance. `units` may be spent.
    [[nodiscard]] Result run(std::int64_t units, wasi::Configuration surroundings = {});
    /// Once more in the instance of the last run(): milliseconds, and the same result.
    [[nodiscard]] double time(std::int64_t units);

    /// A block of code that is entered.
    struct Block {
        std::size_t depth; ///< calls below
        std::string where;
        std::uint64_t price; ///< units
        std::int64_t left;   ///< units, before it is paid
    };
    /// Tells `to` of every block from now on.
    void trace(std::function<void(const Block&)> to);

    [[nodiscard]] const LoadedFile& file() const noexcept { return file_; }
    [[nodiscard]] bool is_command() const noexcept { return is_command_; }

  private:
    struct TracedUser : hosts::User {
        Call* call = nullptr;
        std::function<void(const Block&)> trace;
    };
    [[nodiscard]] std::string place_of(std::uint32_t byte);

    LoadedFile file_;
    hosts::Imports imports_;
    bool is_command_;
    std::uint32_t function_ = 0;
    std::vector<Cell> arguments_;
    std::vector<Cell> cells_; ///< arguments, then results
    Machine machine_;
    TracedUser user_;
    std::optional<wasi::Process> process_;
    std::unique_ptr<Instance> instance_;
    std::map<std::uint32_t, std::string> names_; ///< of functions that were asked for
};

/// Gas of these units, rounded up.
[[nodiscard]] std::uint64_t gas_of(std::uint64_t units) noexcept;
/// Units for --gas; without it, as much as there is.
[[nodiscard]] std::int64_t units_of(const Words& words);

} // namespace rvm::wasm::verbs
