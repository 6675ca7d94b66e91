#include "programs.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <rvm/report.hpp>

#include "build.hpp"
#include "native/assembler.hpp"

namespace rvm::determinism {
namespace {

namespace evm = conformance::evm;
namespace toy = conformance::toy;
using conformance::operator+;

constexpr std::uint64_t kKeys = 6; // few, so that programs meet in slots
constexpr std::uint64_t kStatements = 14;
constexpr std::uint64_t kNestedGas = 400'000;

std::uint64_t constant(Random& random) {
    switch (random.below(4)) {
    case 0:
        return random.below(random.chance(4) ? 2 : 300);
    case 1:
        return random.next();
    case 2:
        return ~random.below(3);
    default:
        return std::uint64_t{1} << random.below(64);
    }
}

const rvm_address& any(Random& random, const Targets& targets) { return targets[random.below(targets.size())]; }

/// Writes assembly text; r0 holds the value that everything is mixed into.
class NativeWriter {
  public:
    NativeWriter(Random& random, const Targets& targets) : random_(random), targets_(targets) {}

    Code program() {
        const std::uint64_t count = 2 + random_.below(kStatements);
        for (std::uint64_t i = 0; i < count; ++i)
            statement();
        ending();
        const std::string text = ".nodebug\nmemory 3\nspace key 32\nspace word 32\nspace other 32\nspace area 512\n" +
                                 data_ + "func main\n" + text_ + "func mix 2 -> 1\n" + " mul dup push 29 shr xor\n";
        Report report;
        auto code = native::assemble(text, "corpus.rasm", {}, report);
        if (!code) throw std::logic_error(report.text() + text);
        return std::move(*code);
    }

