#include "evm_programs.hpp"

#include <algorithm>
#include <iterator>

#include "evm_assembler.hpp"
#include "keccak/keccak.hpp"

namespace rvm::bench {
namespace {

constexpr std::int64_t block_gas = 30'000'000;
constexpr std::uint64_t max_code = 24'576;      // EIP-170
constexpr std::uint64_t max_init_code = 49'152; // EIP-3860

/// `body` `count` times in a row, as the code of the first account.
Program row(const std::string& name, std::uint64_t count, const Bytes& body, const std::string& baseline) {
    Assembler out;
    for (std::uint64_t i = 0; i < count; ++i)
        out.append(body);
    return {name,  block_gas, {}, {{program_address(1), out.code(), {{{{0, 0, 0, 0}}, {{7, 0, 0, 0}}}}}},
            count, baseline};
}

/// CALL of `target` with input memory[0, input) and output to memory[0, 32); leaves success.
Assembler& call(Assembler& out, const rvm_address& target, std::uint64_t input, std::uint64_t output) {
    return out.push(output).op({PUSH0}).push(input).op({PUSH0, PUSH0}).push(target).op({GAS, CALL});
}

/// A loop with its counter on the stack's top: `count` turns of `body`, which leaves the stack as it was.
Assembler loop(std::uint64_t count, const Bytes& body) {
    Assembler out;
    out.push(count).label("turn").append(body).push(1).op({SWAP1, SUB, DUP1}).push_label("turn").op({JUMPI, STOP});
    return out;
}

/// transfer(to, amount): input is the two words. Balances are in slots keccak256(owner, 0), as Solidity's mappings are.
Bytes token() {
    Assembler out;
    const auto balance_slot = [&out] { // owner -> slot
        out.op({PUSH0, MSTORE, PUSH0}).push(32).op({MSTORE}).push(64).op({PUSH0, KECCAK256});
    };
    out.op({CALLER});
    balance_slot();                  // from
    out.op({DUP1, SLOAD});           // from balance
    out.push(32).op({CALLDATALOAD}); // from balance amount
    out.op({DUP1, DUP3, LT}).push_label("poor").op({JUMPI});
    out.op({SWAP1, DUP2, SWAP1, SUB}); // from amount rest
    out.op({SWAP1, SWAP2, SSTORE});    // amount
    out.op({PUSH0, CALLDATALOAD});
    balance_slot(); // amount to
    out.op({DUP1, SLOAD, DUP3, ADD, SWAP1, SSTORE});
    out.op({PUSH0, MSTORE}); // the amount is the log's data
    out.op({PUSH0, CALLDATALOAD, CALLER});
    out.push(rvm_u256{{0x28f55a4df523b3ef, 0x952ba7f163c4a116, 0x69c2b068fc378daa, 0xddf252ad1be2c89b}}); // Transfer
    out.push(32).op({PUSH0, LOG3});
    out.push(1).op({PUSH0, MSTORE}).push(32).op({PUSH0, RETURN});
    out.label("poor").op({PUSH0, PUSH0, REVERT});
    return out.code();
}

rvm_address token_address(std::uint64_t which) { return program_address(0x70 + which); }

/// The slot of `owner`'s balance in a token, filled.
std::pair<rvm_u256, rvm_u256> balance_of(const rvm_address& owner) {
    std::uint8_t image[64] = {};
    std::copy(std::begin(owner.bytes), std::end(owner.bytes), image + 12);
    const auto hash = keccak::keccak256(image);
    return {rvm_u256_from_bytes(hash.data(), hash.size()), {{std::uint64_t{1} << 60, 0, 0, 0}}};
}

Bytes transfers(std::uint64_t count) {
    Assembler body; // memory: to, amount; a new recipient each turn
    body.op({DUP1}).push(0xbeef00).op({ADD, PUSH0, MSTORE}).push(3).push(32).op({MSTORE});
    call(body, token_address(0), 64, 32).op({POP});
    return loop(count, body.code()).code();
}

/// swap(amount): constant product with 0.3 % fee; takes one token from the caller's side and pays the other.
Bytes pool() {
    Assembler out;
    out.push(1).op({SLOAD}).push(2).op({SLOAD});                // x y
    out.op({PUSH0, CALLDATALOAD}).push(997).op({MUL});          // x y in
    out.op({DUP1, DUP3, MUL});                                  // x y in in*y
    out.op({DUP4}).push(1000).op({MUL, DUP3, ADD, SWAP1, DIV}); // x y in out
    // y -= out; x += amount
    out.op({DUP1, DUP4, SUB}).push(2).op({SSTORE});
    out.op({PUSH0, CALLDATALOAD}).op({DUP1, DUP6, ADD}).push(1).op({SSTORE, POP});
    // pay `out` of the second token to the caller
    out.op({CALLER, PUSH0, MSTORE}).push(32).op({MSTORE});
    call(out, token_address(1), 64, 32).op({POP});
    out.push(32).op({MLOAD, PUSH0, MSTORE}).push(32).op({PUSH0, RETURN});
    return out.code();
}

Bytes churn(std::uint64_t count) {
    Assembler body; // counter -> counter: 16 slots read and written
    for (std::uint64_t slot = 0; slot < 16; ++slot)
        body.push(slot).op({SLOAD, DUP2, ADD}).push(slot).op({SSTORE});
    return loop(count, body.code()).code();
}

/// Calls itself with all gas, one slot a level, until depth or gas is spent.
Bytes deep(bool writes) {
    Assembler out;
    if (writes) out.op({GAS}).op({GAS, SSTORE});
    out.op({PUSH0, PUSH0, PUSH0, PUSH0, PUSH0, ADDRESS, GAS, CALL, STOP});
    return out.code();
}

} // namespace

rvm_address program_address(std::uint64_t number) {
    const rvm_u256 word{{number, 0x5e1f, 0, 0}};
    rvm_address out;
    rvm_u256_to_bytes(&word, out.bytes, sizeof out.bytes);
    return out;
}

std::vector<Program> host_functions() {
    constexpr std::uint64_t count = 500;
    std::vector<Program> out;
    out.push_back(row("not", count, Assembler().op({PUSH0, NOT, POP}).code(), ""));
    out.push_back(row("warm SLOAD", count, Assembler().op({PUSH0, SLOAD, POP}).code(), "not"));
    const rvm_address empty = program_address(0xe0);
    const auto operands = [&] { return Assembler().op({PUSH0, PUSH0, PUSH0, PUSH0, PUSH0}).push(empty).op({PUSH0}); };
    out.push_back(row("seven operands", count, operands().fill(7, POP).code(), ""));
    out.push_back(row("CALL of an empty account", count, operands().op({CALL, POP}).code(), "seven operands"));
    out.push_back(row("three operands", count, Assembler().op({PUSH0, PUSH0, PUSH0}).fill(3, POP).code(), ""));
    out.push_back(row("CREATE of an empty contract", count, Assembler().op({PUSH0, PUSH0, PUSH0, CREATE, POP}).code(),
                      "three operands"));
    return out;
}

std::vector<Program> state_heavy() {
    constexpr std::uint64_t count = 200;
    std::vector<Program> out;
    out.push_back(
        {"ERC-20 transfer",
         block_gas,
         {},
         {{program_address(1), transfers(count), {}}, {token_address(0), token(), {balance_of(program_address(1))}}},
         count,
         ""});
    Assembler body;
    body.push(1000).op({PUSH0, MSTORE});
    call(body, program_address(2), 32, 32).op({POP});
    out.push_back({"swap",
                   block_gas,
                   {},
                   {{program_address(1), loop(count, body.code()).code(), {}},
                    {program_address(2),
                     pool(),
                     {{{{1, 0, 0, 0}}, {{1'000'000'000, 0, 0, 0}}}, {{{2, 0, 0, 0}}, {{2'000'000'000, 0, 0, 0}}}}},
                    {token_address(1), token(), {balance_of(program_address(2))}}},
                   count,
                   ""});
    out.push_back(
        {"storage churn (16 slots)", block_gas, {}, {{program_address(1), churn(count), {}}}, 16 * count, ""});
    out.push_back({"deep calls with a write", block_gas, {}, {{program_address(1), deep(true), {}}}, 1, ""});
    out.push_back({"deep calls", block_gas, {}, {{program_address(1), deep(false), {}}}, 1, ""});
    return out;
}

std::vector<Program> worst(std::uint64_t variant) {
    std::vector<Program> out;
    const auto single = [&](const std::string& name, const Bytes& code) {
        out.push_back({name, block_gas, {}, {{program_address(1), code, {}}}, 1, ""});
    };
    single("deep calls until nothing is left", deep(false));
    // As much memory as a block's gas buys (3.9 MB), and copies of a middling one.
    single("memory: one write at the far end", Assembler().push(1).push(3'800'000).op({MSTORE, STOP}).code());
    {
        Assembler body;
        body.push(200'000).op({PUSH0}).push(32).op({MCOPY});
        single("memory: MCOPY of 200 KB", loop(10'000, body.code()).code());
    }
    {
        Assembler body;
        body.push(32'000).op({PUSH0, KECCAK256, POP});
        single("KECCAK256 of 32 KB", loop(10'000, body.code()).code());
    }
    // Init code of the greatest size, all JUMPDESTs but a STOP in front.
    for (const bool salted : {false, true}) {
        Assembler code; // copies itself into memory: code of JUMPDESTs behind the loop
        code.push(max_init_code / 2).push_label("data").op({PUSH0, CODECOPY});
        code.push(max_init_code / 2).push_label("data").push(max_init_code / 2).op({CODECOPY});
        code.op({PUSH0, PUSH0, MSTORE}); // STOP first
        code.label("turn");
        if (salted) code.op({GAS});
        code.push(max_init_code).op({PUSH0, PUSH0}).op({salted ? CREATE2 : CREATE, POP}).push_label("turn").op({JUMP});
        code.label("data");
        code.fill(max_code - code.size(), JUMPDEST);
        single(salted ? "CREATE2 with 48 KB of init code" : "CREATE with 48 KB of init code", code.code());
    }
    {
        Assembler code;
        code.label("turn").fill(max_code - 6, JUMPDEST).push_label("turn").op({JUMP});
        single("JUMPDESTs", code.code());
    }
    // A cold contract full of JUMPDESTs at each call: as many analyses as gas buys.
    Program program{"first calls of contracts of 24 KB", block_gas, {}, {{program_address(1), {}, {}}}, 1, ""};
    program.first_only = true;
    Assembler body;
    for (std::uint64_t i = 0; i < 400; ++i) {
        const rvm_address target = program_address(0x1000 + i);
        body.op({PUSH0, PUSH0, PUSH0, PUSH0, PUSH0}).push(target).op({PUSH0, CALL, POP});
        Assembler code;
        code.op({STOP}).push(1'000 * (variant + 1) + i).fill(max_code - 16, JUMPDEST);
        program.accounts.push_back({target, code.code(), {}});
    }
    program.accounts[0].code = body.code();
    out.push_back(std::move(program));
    return out;
}

} // namespace rvm::bench
