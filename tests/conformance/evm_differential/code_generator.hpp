// EVM code that mostly makes sense: balanced stacks, jumps that land, calls to accounts that exist; and a little that
// does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <rvm/plugin.h>

#include "random.hpp"
#include "scenario.hpp"

namespace rvm::differential {

class CodeGenerator {
  public:
    /// `targets`: addresses that code calls, asks about and pays.
    CodeGenerator(Random& random, std::span<const rvm_address> targets) : random_(random), targets_(targets) {}

    /// Runtime code of about `pieces` pieces.
    [[nodiscard]] Bytes runtime(std::size_t pieces);
    /// Init code, most of which deploys something.
    [[nodiscard]] Bytes init(std::size_t pieces);
    /// A word from the edges of the number range, or a random one.
    [[nodiscard]] rvm_u256 word();

  private:
    void piece();
    void arithmetic();
    void environment();
    void memory();
    void storage();
    void flow();
    void call();
    void create();
    void log();
    void accounts();
    void end();

    void op(std::uint8_t opcode) { code_.push_back(opcode); }
    void push(const rvm_u256& value);
    void push(std::uint64_t value) { push(rvm_u256{{value, 0, 0, 0}}); }
    void push(const rvm_address& address);
    void push_offset();
    void push_size();
    /// Makes at least `count` operands; new ones are words.
    void need(std::size_t count);
    /// Removes operands above a height that keeps pieces independent.
    void settle();
    /// Puts bytes into memory from 0 on.
    void to_memory(const Bytes& bytes);

    Random& random_;
    std::span<const rvm_address> targets_;
    Bytes code_;
    std::size_t height_ = 0;
    unsigned nesting_ = 0; ///< of init code in init code
};

} // namespace rvm::differential
