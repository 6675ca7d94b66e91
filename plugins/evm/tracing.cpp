#include "tracing.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "accounts.hpp"
#include "interpreter.hpp"

namespace rvm::evm {
namespace {

/// Operand `index` from the top.
const U256& operand(const Position& at, int index) { return *(at.sp - 1 - index); }

bool enough_operands(const Machine& m, const Position& at) {
    return at.sp >= m.scratch.stack + kOpcodeInfo[*at.pc].operands; // those of plugins have no dynamic price
}

/// A sum of prices that stays at the top once it is out of reach.
class Price {
  public:
    void add(std::int64_t gas) { total_ = gas > kOutOfReach - total_ ? kOutOfReach : total_ + gas; }
    void add_words(const U256& bytes, std::int64_t gas_per_word) {
        const std::uint64_t size = saturate(bytes);
        add(size >= kMemoryLimit ? kOutOfReach : words_in(size) * gas_per_word);
    }
    [[nodiscard]] std::int64_t total() const { return total_; }

  private:
    static constexpr std::int64_t kOutOfReach = INT64_MAX;
    std::int64_t total_ = 0;
};

void add_memory(Price& price, const Machine& m, std::initializer_list<std::pair<U256, U256>> ranges) {
    std::uint64_t end = 0;
    for (const auto& [offset, size] : ranges) {
        if (!size) continue;
        const std::uint64_t from = saturate(offset), bytes = saturate(size);
        if (from >= kMemoryLimit || bytes >= kMemoryLimit) return price.add(INT64_MAX);
        end = std::max(end, from + bytes);
    }
    price.add(memory_growth_gas(m, end));
}

/// Price of the access to an account; nothing is warmed.
std::int64_t access_gas(Machine& m, const rvm_address& address, std::int64_t cold, rvm_account*& account) {
    std::uint32_t access = 0;
    if (m.host.state->account(&m.frame, &address, RVM_WANT_CODE, &account, &access) != RVM_OK) return 0;
    return (access & RVM_ACCESS_COLD) != 0 ? cold : 0;
}

void add_store(Price& price, Machine& m, const Position& at) {
    if (m.is_static() || at.gas <= m.schedule.store_sentry) return;
    rvm_slot_write write{};
    if (m.host.state->sstore(&m.frame, raw(&operand(at, 0)), raw(&operand(at, 1)), RVM_WANT_PEEK, &write) != RVM_OK)
        return;
    price.add(m.schedule.store[write.change].gas);
    if ((write.access & RVM_ACCESS_COLD) != 0) price.add(m.schedule.cold_store);
}

void add_call(Price& price, Machine& m, const Position& at, std::uint8_t opcode) {
    const bool has_value = opcode == OP_CALL || opcode == OP_CALLCODE;
    const int ranges = has_value ? 3 : 2;
    const bool value = has_value && operand(at, 2);
    add_memory(price, m,
               {{operand(at, ranges), operand(at, ranges + 1)}, {operand(at, ranges + 2), operand(at, ranges + 3)}});
    rvm_account* target = nullptr;
    price.add(access_gas(m, address_of(operand(at, 1)), m.schedule.cold_account, target));
    if (target == nullptr) return;
    if (m.schedule.delegates && target->delegate != nullptr) {
        rvm_account* delegate = nullptr;
        price.add(kWarmAccessGas + access_gas(m, *target->delegate, m.schedule.cold_account, delegate));
    }
    if (value) price.add(kCallValueGas);
    if (opcode == OP_CALL && (value || !m.schedule.empty_is_dead) && is_dead(m, *target)) price.add(kNewAccountGas);
    const std::int64_t left = at.gas - price.total(); // the gas given to the callee is part of the price
    const std::uint64_t asked = saturate(operand(at, 0));
    if (left < 0) return;
    const std::int64_t most = m.schedule.keeps_64th ? left - left / kGasReserveDivisor : INT64_MAX;
    price.add(asked > static_cast<std::uint64_t>(most) ? most : static_cast<std::int64_t>(asked));
}

void add_destroy(Price& price, Machine& m, const Position& at) {
    if (m.is_static()) return;
    rvm_account* heir = nullptr;
    price.add(access_gas(m, address_of(operand(at, 0)), m.schedule.cold_heir, heir));
    const bool has_balance = static_cast<bool>(word_of(m.frame.self->balance));
    if (heir != nullptr && m.schedule.destroy_prices_heir && (has_balance || !m.schedule.empty_is_dead) &&
        is_dead(m, *heir))
        price.add(kNewAccountGas);
}

void add_dynamic(Price& price, Machine& m, const Position& at) {
    const std::uint8_t opcode = *at.pc;
    rvm_account* account = nullptr;
    switch (opcode) {
    case OP_EXP:
        return price.add(std::int64_t{(u256::bit_width(operand(at, 1)) + 7) / 8} * m.schedule.exp_byte);
    case OP_KECCAK256:
        add_memory(price, m, {{operand(at, 0), operand(at, 1)}});
        return price.add_words(operand(at, 1), kKeccakWordGas);
    case OP_CALLDATACOPY:
    case OP_CODECOPY:
    case OP_RETURNDATACOPY:
        add_memory(price, m, {{operand(at, 0), operand(at, 2)}});
        return price.add_words(operand(at, 2), kCopyWordGas);
    case OP_MCOPY:
        add_memory(price, m, {{operand(at, 0), operand(at, 2)}, {operand(at, 1), operand(at, 2)}});
        return price.add_words(operand(at, 2), kCopyWordGas);
    case OP_EXTCODECOPY:
        add_memory(price, m, {{operand(at, 1), operand(at, 3)}});
        price.add_words(operand(at, 3), kCopyWordGas);
        return price.add(access_gas(m, address_of(operand(at, 0)), m.schedule.cold_account, account));
    case OP_BALANCE:
    case OP_EXTCODESIZE:
    case OP_EXTCODEHASH:
        return price.add(access_gas(m, address_of(operand(at, 0)), m.schedule.cold_account, account));
    case OP_MLOAD:
    case OP_MSTORE:
        return add_memory(price, m, {{operand(at, 0), 32}});
    case OP_MSTORE8:
        return add_memory(price, m, {{operand(at, 0), 1}});
    case OP_SLOAD: {
        U256 value;
        std::uint32_t access = 0;
        if (m.host.state->sload(&m.frame, raw(&operand(at, 0)), RVM_WANT_PEEK, raw(&value), &access) != RVM_OK) return;
        return price.add((access & RVM_ACCESS_COLD) != 0 ? m.schedule.cold_slot : 0);
    }
    case OP_SSTORE:
        return add_store(price, m, at);
    case OP_LOG0:
    case OP_LOG1:
    case OP_LOG2:
    case OP_LOG3:
    case OP_LOG4: {
        add_memory(price, m, {{operand(at, 0), operand(at, 1)}});
        const std::uint64_t size = saturate(operand(at, 1));
        return price.add(size >= kMemoryLimit ? INT64_MAX : static_cast<std::int64_t>(size) * kLogByteGas);
    }
    case OP_CREATE:
    case OP_CREATE2:
        add_memory(price, m, {{operand(at, 1), operand(at, 2)}});
        return price.add_words(operand(at, 2), m.schedule.init_code_word + (opcode == OP_CREATE2 ? kKeccakWordGas : 0));
    case OP_CALL:
    case OP_CALLCODE:
    case OP_DELEGATECALL:
    case OP_STATICCALL:
        return add_call(price, m, at, opcode);
    case OP_RETURN:
    case OP_REVERT:
        return add_memory(price, m, {{operand(at, 0), operand(at, 1)}});
    case OP_SELFDESTRUCT:
        return add_destroy(price, m, at);
    default:
        return;
    }
}

rvm_op_event event_at(Machine& m, const Position& at) {
    const std::uint8_t opcode = *at.pc;
    const char* name = m.schedule.from_plugin[opcode] ? m.dispatch.ops[opcode]->name
                                                      : opcode_name(opcode, m.schedule.rules);
    rvm_op_event event{};
    event.struct_size = sizeof event;
    event.opcode = opcode;
    event.name = name != nullptr ? name : "UNDEFINED";
    event.format = "evm";
    event.pc = static_cast<std::uint64_t>(at.pc - m.code.bytes);
    event.gas = at.gas;
    event.refund = m.frame.refund;
    event.depth = m.frame.depth;
    event.word_bytes = sizeof(U256);
    event.stack = {reinterpret_cast<const std::uint8_t*>(m.scratch.stack),
                   static_cast<std::uint64_t>(at.sp - m.scratch.stack) * sizeof(U256)};
    event.memory = {m.memory, m.memory_size};
    event.returned = m.frame.returned;
    event.address = m.frame.self->address;
    return event;
}

} // namespace

std::int64_t price(Machine& m, Position at) noexcept {
    const std::uint8_t opcode = *at.pc;
    Price total;
    if (m.schedule.gas[opcode] < 0) return 0; // undefined
    total.add(m.schedule.gas[opcode]);
    if (enough_operands(m, at)) add_dynamic(total, m, at);
    return total.total();
}

void report_instruction(Machine& m, Position at) noexcept {
    rvm_op_event event = event_at(m, at);
    event.cost = price(m, at);
    m.reported_cost = event.cost;
    m.reported_gas = at.gas;
    m.frame.gas = at.gas;
    m.host.trace->op(&m.frame, &event);
}

void report_fault(Machine& m, Position at) noexcept {
    rvm_op_event event = event_at(m, at);
    event.cost = m.reported_cost;
    event.gas = m.reported_gas;
    m.host.trace->fault(&m.frame, &event, m.host_failure != RVM_OK ? m.host_failure : status_of(m.fault));
}

bool cancelled(Machine& m) noexcept {
    if ((m.frame.flags & RVM_FRAME_CANCELLABLE) == 0 || m.host.vm->cancelled(&m.frame) == 0) return false;
    m.host_failure = RVM_E_CANCELLED;
    return true;
}

} // namespace rvm::evm
