// org.rvm.u256: wide arithmetic as opcodes of the native VM. Values lie in the program's memory, 32 bytes big-endian,
// the form in which the VM passes keys and balances.
#include <rvm/plugin.hpp>

#include "u256/divide.hpp"

namespace {

using namespace rvm::u256;

/// Gas; reasons and measurements in README.md, "Prices".
namespace price {
constexpr std::uint64_t measure = 4;   // one word in, one stack word out
constexpr std::uint64_t compare = 5;   // two words in
constexpr std::uint64_t plain = 6;     // two words in, one out
constexpr std::uint64_t multiply = 10; // ten 64-bit products
constexpr std::uint64_t divide = 30;   // worst case: four quotient digits
constexpr std::uint64_t addmod = 35;   // a division of 257 by up to 256 bits
constexpr std::uint64_t mulmod = 60;   // a division of 512 by up to 256 bits
constexpr std::uint64_t exp_base = 10;
constexpr std::uint64_t exp_per_byte = 50; // eight squarings and as many products
} // namespace price

constexpr std::uint64_t word_bytes = 32;

rvm_status read(const rvm_frame* frame, std::uint64_t offset, U256& out) noexcept {
    rvm_span span;
    const rvm_status status = rvm_memory(frame, offset, word_bytes, &span);
    if (status == RVM_OK) out = load_be(span.data);
    return status;
}

rvm_status write(const rvm_frame* frame, std::uint64_t offset, const U256& value) noexcept {
    rvm_span span;
    const rvm_status status = rvm_memory(frame, offset, word_bytes, &span);
    if (status == RVM_OK) store_be(value, span.data);
    return status;
}

/// Reads the first `Count` operands as memory offsets.
template <std::size_t Count>
rvm_status read_all(const rvm_frame* frame, const rvm_word* args, U256 (&values)[Count]) noexcept {
    for (std::size_t i = 0; i < Count; ++i) {
        const rvm_status status = read(frame, args[i], values[i]);
        if (status != RVM_OK) return status;
    }
    return RVM_OK;
}

// One struct a shape: arity, flags, and how operands and result move. Op is the expression of the table.

struct Binary {
    static constexpr std::uint8_t pops = 3, pushes = 0;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 in[2];
        const rvm_status status = read_all(frame, args, in);
        return status != RVM_OK ? status : write(frame, args[2], Op(in[0], in[1], {}, 0));
    }
};

struct Divide : Binary {
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 in[2];
        const rvm_status status = read_all(frame, args, in);
        if (status != RVM_OK) return status;
        return in[1] ? write(frame, args[2], Op(in[0], in[1], {}, 0)) : RVM_TRAP_ARITHMETIC;
    }
};

struct Power : Binary {
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 in[2];
        rvm_status status = read_all(frame, args, in);
        if (status != RVM_OK) return status;
        const std::uint64_t exponent_bytes = (bit_width(in[1]) + 7) / 8;
        status = rvm_charge(frame, price::exp_per_byte * exponent_bytes);
        return status != RVM_OK ? status : write(frame, args[2], Op(in[0], in[1], {}, 0));
    }
};

struct Ternary {
    static constexpr std::uint8_t pops = 4, pushes = 0;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 in[3];
        const rvm_status status = read_all(frame, args, in);
        if (status != RVM_OK) return status;
        return in[2] ? write(frame, args[3], Op(in[0], in[1], in[2], 0)) : RVM_TRAP_ARITHMETIC;
    }
};

struct Unary {
    static constexpr std::uint8_t pops = 2, pushes = 0;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 a;
        const rvm_status status = read(frame, args[0], a);
        return status != RVM_OK ? status : write(frame, args[1], Op(a, {}, {}, 0));
    }
};

struct Counted {
    static constexpr std::uint8_t pops = 3, pushes = 0;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 a;
        const rvm_status status = read(frame, args[0], a);
        return status != RVM_OK ? status : write(frame, args[2], Op(a, {}, {}, args[1]));
    }
};

struct Compare {
    static constexpr std::uint8_t pops = 2, pushes = 1;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 in[2];
        const rvm_status status = read_all(frame, args, in);
        if (status == RVM_OK) args[0] = Op(in[0], in[1], {}, 0) ? 1 : 0;
        return status;
    }
};

struct Measure {
    static constexpr std::uint8_t pops = 1, pushes = 1;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 a;
        const rvm_status status = read(frame, args[0], a);
        if (status == RVM_OK) args[0] = Op(a, {}, {}, 0);
        return status;
    }
};

struct Indexed {
    static constexpr std::uint8_t pops = 2, pushes = 1;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 a;
        const rvm_status status = read(frame, args[0], a);
        if (status == RVM_OK) args[0] = Op(a, {}, {}, args[1]);
        return status;
    }
};

struct Store {
    static constexpr std::uint8_t pops = 2, pushes = 0;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        return write(frame, args[1], Op({}, {}, {}, args[0]));
    }
};

struct Narrow {
    static constexpr std::uint8_t pops = 1, pushes = 1;
    template <auto Op>
    static rvm_status run(rvm_frame* frame, rvm_word* args) noexcept {
        U256 a;
        const rvm_status status = read(frame, args[0], a);
        if (status != RVM_OK) return status;
        if (!a.fits_64()) return RVM_TRAP_ARITHMETIC;
        args[0] = a.limbs[0];
        return RVM_OK;
    }
};

template <class Shape, auto Op>
rvm_status run(const void*, rvm_frame* frame, rvm_word* args, std::uint64_t) noexcept {
    return Shape::template run<Op>(frame, args);
}

template <class Shape, auto Op>
constexpr rvm_opcode make(const char* id, const char* summary, std::uint64_t gas) noexcept {
    constexpr std::uint32_t flags = RVM_F_MEMORY | (std::is_same_v<Shape, Power> ? RVM_F_CHARGES : 0u);
    return rvm::sdk::opcode({id, summary, gas, Shape::pops, Shape::pushes, &run<Shape, Op>, flags});
}

constexpr rvm_opcode opcodes[] = {
#define U256_OPCODE(name, shape, gas, expression, summary)                                                             \
    make<shape, [](const U256& a, const U256& b, const U256& m, std::uint64_t n) {                                     \
        (void)a, (void)b, (void)m, (void)n;                                                                            \
        return (expression);                                                                                           \
    }>("u256." #name, summary, gas),
#include "u256_opcodes.def"
#undef U256_OPCODE
};

constexpr const char* provides[] = {
#define U256_OPCODE(name, shape, gas, expression, summary) RVM_KIND_OPCODE ":u256." #name,
#include "u256_opcodes.def"
#undef U256_OPCODE
    nullptr};

class U256Plugin {
  public:
    explicit U256Plugin(rvm::sdk::Host) {
        for (const rvm_opcode& item : opcodes) {
            items_.add(item);
        }
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    rvm::sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor =
    rvm::sdk::describe({.id = RVM_PLUGIN_ID,
                        .version = RVM_PLUGIN_VERSION,
                        .name = "Wide arithmetic",
                        .vendor = "rvm",
                        .license = "MIT",
                        .description = "256-bit arithmetic as opcodes of the native VM",
                        .provides = provides});

} // namespace

RVM_PLUGIN(U256Plugin, descriptor);
