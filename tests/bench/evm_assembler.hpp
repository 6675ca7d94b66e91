// Writing EVM code for benchmarks: opcodes, pushes, labels.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::bench {

enum Opcode : std::uint8_t {
    STOP = 0x00,
    ADD = 0x01,
    MUL = 0x02,
    SUB = 0x03,
    DIV = 0x04,
    LT = 0x10,
    EQ = 0x14,
    ISZERO = 0x15,
    NOT = 0x19,
    KECCAK256 = 0x20,
    ADDRESS = 0x30,
    CALLER = 0x33,
    CALLDATALOAD = 0x35,
    CODECOPY = 0x39,
    POP = 0x50,
    MLOAD = 0x51,
    MSTORE = 0x52,
    SLOAD = 0x54,
    SSTORE = 0x55,
    JUMP = 0x56,
    JUMPI = 0x57,
    GAS = 0x5a,
    JUMPDEST = 0x5b,
    MCOPY = 0x5e,
    PUSH0 = 0x5f,
    DUP1 = 0x80,
    DUP2 = 0x81,
    DUP3 = 0x82,
    DUP4 = 0x83,
    DUP6 = 0x85,
    SWAP1 = 0x90,
    SWAP2 = 0x91,
    SWAP3 = 0x92,
    LOG3 = 0xa3,
    CREATE = 0xf0,
    CALL = 0xf1,
    RETURN = 0xf3,
    CREATE2 = 0xf5,
    REVERT = 0xfd,
};

class Assembler {
  public:
    Assembler& op(std::initializer_list<Opcode> opcodes) {
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
    Assembler& fill(std::size_t count, Opcode opcode) {
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