  private:
    void line(const std::string& text) { text_ += " " + text + "\n"; }
    std::string number(std::uint64_t limit) { return std::to_string(random_.below(limit)); }
    std::string literal() { return std::to_string(constant(random_)); }
    std::string label() { return "l" + std::to_string(labels_++); }
    std::string target() {
        const std::string name = "t" + std::to_string(names_++);
        std::string hex;
        char digits[3];
        for (const std::uint8_t byte : any(random_, targets_).bytes) {
            std::snprintf(digits, sizeof digits, "%02x", byte);
            hex += digits;
        }
        data_ += "data " + name + " = hex \"" + hex + "\"\n";
        return name;
    }
    void arithmetic() {
        static constexpr std::array binary{"add", "sub", "mul", "mulhi", "div",  "sdiv",    "mod", "smod",
                                           "eq",  "ne",  "lt",  "gt",    "slt",  "sgt",     "and", "or",
                                           "xor", "shl", "shr", "sar",   "rotl", "call mix"};
        static constexpr std::array unary{"iszero", "not", "clz", "ctz", "popcnt", "bswap", "sext 8", "sext 32"};
        if (random_.chance(4)) {
            line(std::string("get r0 ") + unary[random_.below(unary.size())] + " get r0 xor set r0");
        } else {
            const std::string right = literal();
            line("get r0 push " + right + " " + binary[random_.below(binary.size())] + " set r0");
        }
    }
    void choose_key() { line("push key + 31 get r0 push " + std::to_string(kKeys) + " mod store8"); }
    void mix_word() { line("push word + 24 load64 get r0 xor set r0"); }
    void call() {
        const std::string to = target();
        const bool pays = random_.chance(4);
        line("push word push " + literal() + " store64 push other + 24 push 0 store64");
        if (pays) line("push other + 31 push 3 store8");
        switch (random_.below(4)) {
        case 0:
            line("push " + std::to_string(kNestedGas) + " push " + to +
                 " push word push 32 push word push 32 invokestatic");
            break;
        case 1:
            line("push " + std::to_string(kNestedGas) + " push " + to +
                 " push word push 32 push word push 32 invokedelegate");
            break;
        default:
            line("push " + std::to_string(kNestedGas) + " push " + to +
                 " push other push word push 32 push word push 32 invoke");
        }
        line("get r0 add set r0 get r0 retsize xor set r0");
        mix_word();
    }
    void statement() {
        switch (random_.below(16)) {
        default:
            return arithmetic();
        case 6: { // a counted loop
            const std::string again = label(), count = std::to_string(1 + random_.below(40));
            line("push " + count + " set r1\n" + again + ":");
            arithmetic();
            line("get r1 push 1 sub dup set r1 jumpnz " + again);
            return;
        }
        case 7: { // a branch
            const std::string past = label();
            line("get r0 push 1 and jumpz " + past);
            arithmetic();
            text_ += past + ":\n";
            return;
        }
        case 8: {
            static constexpr std::array widths{"8", "16", "32", "64"};
            const std::string width = widths[random_.below(widths.size())], at = number(random_.chance(6) ? 9000 : 500);
            line("push area + " + at + " get r0 store" + width);
            line("push area + " + number(500) + " load" + width + " get r0 xor set r0");
            return;
        }
        case 9:
            choose_key();
            line("push key push word sload");
            mix_word();
            return;
        case 10:
            choose_key();
            line("push word + 24 get r0 " + std::string(random_.chance(3) ? "drop push 0" : "push 7 and") + " store64");
            line(random_.chance(4) ? "push key push word tstore push key push other tload"
                                   : "push key push word sstore");
            return;
        case 11: {
            const std::uint64_t topics = random_.below(5);
            std::string text = "push area push " + number(100);
            for (std::uint64_t i = 0; i < topics; ++i)
                text += random_.chance(2) ? " push key" : " push word";
            line(text + " log " + std::to_string(topics));
            return;
        }
        case 12: {
            static constexpr std::array facts{"number", "timestamp", "chainid", "gas", "insize", "msize"};
            line(std::string("get r0 ") + facts[random_.below(facts.size())] + " add set r0");
            return;
        }
        case 13: {
            static constexpr std::array facts{"push word caller", "push word self", "push word value",
                                              "push word push 0 push 32 incopy",
                                              "push other self push other push word balance"};
            line(facts[random_.below(facts.size())]);
            mix_word();
            return;
        }
        case 14: {
            const std::string pages = number(random_.chance(8) ? 40'000 : 4), to = number(200), from = number(200);
            line("push " + pages + " mgrow get r0 xor set r0");
            line("push area + " + to + " push area + " + from + " push " + number(300) + " mcopy");
            const std::string at = number(100), size = number(60);
            line("push area + " + at + " get r0 push " + size + " mfill");
            return;
        }
        case 15:
            return call();
        }
    }
    void ending() {
        switch (random_.below(8)) {
        case 0:
            line("push area push " + number(600) + " return");
            return;
        case 1:
            line("push area push 8 get r0 push 1 and jumpz keep push 40 drop revert");
            line("\nkeep: [2]\n return");
            return;
        case 2:
            line(random_.chance(2) ? "trap" : "halt");
            return;
        default:
            line("get r0");
        }
    }

    Random& random_;
    const Targets& targets_;
    std::string text_, data_;
    unsigned labels_ = 0, names_ = 0;
};

/// The stack holds one value that everything is mixed into.
Code evm_statement(Random& random, const Targets& targets, int depth) {
    static constexpr std::array binary{evm::ADD, evm::MUL, evm::SUB, evm::DIV, evm::LT, evm::GT,
                                       evm::EQ,  evm::AND, evm::OR,  evm::SHL, evm::SHR};
    const std::uint64_t key = random.below(kKeys), number = constant(random);
    switch (random.below(12)) {
    default:
        return evm::push(number) + evm::op({binary[random.below(binary.size())]});
    case 4: // a slot gets a small value
        return evm::op({evm::DUP1}) + evm::push(random.chance(3) ? 0 : 7) + evm::op({evm::AND}) + evm::push(key) +
               evm::op({evm::SSTORE});
    case 5:
        return evm::push(key) + evm::op({random.chance(3) ? evm::TLOAD : evm::SLOAD, evm::ADD});
    case 6:
        return evm::op({evm::DUP1}) + evm::push(key) + evm::op({evm::TSTORE});
    case 7: {
        const std::uint64_t at = random.below(200), size = random.below(90);
        return evm::op({evm::DUP1}) + evm::to_memory(at) + evm::push(size) +
               evm::op({evm::PUSH0, evm::KECCAK256, evm::ADD});
    }
    case 8: {
        const std::uint64_t size = random.below(64);
        return evm::op({evm::DUP1}) + evm::push(size) + evm::op({evm::PUSH0}) + evm::op({evm::LOG1});
    }
    case 9: {
        static constexpr std::array facts{evm::NUMBER,       evm::CALLER,  evm::ADDRESS,     evm::CALLVALUE,
                                          evm::GAS,          evm::MSIZE,   evm::SELFBALANCE, evm::PC,
                                          evm::CALLDATASIZE, evm::CODESIZE};
        return evm::op({facts[random.below(facts.size())], evm::ADD});
    }
    case 10: {
        static constexpr std::array kinds{evm::CALL, evm::CALL, evm::CALLCODE, evm::DELEGATECALL, evm::STATICCALL};
        const evm::Opcode kind = kinds[random.below(kinds.size())];
        const std::uint64_t value = random.chance(3) ? random.below(4) : 0;
        const rvm_address& target = any(random, targets);
        return evm::op({evm::DUP1, evm::PUSH0, evm::MSTORE}) +
               evm::call(kind, target, {.value = value, .gas = kNestedGas, .input_size = 32, .output_size = 32}) +
               evm::op({evm::ADD, evm::PUSH0, evm::MLOAD, evm::ADD, evm::RETURNDATASIZE, evm::ADD});
    }
    case 11: {
        if (depth > 0) return evm::op({evm::NUMBER, evm::ADD});
        const Code init = random.chance(2) ? toy_init_code(random, targets) : evm_init_code(random, targets);
        const std::uint64_t salt = random.below(3), value = random.below(3);
        return (random.chance(3) ? evm::create(init, value) : evm::create2(init, salt, value)) + evm::op({evm::ADD});
    }
    }
}

Code evm_body(Random& random, const Targets& targets, int depth, std::uint64_t most) {
    Code out = evm::op({evm::PUSH0, evm::CALLDATALOAD});
    const std::uint64_t count = 2 + random.below(most);
    for (std::uint64_t i = 0; i < count; ++i) {
        const Code statement = evm_statement(random, targets, depth);
        out = std::move(out) + statement;
    }
    switch (random.below(9)) {
    case 0:
        return out + evm::revert_top();
    case 1:
        return out + evm::op({random.chance(3) ? evm::INVALID : evm::STOP});
    case 2:
        return random.chance(2) ? out + evm::push(any(random, targets)) + evm::op({evm::SELFDESTRUCT})
                                : out + evm::return_memory(0, random.below(300));
    default:
        return out + evm::return_top();
    }
}

Code toy_statement(Random& random, const Targets& targets) {
    const std::uint64_t key = random.below(kKeys), number = constant(random);
    switch (random.below(9)) {
    default:
        return toy::number(number) + toy::op({toy::add});
    case 3:
        return toy::number(random.chance(3) ? 0 : random.below(9)) + toy::number(key) + toy::op({toy::store});
    case 4:
        return toy::number(key) + toy::op({random.chance(2) ? toy::load : toy::load_transient, toy::add});
    case 5: {
        const std::uint64_t topic = random.below(9);
        return toy::number(number) + toy::number(topic) + toy::op({toy::log});
    }
    case 6: {
        static constexpr std::array facts{toy::input, toy::self,  toy::caller, toy::value,
                                          toy::gas,   toy::flags, toy::depth};
        return toy::op({facts[random.below(facts.size())], toy::add});
    }
    case 7: {
        const auto kind = static_cast<std::uint32_t>(random.below(4));
        const std::uint64_t value = kind == RVM_CALL_CALL && random.chance(3) ? random.below(3) : 0;
        const Code input = toy::number(number);
        const rvm_address& target = any(random, targets);
        return toy::invoke(kind, target, input, value, kNestedGas) +
               toy::op({toy::add, toy::result, toy::add, toy::result_size, toy::add});
    }
    case 8:
        return toy::number(number) + toy::number(key) + toy::op({toy::store_transient});
    }
}

} // namespace

Code native_program(Random& random, const Targets& targets) { return NativeWriter(random, targets).program(); }

Code evm_program(Random& random, const Targets& targets) { return evm_body(random, targets, 0, kStatements); }

Code toy_program(Random& random, const Targets& targets) {
    Code body = toy::number(1);
    const std::uint64_t count = 2 + random.below(kStatements);
    for (std::uint64_t i = 0; i < count; ++i) {
        const Code statement = toy_statement(random, targets);
        body = std::move(body) + statement;
    }
    switch (random.below(8)) {
    case 0:
        return toy::program(body + toy::op({toy::revert}));
    case 1:
        return toy::program(body + (random.chance(2) ? toy::op({toy::trap})
                                                     : toy::number(any(random, targets)) + toy::op({toy::destroy})));
    default:
        return toy::program(body + toy::op({toy::give}));
    }
}

Code evm_init_code(Random& random, const Targets& targets) { return evm::deploys(evm_body(random, targets, 1, 4)); }

Code toy_init_code(Random& random, const Targets& targets) {
    Code body = toy::number(3);
    const Code statement = toy_statement(random, targets);
    return toy::deploys(toy::program(body + statement + toy::op({toy::give})));
}

} // namespace rvm::determinism
