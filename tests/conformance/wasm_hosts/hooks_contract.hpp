// Input for tests/data/wasm/hooks.wasm: commands, and a reader of what they answered.
#pragma once

#include "world.hpp"

namespace rvm::conformance::hooks {

inline Code number(std::uint64_t value, unsigned size) {
    Code out;
    for (unsigned i = size; i-- > 0;)
        out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    return out;
}
inline Code bytes(const rvm_address& value) { return {std::begin(value.bytes), std::end(value.bytes)}; }

inline Code cache(std::uint64_t key, std::uint64_t value) { return Code{1} + word_bytes(key) + word_bytes(value); }
inline Code flush(bool clear = false) { return {2, static_cast<std::uint8_t>(clear)}; }
inline Code write(std::uint64_t key, std::uint64_t value) { return cache(key, value) + flush(); }
inline Code load(std::uint64_t key) { return Code{3} + word_bytes(key); }
enum Kind : std::uint8_t { plain, delegated, read_only };
/// `gas` 0: all there is.
inline Code invoke(Kind kind, const rvm_address& target, const Code& input, std::uint64_t value = 0,
                   std::uint64_t gas = 0) {
    return Code{4, kind} + bytes(target) + word_bytes(value) + number(gas, 4) + number(input.size(), 2) + input;
}
inline Code make(const Code& init, std::uint64_t endowment = 0) {
    return Code{5, 0} + word_bytes(endowment) + word_bytes(0) + number(init.size(), 2) + init;
}
inline Code make2(const Code& init, std::uint64_t salt) {
    return Code{5, 1} + word_bytes(0) + word_bytes(salt) + number(init.size(), 2) + init;
}
inline Code log(std::uint8_t topics, const Code& data) { return Code{6, topics} + number(data.size(), 2) + data; }
inline Code environment() { return {7}; }
inline Code account(const rvm_address& of, std::uint64_t offset, std::uint64_t size) {
    return Code{8} + bytes(of) + number(offset, 2) + number(size, 2);
}
enum Operation : std::uint8_t { div, mod, pow, add_mod, mul_mod };
inline Code math(Operation operation, const Word& a, const Word& b, const Word& c = word(0)) {
    return Code{9, operation} + word_bytes(a) + word_bytes(b) + word_bytes(c);
}
inline Code keccak(const Code& data) { return Code{10} + number(data.size(), 2) + data; }
inline Code exit_early(std::uint8_t status) { return {11, status}; }
inline Code trap() { return {12}; }
inline Code transient_write(std::uint64_t key, std::uint64_t value) {
    return Code{13} + word_bytes(key) + word_bytes(value);
}
inline Code transient_load(std::uint64_t key) { return Code{14} + word_bytes(key); }
inline Code pay_for_pages(std::uint64_t pages) { return Code{15} + number(pages, 2); }
inline Code gas_and_ink() { return {16}; }
inline Code end_with(std::uint8_t status) { return {17, status}; }
inline Code visit() { return {18}; }

/// Reads answers from the front.
class Answers {
  public:
    explicit Answers(Code output) : output_(std::move(output)) {}
    [[nodiscard]] Code take(std::size_t size) {
        if (output_.size() - at_ < size) {
            ADD_FAILURE() << "the output ends after " << output_.size() << " bytes";
            return Code(size);
        }
        const auto from = output_.begin() + static_cast<std::ptrdiff_t>(at_);
        at_ += size;
        return {from, from + static_cast<std::ptrdiff_t>(size)};
    }
    [[nodiscard]] std::uint64_t number(std::size_t size) {
        std::uint64_t out = 0;
        for (const std::uint8_t byte : take(size))
            out = out << 8 | byte;
        return out;
    }
    [[nodiscard]] Word word() { return rvm_u256_from_bytes(take(32).data(), 32); }
    [[nodiscard]] std::uint64_t small() { return saturate(word()); }
    [[nodiscard]] rvm_address address() {
        rvm_address out;
        const Code found = take(sizeof out.bytes);
        std::copy(found.begin(), found.end(), out.bytes);
        return out;
    }
    struct Called {
        std::uint64_t status;
        Code returned;
    };
    [[nodiscard]] Called called() {
        const std::uint64_t status = number(1), size = number(2);
        EXPECT_EQ(number(1), 1u) << "length, return_data_size and read_return_data agree";
        return {status, take(size)};
    }
    [[nodiscard]] bool at_end() const { return at_ == output_.size(); }

  private:
    Code output_;
    std::size_t at_ = 0;
};

} // namespace rvm::conformance::hooks

namespace rvm::conformance {

class HooksTest : public WasmWorldTest {
  protected:
    const rvm_address S = address(0x5), T = address(0x6); ///< both run hooks.wasm

    void SetUp() override {
        WasmWorldTest::SetUp();
        install(S, read_module("hooks.wasm"), "wasm");
        install(T, read_module("hooks.wasm"), "wasm");
        next();
    }
    /// The answers of a run that ends well.
    hooks::Answers ask(const Code& commands, std::uint64_t value = 0) {
        Outcome ran = call(S, commands, value);
        EXPECT_EQ(ran.status, RVM_OK) << ran.fault << ran.error;
        return hooks::Answers(std::move(ran.output));
    }
};

} // namespace rvm::conformance
