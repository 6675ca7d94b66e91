// `rvm wasm ...`: what its sub-commands share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

#include "module/value_type.hpp"
#include "verb/error.hpp"

namespace rvm::wasm::verbs {

using verb::Fault;
/// Bad input: ends the command.
using Refusal = verb::Error;

/// The terminal, as text.
class Io {
  public:
    explicit Io(const rvm_command_io& io) noexcept : io_(io) {}
    void out(std::string_view text) const { write(RVM_IO_OUT, text); }
    void error(std::string_view text) const { write(RVM_IO_ERROR, text); }
    [[nodiscard]] const rvm_command_io& raw() const noexcept { return io_; }
    [[nodiscard]] bool json() const noexcept { return (io_.flags & RVM_IO_JSON) != 0; }
    /// Everything that standard input has.
    [[nodiscard]] std::vector<std::uint8_t> read_all() const;
    [[nodiscard]] bool cancelled() const { return io_.cancelled != nullptr && io_.cancelled(io_.ctx) != 0; }

  private:
    void write(std::uint32_t stream, std::string_view text) const {
        (void)io_.write(io_.ctx, stream, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    const rvm_command_io& io_;
};

/// Words of a command line: options with a value, switches, the rest in order. A word after "--" is never an option,
/// nor is one that looks like a number.
class Words {
  public:
    /// `options` take a value, `switches` do not. Throws Refusal for unknown ones.
    Words(std::vector<std::string> words, const std::set<std::string>& options, const std::set<std::string>& switches);
    [[nodiscard]] bool has(const std::string& name) const { return values_.count(name) != 0; }
    /// Every value, in order.
    [[nodiscard]] std::vector<std::string> values(const std::string& name) const;
    /// The last value, or `otherwise`.
    [[nodiscard]] std::string value(const std::string& name, const std::string& otherwise = "") const;
    /// A whole number; throws Refusal naming the option.
    [[nodiscard]] std::uint64_t number(const std::string& name, std::uint64_t otherwise) const;
    [[nodiscard]] const std::vector<std::string>& rest() const noexcept { return rest_; }

  private:
    std::multimap<std::string, std::string> values_; // those of one name in the order of the words
    std::vector<std::string> rest_;
};

/// The bytes of a file. Throws Refusal.
[[nodiscard]] std::vector<std::uint8_t> read_file(const std::filesystem::path& path);

/// An argument of a function, written as a number of its type: -7, 0xff, 1.5, nan, inf. Throws Refusal.
[[nodiscard]] std::uint64_t parse_value(ValueType type, const std::string& text);
/// A value as a person writes it: integers signed, floats shortest.
[[nodiscard]] std::string value_text(ValueType type, std::uint64_t low, std::uint64_t high);

struct Worlds;
std::int32_t run(const Io& io, const Worlds& worlds, std::vector<std::string> words);
std::int32_t check(const Io& io, std::vector<std::string> words);
std::int32_t inspect(const Io& io, std::vector<std::string> words);
std::int32_t bench(const Io& io, std::vector<std::string> words);
std::int32_t spectest(const Io& io, std::vector<std::string> words);

/// The whole verb: argv[0] is "wasm".
std::int32_t command(const rvm_command_io* io, const Worlds& worlds, std::int32_t argc, const char* const* argv) noexcept;

} // namespace rvm::wasm::verbs
