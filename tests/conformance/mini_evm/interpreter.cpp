#include "mini_evm/interpreter.hpp"

#include <cstdlib>
#include <cstring>

#include "keccak/keccak.hpp"
#include "mini_evm/opcodes.hpp"
#include "word.hpp"

namespace rvm::conformance::mini_evm {
namespace {

// Prices, by the names of the yellow paper and the EIPs.
constexpr std::uint64_t kWarmAccess = 100, kColdAccount = 2600, kColdSlot = 2100; // EIP-2929
constexpr std::uint64_t kSlotSet = 20000, kSlotReset = 5000 - kColdSlot;          // EIP-2200, EIP-2929
constexpr std::int64_t kClearRefund = 4800;                                       // EIP-3529
constexpr std::int64_t kSstoreSentry = 2300;                                      // EIP-2200
constexpr std::uint64_t kCallValue = 9000, kNewAccount = 25000;
constexpr std::int64_t kCallStipend = 2300;
constexpr std::uint64_t kMemoryWord = 3, kQuadraticDivisor = 512, kCopyWord = 3, kKeccakWord = 6, kLogByte = 8;
constexpr std::uint64_t kInitCodeWord = 2, kMaxInitCode = 49152; // EIP-3860
constexpr std::uint64_t kGasReserveDivisor = 64;                 // EIP-150
constexpr std::uint64_t kBlockHashes = 256;
// Memory beyond this costs more than INT64_MAX gas has room for in the quadratic term's arithmetic.
constexpr std::uint64_t kMemoryLimit = std::uint64_t{1} << 36;

#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        if (const rvm_status try_status = (expression); try_status != RVM_OK) return try_status;                       \
    } while (false)

constexpr std::uint64_t words_of(std::uint64_t bytes) { return bytes / 32 + (bytes % 32 != 0); }
constexpr std::uint64_t memory_gas(std::uint64_t words) {
    return kMemoryWord * words + words * words / kQuadraticDivisor;
}

/// A range of memory as the stack names it.
struct Range {
    std::uint64_t offset, size;
};

class Machine {
  public:
    Machine(const Host& host, const Analysis& code, rvm_frame& frame, rvm_result& result)
        : host_(host), code_(code), frame_(frame), result_(result), scratch_(*static_cast<Scratch*>(frame.scratch)) {}

    rvm_status run() {
        for (;;) {
            const std::uint8_t opcode = pc_ < frame_.program.size ? frame_.program.data[pc_] : std::uint8_t{STOP};
            const OpcodeInfo& info = kOpcodes[opcode];
            const rvm_status status = info.defined ? checked(opcode, info) : RVM_TRAP_ILLEGAL;
            if (status != RVM_OK || done_) {
                if (status != RVM_OK) {
                    result_.detail = opcode + 1u;
                    result_.fault_position = pc_;
                }
                return status;
            }
            ++pc_;
        }
    }

  private:
    rvm_status checked(std::uint8_t opcode, const OpcodeInfo& info) {
        if (height_ < info.pops || height_ - info.pops + info.pushes > kStackLimit) return RVM_TRAP_STACK;
        TRY(charge(info.gas));
        return step(opcode);
    }

    rvm_status charge(std::uint64_t gas) { return rvm_charge(&frame_, gas); }
    [[nodiscard]] bool is_static() const { return (frame_.flags & RVM_FRAME_STATIC) != 0; }
    /// Wants NO_COLD when a cold access cannot be paid any more.
    [[nodiscard]] std::uint32_t cold_want(std::uint64_t price) const {
        return static_cast<std::uint64_t>(frame_.gas) < price ? RVM_WANT_NO_COLD : 0u;
    }

    Word pop() { return scratch_.stack[--height_]; }
    void push(const Word& value) { scratch_.stack[height_++] = value; }
    void push(std::uint64_t value) { push(word(value)); }

