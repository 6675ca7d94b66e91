// What a command line says of a program's surroundings: arguments, environment, input, folder, clock, seed.
#pragma once

#include <cstdint>
#include <vector>

#include "hosts/wasi/process.hpp"
#include "verbs/command.hpp"

namespace rvm::wasm::verbs {

class Surroundings {
  public:
    /// words: FILE ARG..., --env, --dir, --stdin, --clock, --seed. The folder and the input are read now. Throws
    /// Refusal.
    Surroundings(const Io& io, const Words& words, bool is_command);
    /// Refers to this object; `write` is left to the caller.
    [[nodiscard]] wasi::Configuration configuration() const;

  private:
    wasi::Configuration configuration_;
    std::vector<std::uint8_t> input_;
};

} // namespace rvm::wasm::verbs
