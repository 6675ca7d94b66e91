#include "code_generator.hpp"

#include <algorithm>

#include "support/evm_opcodes.hpp"

namespace rvm::differential {
namespace {

using enum test::EvmOpcode;

constexpr std::uint8_t no_operands[] = {0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42,
                                        0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58, 0x59, 0x5a};
constexpr std::size_t resting_height = 8; ///< operands a piece leaves for the next

} // namespace

rvm_u256 CodeGenerator::word() {
    constexpr std::uint64_t ones = UINT64_MAX, top = std::uint64_t{1} << 63;
    switch (random_.below(12)) {
    case 0:
        return {};
    case 1:
        return {{1, 0, 0, 0}};
    case 2:
        return {{ones, ones, ones, ones}};
    case 3:
        return {{0, 0, 0, top}};
    case 4:
        return {{ones, ones, ones, top - 1}};
    case 5: { // a power of two, give or take one
        rvm_u256 out{};
        const std::uint64_t bit = random_.below(256);
        out.limbs[bit / 64] = std::uint64_t{1} << (bit % 64);
        if (random_.one_in(3)) out.limbs[0] ^= 1;
        return out;
    }
    case 6:
    case 7:
        return {{random_.below(300), 0, 0, 0}};
    case 8:
        return {{random_.next(), 0, 0, 0}};
    case 9:
        return {{random_.next(), random_.next(), 0, 0}};
    case 10:
        return {{ones - random_.below(40), ones, ones, ones}}; // small negative
    default:
        return {{random_.next(), random_.next(), random_.next(), random_.next()}};
    }
}

void CodeGenerator::push(const rvm_u256& value) {
    std::uint8_t bytes[32];
    rvm_u256_to_bytes(&value, bytes, sizeof bytes);
    std::size_t first = 0;
    while (first < sizeof bytes - 1 && bytes[first] == 0)
        ++first;
    if (random_.one_in(20)) first = random_.below(first + 1); // longer than it must be
    op(static_cast<std::uint8_t>(PUSH1 + (sizeof bytes - first - 1)));
    code_.insert(code_.end(), bytes + first, bytes + sizeof bytes);
    ++height_;
}

void CodeGenerator::push(const rvm_address& address) {
    op(PUSH1 + sizeof address.bytes - 1);
    code_.insert(code_.end(), std::begin(address.bytes), std::end(address.bytes));
    ++height_;
}

void CodeGenerator::push_offset() {
    if (random_.one_in(60)) return push(word());
    if (random_.one_in(20)) return push(random_.below(40'000));
    push(random_.below(300));
}

void CodeGenerator::push_size() {
    if (random_.one_in(60)) return push(word());
    if (random_.one_in(20)) return push(random_.below(5'000));
    push(random_.pick({std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{31}, std::uint64_t{32}, random_.below(200)}));
}

void CodeGenerator::need(std::size_t count) {
    while (height_ < count)
        push(word());
}

void CodeGenerator::settle() {
    while (height_ > resting_height) {
        op(POP);
        --height_;
    }
}

void CodeGenerator::arithmetic() {
    if (random_.one_in(3)) push(word());
    const std::uint64_t kind = random_.below(12);
    if (kind == 0) {
        push(word());
        need(3);
        op(random_.pick({ADDMOD, MULMOD}));
        height_ -= 2;
    } else if (kind == 1) {
        need(1);
        op(random_.pick({ISZERO, NOT, CLZ}));
    } else if (kind == 2) {
        need(1);
        const std::uint64_t depth = random_.below(std::min<std::size_t>(height_, 16));
        op(static_cast<std::uint8_t>(DUP1 + depth));
        ++height_;
    } else if (kind == 3) {
        need(2);
        op(static_cast<std::uint8_t>(SWAP1 + random_.below(std::min<std::size_t>(height_ - 1, 16))));
    } else {
        push(word());
        need(2);
        // Two operands: 0x01-0x07, EXP with whatever stands there, SIGNEXTEND, 0x10-0x14, 0x16-0x18, 0x1a-0x1d.
        constexpr std::uint8_t binary[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b, 0x10, 0x11,
                                           0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d};
        op(random_.pick(std::span<const std::uint8_t>(binary)));
        --height_;
    }
}

void CodeGenerator::environment() {
    if (!random_.one_in(4)) {
        op(random_.pick(std::span<const std::uint8_t>(no_operands)));
        ++height_;
        return;
    }
    const std::uint8_t opcode = random_.pick({CALLDATALOAD, BLOCKHASH, BLOBHASH});
    if (opcode == BLOCKHASH)
        push(random_.pick(
            {std::uint64_t{999}, std::uint64_t{1000}, std::uint64_t{744}, std::uint64_t{743}, random_.next()}));
    else
        push(random_.one_in(10) ? word() : rvm_u256{{random_.below(40), 0, 0, 0}});
    op(opcode);
}

void CodeGenerator::memory() {
    switch (random_.below(8)) {
    case 0:
        push_offset();
        op(MLOAD);
        return;
    case 1:
    case 2:
        need(1);
        push_offset();
        op(random_.one_in(4) ? MSTORE8 : MSTORE);
        height_ -= 2;
        return;
    case 3: // size, from, to
        push_size();
        push_offset();
        push_offset();
        op(random_.pick({CALLDATACOPY, CODECOPY, MCOPY}));
        height_ -= 3;
        return;
    case 4: // within the return data, or by one beyond
        op(RETURNDATASIZE);
        ++height_;
        if (random_.one_in(12)) {
            push(std::uint64_t{1});
            op(ADD);
            --height_;
        }
        push(random_.one_in(12) ? std::uint64_t{1} : std::uint64_t{0});
        push_offset();
        op(RETURNDATACOPY);
        height_ -= 3;
        return;
    case 5:
        push_size();
        push_offset();
        push_offset();
        push(random_.pick(targets_));
        op(EXTCODECOPY);
        height_ -= 4;
        return;
    default:
        push_size();
        push_offset();
        op(KECCAK256);
        --height_;
    }
}

void CodeGenerator::storage() {
    const auto key = [this] { push(random_.one_in(15) ? word() : rvm_u256{{random_.below(watched_slots), 0, 0, 0}}); };
    switch (random_.below(6)) {
    case 0:
    case 1:
        key();
        op(SLOAD);
        return;
    case 2:
        key();
        op(TLOAD);
        return;
    case 3:
        need(1);
        key();
        op(TSTORE);
        height_ -= 2;
        return;
    default:
        if (random_.one_in(3))
            need(1);
        else
            push(random_.below(3)); // so that original, current and new values meet
        key();
        op(SSTORE);
        height_ -= 2;
    }
}

/// A conditional jump over some pieces, or a loop of a few rounds.
void CodeGenerator::flow() {
    const auto place = [this](std::size_t at) {
        code_[at] = static_cast<std::uint8_t>(code_.size() >> 8);
        code_[at + 1] = static_cast<std::uint8_t>(code_.size());
        op(JUMPDEST);
    };
    settle();
    if (random_.one_in(3)) { // rounds: JUMPDEST body, count - 1, jump back
        push(1 + random_.below(6));
        const std::size_t start = code_.size();
        op(JUMPDEST);
        const std::size_t before = height_;
        arithmetic();
        storage();
        while (height_ > before) {
            op(POP);
            --height_;
        }
        while (height_ < before)
            push(std::uint64_t{2});
        push(std::uint64_t{1});
        op(SWAP1);
        op(0x03); // SUB
        --height_;
        op(DUP1);
        op(PUSH2);
        op(static_cast<std::uint8_t>(start >> 8));
        op(static_cast<std::uint8_t>(start));
        op(JUMPI);
        op(POP);
        --height_;
        return;
    }
    need(1);
    op(PUSH2);
    const std::size_t at = code_.size();
    op(0);
    op(0);
    op(JUMPI);
    --height_;
    const std::size_t before = height_;
    piece();
    while (height_ > before) {
        op(POP);
        --height_;
    }
    // The branch may have eaten operands: what follows relies on fewer.
    place(at);
    height_ = std::min(height_, before);
    if (random_.one_in(40)) { // into data, or nowhere
        push(random_.one_in(2) ? rvm_u256{{at, 0, 0, 0}} : word());
        op(JUMP);
        --height_;
    }
}

void CodeGenerator::call() {
    const std::uint8_t opcode = random_.pick({CALL, CALL, CALL, STATICCALL, DELEGATECALL, DELEGATECALL, CALLCODE});
    push_size(); // output
    push_offset();
    push_size(); // input
    push_offset();
    if (opcode == CALL || opcode == CALLCODE) {
        if (random_.one_in(3))
            push(random_.one_in(6) ? word() : rvm_u256{{random_.below(20), 0, 0, 0}});
        else
            push(std::uint64_t{0});
    }
    push(random_.pick(targets_));
    switch (random_.below(5)) {
    case 0:
        push(random_.below(30'000));
        break;
    case 1:
        push(random_.one_in(2) ? std::uint64_t{0} : std::uint64_t{2300});
        break;
    default:
        op(GAS);
        ++height_;
    }
    op(opcode);
    height_ -= opcode == CALL || opcode == CALLCODE ? 6 : 5;
    if (random_.one_in(4)) {
        op(RETURNDATASIZE);
        ++height_;
    }
}

void CodeGenerator::to_memory(const Bytes& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 32) {
        std::uint8_t piece[32] = {};
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(32, bytes.size() - at),
                    piece);
        op(PUSH1 + 31);
        code_.insert(code_.end(), std::begin(piece), std::end(piece));
        ++height_;
        push(at);
        op(MSTORE);
        height_ -= 2;
    }
}

void CodeGenerator::create() {
    if (nesting_ >= 2) return arithmetic();
    Bytes inner;
    {
        CodeGenerator other(random_, targets_);
        other.nesting_ = nesting_ + 1;
        if (!random_.one_in(10)) inner = other.init(random_.below(5));
    }
    to_memory(inner);
    const bool salted = random_.one_in(2);
    if (salted) push(random_.below(2)); // collisions happen
    if (random_.one_in(25))
        push(49'152 + random_.below(2)); // EIP-3860
    else
        push(inner.size());
    push(std::uint64_t{0});
    push(random_.one_in(4) ? random_.below(20) : std::uint64_t{0});
    op(salted ? CREATE2 : CREATE);
    height_ -= salted ? 3 : 2;
    if (random_.one_in(2)) return;
    // Call what was made, whatever it is: gas, address, five zeroes.
    for (int i = 0; i < 5; ++i)
        push(std::uint64_t{0});
    op(DUP1 + 5);
    ++height_;
    op(GAS);
    ++height_;
    op(CALL);
    height_ -= 6;
}

void CodeGenerator::log() {
    const std::uint64_t topics = random_.below(5);
    for (std::uint64_t i = 0; i < topics; ++i)
        push(word());
    push_size();
    push_offset();
    op(static_cast<std::uint8_t>(LOG0 + topics));
    height_ -= topics + 2;
}

void CodeGenerator::accounts() {
    if (random_.one_in(8))
        push(word());
    else
        push(random_.pick(targets_));
    op(random_.pick({BALANCE, EXTCODESIZE, EXTCODEHASH}));
}

void CodeGenerator::piece() {
    settle();
    switch (random_.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
        return arithmetic();
    case 4:
        return environment();
    case 5:
    case 6:
        return memory();
    case 7:
    case 8:
    case 9:
        return storage();
    case 10:
        return flow();
    case 11:
    case 12:
        return call();
    case 13:
        return random_.one_in(3) ? create() : call();
    case 14:
        return random_.one_in(2) ? log() : accounts();
    default:
        if (random_.one_in(25)) return op(static_cast<std::uint8_t>(random_.next())); // anything
        return accounts();
    }
}

void CodeGenerator::end() {
    switch (random_.below(9)) {
    case 0:
        return op(STOP);
    case 1:
        return; // falls off the end
    case 2:
        if (random_.one_in(3)) {
            push(random_.pick(targets_));
            return op(SELFDESTRUCT);
        }
        [[fallthrough]];
    case 3:
        push_size();
        push_offset();
        return op(REVERT);
    case 4:
        if (random_.one_in(3)) return op(INVALID);
        [[fallthrough]];
    default:
        need(1);
        push(std::uint64_t{0});
        op(MSTORE);
        height_ -= 2;
        push_size();
        push_offset();
        op(RETURN);
    }
}

Bytes CodeGenerator::runtime(std::size_t pieces) {
    code_.clear();
    height_ = 0;
    if (random_.one_in(40)) { // noise
        for (std::size_t i = random_.below(200); i > 0; --i)
            op(static_cast<std::uint8_t>(random_.next()));
        return code_;
    }
    for (std::size_t i = 0; i < pieces; ++i)
        piece();
    end();
    if (random_.one_in(30)) op(static_cast<std::uint8_t>(PUSH1 + random_.below(32))); // a cut PUSH
    return code_;
}

Bytes CodeGenerator::init(std::size_t pieces) {
    code_.clear();
    height_ = 0;
    for (std::size_t i = 0; i < pieces; ++i)
        piece();
    switch (random_.below(8)) {
    case 0:
        end();
        break;
    case 1: { // refused or unpayable: 0xef first, or a large piece of zeroes
        if (random_.one_in(2)) to_memory({0xef});
        push(random_.pick({std::uint64_t{1}, std::uint64_t{24'576}, std::uint64_t{24'577}}));
        push(std::uint64_t{0});
        op(RETURN);
        break;
    }
    default: {
        CodeGenerator other(random_, targets_);
        other.nesting_ = nesting_ + 1;
        const Bytes deployed = other.runtime(1 + random_.below(4));
        to_memory(deployed);
        push(deployed.size());
        push(std::uint64_t{0});
        op(RETURN);
    }
    }
    return code_;
}

} // namespace rvm::differential