    /// Charges for memory up to the end of a range and zeroes what is new. An empty range costs nothing wherever it is.
    rvm_status touch_memory(const Word& offset, const Word& size, Range& out) {
        out = {0, 0};
        if (is_zero(size)) return RVM_OK;
        if (saturate(offset) > kMemoryLimit || saturate(size) > kMemoryLimit) return RVM_TRAP_OUT_OF_GAS;
        out = {offset.limbs[0], size.limbs[0]};
        const std::uint64_t words = words_of(out.offset + out.size), old_words = memory_ / 32;
        if (words <= old_words) return RVM_OK;
        TRY(charge(memory_gas(words) - memory_gas(old_words)));
        const std::uint64_t bytes = words * 32;
        TRY(host_.vm->reserve(&frame_, static_cast<std::int64_t>(bytes - memory_)));
        if (bytes > scratch_.capacity) {
            const std::uint64_t wanted = std::max(bytes, 2 * scratch_.capacity);
            auto* grown = static_cast<std::uint8_t*>(std::realloc(scratch_.memory, wanted));
            if (grown == nullptr) return RVM_E_NO_MEMORY;
            scratch_.memory = grown;
            scratch_.capacity = wanted;
        }
        std::memset(scratch_.memory + memory_, 0, bytes - memory_);
        memory_ = bytes;
        return RVM_OK;
    }
    rvm_status pop_range(Range& out) {
        const Word offset = pop(), size = pop();
        return touch_memory(offset, size, out);
    }
    [[nodiscard]] rvm_view view(const Range& range) const { return {scratch_.memory + range.offset, range.size}; }

    /// Handle and price of another account (EIP-2929).
    rvm_status open_account(const rvm_address& address, std::uint32_t want, rvm_account*& out) {
        std::uint32_t access = 0;
        want |= RVM_WANT_WARM | cold_want(kColdAccount);
        TRY(host_.state->account(&frame_, &address, want, &out, &access));
        return charge((access & RVM_ACCESS_COLD) != 0 ? kColdAccount : kWarmAccess);
    }

    rvm_status copy(rvm_view source, bool strict) {
        const Word to = pop(), from = pop(), size = pop();
        Range range{};
        TRY(touch_memory(to, size, range));
        TRY(charge(kCopyWord * words_of(range.size)));
        if (strict && (saturate(from) > source.size || saturate(size) > source.size - from.limbs[0]))
            return RVM_TRAP_MEMORY; // EIP-211: reading behind the end of return data halts
        copy_padded(scratch_.memory + range.offset, range.size, source, saturate(from));
        return RVM_OK;
    }

    rvm_status jump(const Word& target) {
        if (saturate(target) >= code_.jump_destinations.size() || !code_.jump_destinations[target.limbs[0]])
            return RVM_TRAP_ILLEGAL;
        pc_ = target.limbs[0] - 1; // the loop steps onto it
        return RVM_OK;
    }

    rvm_status sload() {
        const Word key = pop();
        Word value{};
        std::uint32_t access = 0;
        TRY(host_.state->sload(&frame_, &key, cold_want(kColdSlot), &value, &access));
        TRY(charge((access & RVM_ACCESS_COLD) != 0 ? kColdSlot : kWarmAccess));
        push(value);
        return RVM_OK;
    }

    /// EIP-2200 with the prices of EIP-2929 and EIP-3529.
    rvm_status sstore() {
        if (is_static()) return RVM_TRAP_STATIC;
        if (frame_.gas <= kSstoreSentry) return RVM_TRAP_OUT_OF_GAS;
        const Word key = pop(), value = pop();
        rvm_slot_write write{};
        TRY(host_.state->sstore(&frame_, &key, &value, 0, &write));
        std::uint64_t price = kWarmAccess;
        constexpr auto kSetBack = static_cast<std::int64_t>(kSlotSet - kWarmAccess);
        constexpr auto kResetBack = static_cast<std::int64_t>(kSlotReset - kWarmAccess);
        switch (write.change) {
        case RVM_SLOT_ADDED:
            price = kSlotSet;
            break;
        case RVM_SLOT_MODIFIED:
            price = kSlotReset;
            break;
        case RVM_SLOT_DELETED:
            price = kSlotReset, frame_.refund += kClearRefund;
            break;
        case RVM_SLOT_DELETED_ADDED:
            frame_.refund -= kClearRefund;
            break;
        case RVM_SLOT_MODIFIED_DELETED:
            frame_.refund += kClearRefund;
            break;
        case RVM_SLOT_DELETED_RESTORED:
            frame_.refund += kResetBack - kClearRefund;
            break;
        case RVM_SLOT_ADDED_DELETED:
            frame_.refund += kSetBack;
            break;
        case RVM_SLOT_MODIFIED_RESTORED:
            frame_.refund += kResetBack;
            break;
        default:
            break;
        }
        return charge(price + ((write.access & RVM_ACCESS_COLD) != 0 ? kColdSlot : 0));
    }

    rvm_status log(std::uint32_t topic_count) {
        if (is_static()) return RVM_TRAP_STATIC;
        Range data{};
        TRY(pop_range(data));
        TRY(charge(kLogByte * data.size));
        rvm_bytes32 topics[4];
        for (std::uint32_t i = 0; i < topic_count; ++i)
            topics[i] = to_bytes32(pop());
        return host_.state->log(&frame_, topics, topic_count, view(data));
    }

