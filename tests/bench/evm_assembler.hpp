// Writing EVM code for benchmarks: opcodes, pushes, labels.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include <rvm/plugin.h>

#include "support/evm_opcodes.hpp"

namespace rvm::bench {

using test::EvmOpcode;
using enum test::EvmOpcode;

class Assembler {
  public:
    Assembler& op(std::initializer_list<EvmOpcode> opcodes) {
        code_.insert(code_.end(), opcodes.begin(), opcodes.end());
        return *this;
    }
    Assembler& push(const rvm_u256& value) {
        std::uint8_t bytes[32];
        rvm_u256_to_bytes(&value, bytes, sizeof bytes);
        std::size_t first = 0;
        while (first < sizeof bytes && bytes[first] == 0)
            ++first;
        code_.push_back(static_cast<std::uint8_t>(PUSH0 + (sizeof bytes - first)));
        code_.insert(code_.end(), bytes + first, bytes + sizeof bytes);
        return *this;
    }
    Assembler& push(std::uint64_t value) { return push(rvm_u256{{value, 0, 0, 0}}); }
    Assembler& push(const rvm_address& address) {
        return push(rvm_u256_from_bytes(address.bytes, sizeof address.bytes));
    }
    /// A JUMPDEST here.
    Assembler& label(const std::string& name) {
        labels_[name] = code_.size();
        return op({JUMPDEST});
    }
    Assembler& push_label(const std::string& name) {
        code_.push_back(PUSH0 + 2);
        uses_.emplace_back(code_.size(), name);
        code_.insert(code_.end(), {0, 0});
        return *this;
    }
    Assembler& fill(std::size_t count, EvmOpcode opcode) {
        code_.insert(code_.end(), count, opcode);
        return *this;
    }
    Assembler& append(const std::vector<std::uint8_t>& bytes) {
        code_.insert(code_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    [[nodiscard]] std::size_t size() const { return code_.size(); }
    [[nodiscard]] std::vector<std::uint8_t> code() const {
        auto out = code_;
        for (const auto& [at, name] : uses_) {
            const std::size_t target = labels_.at(name);
            out[at] = static_cast<std::uint8_t>(target >> 8);
            out[at + 1] = static_cast<std::uint8_t>(target);
        }
        return out;
    }

  private:
    std::vector<std::uint8_t> code_;
    std::map<std::string, std::size_t> labels_;
    std::vector<std::pair<std::size_t, std::string>> uses_;
};

} // namespace rvm::bench
