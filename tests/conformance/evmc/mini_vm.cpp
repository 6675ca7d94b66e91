// A virtual machine behind EVMC, for the tests of the plugin evmc: a few opcodes with their Ethereum numbers, each 1
// gas, each passing its operands to one function of the host. Built several times: MINI_VM_FLAW plants one mistake.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "evmc/evmc_abi.h"
#include "evmc/words.hpp"
#include "mini_opcodes.hpp"
#include "support/evm_opcodes.hpp"

namespace {

using namespace rvm::evmc;
using enum rvm::test::EvmOpcode;
using enum rvm::test::MiniOpcode;

constexpr std::size_t stack_limit = 64;
constexpr std::size_t memory_bytes = 1024;
constexpr std::int64_t stipend = 2300;

class Frame {
  public:
    Frame(const HostInterface& host, HostContext* client, const Message& message, rvm_view code)
        : host_(host), client_(client), message_(message), code_(code), gas_(message.gas) {}

    Result run() {
        for (std::size_t at = 0; at < code_.size;) {
            const std::uint8_t opcode = code_.data[at++];
            if (--gas_ < 0) return end(StatusCode::out_of_gas);
            if (opcode >= PUSH0 && opcode <= PUSH32) {
                const std::size_t size = opcode - PUSH0;
                const std::size_t present = size < code_.size - at ? size : code_.size - at;
                push(rvm_u256_from_bytes(code_.data + at, present));
                at += size;
                continue;
            }
            if (opcode == STOP) break;
            if (opcode == RETURN || opcode == REVERT) return finish(opcode);
            if (const StatusCode status = step(opcode); status != StatusCode::success) return end(status);
            if (opcode == SELFDESTRUCT) break;
        }
        return end(StatusCode::success);
    }

  private:
    StatusCode step(std::uint8_t opcode) {
        switch (opcode) {
        case ADD:
            push({{pop().limbs[0] + pop().limbs[0], 0, 0, 0}});
            break;
        case ADDRESS:
            push(number(message_.recipient));
            break;
        case CALLER:
            push(number(message_.sender));
            break;
        case CALLVALUE:
            push(number(message_.value));
            break;
        case CALLDATALOAD:
            pop();
            push(message_.input_size < 32 ? rvm_u256{} : rvm_u256_from_bytes(message_.input_data, 32));
            break;
        case GAS:
            push({{static_cast<std::uint64_t>(gas_), 0, 0, 0}});
            break;
        case POP:
            pop();
            break;
        case MSTORE: {
            const std::uint64_t offset = pop().limbs[0];
            const rvm_bytes32 word = bytes32(pop());
            if (offset > memory_bytes - 32) return StatusCode::invalid_memory_access;
            std::memcpy(memory_ + offset, word.bytes, 32);
            break;
        }
        case INVALID:
            return StatusCode::invalid_instruction;
        case LOG1: {
            const std::uint64_t offset = pop().limbs[0], size = pop().limbs[0];
            const Bytes32 topic = bytes32(pop());
            host_.emit_log(client_, &message_.recipient, memory_ + offset, size, &topic, 1);
            break;
        }
        case CREATE:
        case CREATE2:
            return create(opcode == CREATE2);
        case CALL:
        case DELEGATECALL:
        case STATICCALL:
            return call(opcode);
        case SELFDESTRUCT: {
            const Address heir = address(pop());
            if (host_.selfdestruct(client_, &message_.recipient, &heir)) refund_ += 100;
            break;
        }
        default:
            return ask(opcode);
        }
        return StatusCode::success;
    }

    /// Accounts, slots and the environment.
    StatusCode ask(std::uint8_t opcode) {
        const Address& self = message_.recipient;
        const auto count = [this](std::uint64_t value) { push({{value, 0, 0, 0}}); };
        switch (opcode) {
        case NUMBER:
            count(static_cast<std::uint64_t>(host_.get_tx_context(client_).block_number));
            return StatusCode::success;
        case COINBASE:
            push(number(host_.get_tx_context(client_).block_coinbase));
            return StatusCode::success;
        default:
            break;
        }
        const rvm_u256 top = pop();
        const Bytes32 key = bytes32(top);
        const Address target = address(top);
        switch (opcode) {
        case BALANCE:
            push(number(host_.get_balance(client_, &target)));
            break;
        case NONCE:
            count(host_.get_nonce(client_, &target));
            break;
        case EXTCODESIZE:
            count(host_.get_code_size(client_, &target));
            break;
        case EXTCODEHASH:
            push(number(host_.get_code_hash(client_, &target)));
            break;
        case BLOCKHASH:
            push(number(host_.get_block_hash(client_, static_cast<std::int64_t>(top.limbs[0]))));
            break;
        case BLOBHASH: {
            const TxContext context = host_.get_tx_context(client_);
            push(top.limbs[0] < context.blob_hashes_count ? number(context.blob_hashes[top.limbs[0]]) : rvm_u256{});
            break;
        }
        case ACCESS:
            count(host_.access_storage(client_, &self, &key) == AccessStatus::warm ? 1 : 0);
            break;
        case SLOAD:
            push(number(host_.get_storage(client_, &self, &key)));
            break;
        case FOREIGN: {
            const Bytes32 first{};
            push(number(host_.get_storage(client_, &target, &first)));
            break;
        }
        case TLOAD:
            push(number(host_.get_transient_storage(client_, &self, &key)));
            break;
        case SSTORE: {
            const Bytes32 value = bytes32(pop());
            if ((message_.flags & flag_static) != 0) return StatusCode::static_mode_violation;
            // The outcome becomes visible as the refund counter.
            refund_ += static_cast<std::int64_t>(host_.set_storage(client_, &self, &key, &value));
            break;
        }
        case TSTORE: {
            const Bytes32 value = bytes32(pop());
            host_.set_transient_storage(client_, &self, &key, &value);
            break;
        }
        default:
            return StatusCode::undefined_instruction;
        }
        return StatusCode::success;
    }