    [[nodiscard]] std::int64_t all_but_one_64th() const {
        return frame_.gas - frame_.gas / static_cast<std::int64_t>(kGasReserveDivisor);
    }

    rvm_status create(bool salted) {
        if (is_static()) return RVM_TRAP_STATIC;
        const Word value = pop();
        Range range{};
        TRY(pop_range(range));
        if (range.size > kMaxInitCode) return RVM_TRAP_OUT_OF_GAS;
        TRY(charge((kInitCodeWord + (salted ? kKeccakWord : 0)) * words_of(range.size)));
        const rvm_bytes32 salt = salted ? to_bytes32(pop()) : rvm_bytes32{};

        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CREATE;
        message.value = value;
        message.init_code = view(range);
        if (has_prefix(message.init_code, kToyPrefix)) message.format = kToyFormat;
        address_of_creation(salted ? &salt : nullptr, message.init_code, message.recipient);
        message.gas = all_but_one_64th();
        rvm_result result{};
        result.struct_size = sizeof result;
        const rvm_status status = host_.vm->call(&frame_, &message, &result);
        if (status < 0) return status;
        push(status == RVM_OK ? from_address(result.created) : word(0));
        return RVM_OK;
    }

    void address_of_creation(const rvm_bytes32* salt, rvm_view init_code, rvm_address& out) {
        create_address(nullptr, &frame_.self->address, frame_.self->nonce, salt, init_code, &out);
    }

    rvm_status call(std::uint8_t opcode) {
        const Word gas = pop();
        const rvm_address address = to_address(pop());
        const bool has_value = opcode == CALL || opcode == CALLCODE;
        const Word value = has_value ? pop() : word(0);
        if (opcode == CALL && is_static() && !is_zero(value)) return RVM_TRAP_STATIC;
        Range input{}, output{};
        TRY(pop_range(input));
        TRY(pop_range(output));

        rvm_account* target = nullptr;
        TRY(open_account(address, RVM_WANT_CODE, target));
        rvm_message message{};
        message.struct_size = sizeof message;
        message.code_address = address;
        message.recipient = address;
        message.flags = RVM_MESSAGE_DELEGATED; // resolved here, because the delegate's access has a price (EIP-7702)
        message.target = target;
        if (target->delegate != nullptr) {
            message.code_address = *target->delegate;
            message.flags |= RVM_MESSAGE_NO_PROGRAM;
            TRY(open_account(message.code_address, RVM_WANT_CODE, message.target));
        }
        if (!is_zero(value)) {
            TRY(charge(kCallValue));
            if (opcode == CALL && rvm_account_is_empty(target) != 0) TRY(charge(kNewAccount));
            message.stipend = kCallStipend;
        }
        message.gas = static_cast<std::int64_t>(
            std::min(saturate(gas), static_cast<std::uint64_t>(all_but_one_64th()))); // EIP-150
        message.value = value;
        message.input = view(input);
        message.kind = opcode == CALL           ? RVM_CALL_CALL
                       : opcode == CALLCODE     ? RVM_CALL_CALLCODE
                       : opcode == DELEGATECALL ? RVM_CALL_DELEGATE
                                                : RVM_CALL_STATIC;
        rvm_result result{};
        result.struct_size = sizeof result;
        const rvm_status status = host_.vm->call(&frame_, &message, &result);
        if (status < 0) return status;
        const std::uint64_t size = std::min(output.size, result.output.size);
        if (size != 0) std::memcpy(scratch_.memory + output.offset, result.output.data, size);
        push(status == RVM_OK ? 1 : 0);
        return RVM_OK;
    }

    rvm_status selfdestruct() {
        if (is_static()) return RVM_TRAP_STATIC;
        const rvm_address address = to_address(pop());
        rvm_account* heir = nullptr;
        std::uint32_t access = 0;
        TRY(host_.state->account(&frame_, &address, RVM_WANT_WARM | cold_want(kColdAccount), &heir, &access));
        if ((access & RVM_ACCESS_COLD) != 0) TRY(charge(kColdAccount));
        if (rvm_account_is_empty(heir) != 0 && !is_zero(frame_.self->balance)) TRY(charge(kNewAccount));
        done_ = true;
        return host_.state->destroy(&frame_, heir, RVM_DESTROY_IF_NEW_IN_TX, nullptr); // EIP-6780
    }

    rvm_status end(rvm_status status) {
        Range output{};
        TRY(pop_range(output));
        result_.output = view(output);
        done_ = true;
        return status;
    }

    rvm_status step(std::uint8_t opcode) {
        switch (opcode) {
        case STOP:
            done_ = true;
            return RVM_OK;
        case ADD:
            return binary(add);
        case MUL:
            return binary(mul);
        case SUB:
            return binary(sub);
        case DIV:
            return binary(divide);
        case LT:
            return binary([](const Word& a, const Word& b) { return word(less(a, b)); });
        case GT:
            return binary([](const Word& a, const Word& b) { return word(less(b, a)); });
        case EQ:
            return binary([](const Word& a, const Word& b) { return word(equal(a, b)); });
        case ISZERO:
            push(is_zero(pop()));
            return RVM_OK;
        case AND:
            return binary(bit_and);
        case OR:
            return binary(bit_or);
        case SHL:
            return binary([](const Word& a, const Word& b) { return shift_left(b, saturate(a)); });
        case SHR:
            return binary([](const Word& a, const Word& b) { return shift_right(b, saturate(a)); });
        case KECCAK256:
            return keccak();
        case ADDRESS:
            push(from_address(frame_.self->address));
            return RVM_OK;
        case BALANCE: {
            rvm_account* account = nullptr;
            TRY(open_account(to_address(pop()), RVM_WANT_BALANCE, account));
            push(account->balance);
            return RVM_OK;
        }
        case CALLER:
            push(from_address(frame_.msg->sender));
            return RVM_OK;
        case CALLVALUE:
            push(frame_.msg->value);
            return RVM_OK;
        case CALLDATALOAD: {
            rvm_bytes32 bytes{};
            copy_padded(bytes.bytes, sizeof bytes.bytes, frame_.msg->input, saturate(pop()));
            push(from_hash(bytes));
            return RVM_OK;
        }
        case CALLDATASIZE:
            push(frame_.msg->input.size);
            return RVM_OK;
        case CALLDATACOPY:
            return copy(frame_.msg->input, false);
        case CODESIZE:
            push(frame_.program.size);
            return RVM_OK;
        case CODECOPY:
            return copy(frame_.program, false);
        case EXTCODESIZE: {
            rvm_account* account = nullptr;
            TRY(open_account(to_address(pop()), RVM_WANT_CODE_SIZE, account));
            push(account->code_size);
            return RVM_OK;
        }
        case EXTCODEHASH: {
            rvm_account* account = nullptr;
            TRY(open_account(to_address(pop()), RVM_WANT_CODE_HASH | RVM_WANT_EXISTS, account));
            push(hash_of(*account));
            return RVM_OK;
        }
        case RETURNDATASIZE:
            push(frame_.returned.size);
            return RVM_OK;
        case RETURNDATACOPY:
            return copy(frame_.returned, true);
        case BLOCKHASH:
            return block_hash();
        case NUMBER:
            push(frame_.env[host_.number]);
            return RVM_OK;
        case SELFBALANCE:
            push(frame_.self->balance);
            return RVM_OK;
        case POP:
            --height_;
            return RVM_OK;
        case MLOAD: {
            Range range{};
            TRY(touch_memory(pop(), word(32), range));
            push(rvm_u256_from_bytes(scratch_.memory + range.offset, 32));
            return RVM_OK;
        }
        case MSTORE: {
            Range range{};
            TRY(touch_memory(pop(), word(32), range));
            const Word value = pop();
            rvm_u256_to_bytes(&value, scratch_.memory + range.offset, 32);
            return RVM_OK;
        }
        case MSTORE8: {
            Range range{};
            TRY(touch_memory(pop(), word(1), range));
            scratch_.memory[range.offset] = static_cast<std::uint8_t>(pop().limbs[0]);
            return RVM_OK;
        }
        case SLOAD:
            return sload();
        case SSTORE:
            return sstore();
        case JUMP:
            return jump(pop());
        case JUMPI: {
            const Word target = pop(), condition = pop();
            return is_zero(condition) ? RVM_OK : jump(target);
        }
        case PC:
            push(pc_);
            return RVM_OK;
        case MSIZE:
            push(memory_);
            return RVM_OK;
        case GAS:
            push(static_cast<std::uint64_t>(frame_.gas));
            return RVM_OK;
        case JUMPDEST:
            return RVM_OK;
        case TLOAD: {
            const Word key = pop();
            Word value{};
            TRY(host_.state->tload(&frame_, &key, &value));
            push(value);
            return RVM_OK;
        }
        case TSTORE: {
            if (is_static()) return RVM_TRAP_STATIC;
            const Word key = pop(), value = pop();
            return host_.state->tstore(&frame_, &key, &value);
        }
        case MCOPY:
            return memory_copy();
        case CREATE:
            return create(false);
        case CREATE2:
            return create(true);
        case CALL:
        case CALLCODE:
        case DELEGATECALL:
        case STATICCALL:
            return call(opcode);
        case RETURN:
            return end(RVM_OK);
        case REVERT:
            return end(RVM_TRAP_REVERT);
        case SELFDESTRUCT:
            return selfdestruct();
        case INVALID:
            return RVM_TRAP_ILLEGAL;
        default:
            return family(opcode);
        }
    }