    /// gas, address[, value], all memory from 0 on: `size` bytes of input. Pushes success; output goes to memory 0.
    StatusCode call(std::uint8_t opcode) {
        Message asked{};
        asked.gas = static_cast<std::int64_t>(pop().limbs[0]);
        asked.code_address = address(pop());
        asked.kind = opcode == DELEGATECALL ? CallKind::delegatecall : CallKind::call;
        asked.flags = message_.flags & flag_static;
        if (opcode == STATICCALL) asked.flags |= flag_static;
        if (opcode == CALL) asked.value = bytes32(pop());
        asked.input_data = memory_;
        asked.input_size = pop().limbs[0];
        asked.recipient = opcode == DELEGATECALL ? message_.recipient : asked.code_address;
        asked.sender = opcode == DELEGATECALL ? message_.sender : message_.recipient;
        if (opcode == DELEGATECALL) asked.value = message_.value;
        if (asked.gas > gas_) asked.gas = gas_;
        if (opcode == CALL && !is_zero(number(asked.value))) {
            asked.gas += stipend;
            gas_ += stipend;
        }
        return finish_call(asked);
    }

    /// [salt,] value, size of the init code in memory from 0 on. Pushes the address or 0.
    StatusCode create(bool salted) {
        Message asked{};
        asked.kind = salted ? CallKind::create2 : CallKind::create;
        // Any address will do for a host that is told one.
        asked.recipient = address(salted ? pop() : rvm_u256{{0xc0de, 0, 1, 0}});
        asked.value = bytes32(pop());
        asked.sender = message_.recipient;
        asked.input_data = memory_;
        asked.input_size = pop().limbs[0];
        asked.gas = gas_;
        return finish_call(asked);
    }

    StatusCode finish_call(Message& asked) {
        asked.depth = message_.depth + 1;
        const Result result = host_.call(client_, &asked);
        gas_ -= asked.gas - result.gas_left;
        refund_ += result.gas_refund;
        const bool is_creation = asked.kind == CallKind::create || asked.kind == CallKind::create2;
        const std::size_t copied = result.output_size < memory_bytes ? result.output_size : memory_bytes;
        if (copied != 0) std::memcpy(memory_, result.output_data, copied);
        if (result.release != nullptr) result.release(&result);
        const bool done = result.status_code == StatusCode::success;
        push(!done ? rvm_u256{} : is_creation ? number(asked.recipient) : rvm_u256{{1, 0, 0, 0}});
        return gas_ < 0 ? StatusCode::out_of_gas : StatusCode::success;
    }

    Result finish(std::uint8_t opcode) {
        const std::uint64_t offset = pop().limbs[0], size = pop().limbs[0];
        Result out = end(opcode == RETURN ? StatusCode::success : StatusCode::revert);
        if (size == 0) return out;
        auto* const bytes = static_cast<std::uint8_t*>(std::malloc(size));
        std::memcpy(bytes, memory_ + offset, size);
        out.output_data = bytes;
        out.output_size = size;
        out.release = [](const Result* result) { std::free(const_cast<std::uint8_t*>(result->output_data)); };
        return out;
    }

    [[nodiscard]] Result end(StatusCode status) const {
        const bool keeps = status == StatusCode::success || status == StatusCode::revert;
        return {status, keeps ? gas_ : 0, status == StatusCode::success ? refund_ : 0, nullptr, 0, nullptr};
    }

    void push(const rvm_u256& value) {
        if (height_ < stack_limit) stack_[height_++] = value;
    }
    rvm_u256 pop() { return height_ == 0 ? rvm_u256{} : stack_[--height_]; }

    const HostInterface& host_;
    HostContext* client_;
    const Message& message_;
    rvm_view code_;
    std::int64_t gas_;
    std::int64_t refund_ = 0;
    rvm_u256 stack_[stack_limit];
    std::size_t height_ = 0;
    std::uint8_t memory_[memory_bytes] = {};
};

Result execute(Vm*, const HostInterface* host, HostContext* client, Revision, const Message* message,
               const std::uint8_t* code, std::size_t size) {
    return Frame(*host, client, *message, {code, size}).run();
}

SetOptionResult set_option(Vm*, const char* name, const char* value) {
    if (std::strcmp(name, "speed") != 0) return SetOptionResult::invalid_name;
    return std::strcmp(value, "high") == 0 ? SetOptionResult::success : SetOptionResult::invalid_value;
}

#ifndef MINI_VM_FLAW
#define MINI_VM_FLAW 0
#endif
constexpr int flaw = MINI_VM_FLAW; // 1: another ABI version, 2: no execute, 3: no machine

} // namespace

extern "C" RVM_EXPORT Vm* evmc_create_mini_vm() {
    if constexpr (flaw == 3) return nullptr;
    // One of another version cannot be destroyed by who does not know its layout: it is nobody's to free.
    static Vm unknown{abi_version + 1, "mini", "1", [](Vm*) {}, execute, set_option};
    if constexpr (flaw == 1) return &unknown;
    return new Vm{abi_version, "mini", "1", [](Vm* vm) { delete vm; }, flaw == 2 ? nullptr : execute, set_option};
}