    /// PUSH, DUP, SWAP, LOG.
    rvm_status family(std::uint8_t opcode) {
        if (opcode >= LOG0) return log(opcode - std::uint32_t{LOG0});
        if (opcode >= SWAP1) {
            std::swap(scratch_.stack[height_ - 1], scratch_.stack[height_ - 2 - (opcode - SWAP1)]);
        } else if (opcode >= DUP1) {
            push(scratch_.stack[height_ - 1 - (opcode - DUP1)]);
        } else {
            const unsigned size = opcode - unsigned{PUSH0};
            rvm_bytes32 bytes{};
            copy_padded(bytes.bytes, size, frame_.program, pc_ + 1);
            push(rvm_u256_from_bytes(bytes.bytes, size));
            pc_ += size;
        }
        return RVM_OK;
    }

    template <class Function>
    rvm_status binary(Function function) {
        const Word a = pop(), b = pop();
        push(function(a, b));
        return RVM_OK;
    }
    static Word bit_and(const Word& a, const Word& b) {
        return {{a.limbs[0] & b.limbs[0], a.limbs[1] & b.limbs[1], a.limbs[2] & b.limbs[2], a.limbs[3] & b.limbs[3]}};
    }
    static Word bit_or(const Word& a, const Word& b) { return invert(bit_and(invert(a), invert(b))); }

    rvm_status keccak() {
        Range range{};
        TRY(pop_range(range));
        TRY(charge(kKeccakWord * words_of(range.size)));
        rvm_bytes32 digest{};
        keccak::keccak256({scratch_.memory + range.offset, range.size}, digest.bytes);
        push(from_hash(digest));
        return RVM_OK;
    }

    /// EIP-1052: zero for an account that is empty or not there.
    static Word hash_of(const rvm_account& account) {
        if (rvm_account_is_empty(&account) != 0) return word(0);
        if (account.code_hash != nullptr) return from_hash(*account.code_hash);
        rvm_bytes32 digest{};
        keccak::keccak256({}, digest.bytes);
        return from_hash(digest);
    }

    rvm_status block_hash() {
        const std::uint64_t number = saturate(pop()), now = saturate(frame_.env[host_.number]);
        rvm_bytes32 hash{};
        if (number < now && now - number <= kBlockHashes) TRY(host_.state->block_hash(&frame_, number, &hash));
        push(from_hash(hash));
        return RVM_OK;
    }

    rvm_status memory_copy() { // EIP-5656
        const Word to = pop(), from = pop(), size = pop();
        Range target{}, source{};
        TRY(touch_memory(to, size, target));
        TRY(touch_memory(from, size, source));
        TRY(charge(kCopyWord * words_of(target.size)));
        if (target.size != 0)
            std::memmove(scratch_.memory + target.offset, scratch_.memory + source.offset, target.size);
        return RVM_OK;
    }

    const Host& host_;
    const Analysis& code_;
    rvm_frame& frame_;
    rvm_result& result_;
    Scratch& scratch_;
    std::uint64_t pc_ = 0;
    std::uint64_t height_ = 0; ///< of the stack
    std::uint64_t memory_ = 0; ///< bytes, a multiple of 32
    bool done_ = false;
};

} // namespace

Analysis analyze(rvm_view code) {
    Analysis out;
    out.jump_destinations.resize(code.size);
    for (std::uint64_t at = 0; at < code.size; ++at) {
        const std::uint8_t opcode = code.data[at];
        if (opcode == JUMPDEST) out.jump_destinations[at] = true;
        if (opcode >= PUSH1 && opcode <= PUSH32) at += 1u + opcode - PUSH1;
    }
    return out;
}

rvm_status run(const Host& host, const Analysis& code, rvm_frame& frame, rvm_result& result) {
    return Machine(host, code, frame, result).run();
}

} // namespace rvm::conformance::mini_evm
