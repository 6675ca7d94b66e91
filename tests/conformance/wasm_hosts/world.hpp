// A world with the plugins evm, wasm and crypto as built, and native programs.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rvm/runtime.hpp>

#include "build.hpp"
#include "native/assembler.hpp"

namespace rvm::conformance {

/// A runtime over the plugins of this build. `wasm_config`, `syscalls` and `limits` are JSON.
inline std::unique_ptr<Runtime> open_runtime(const std::string& wasm_config = "{}",
                                             const std::string& syscalls = R"(["*"])",
                                             const std::string& rules = "wasm/1", const std::string& limits = "{}") {
    const std::string text = R"({"format_version": 1, "name": "wasm-hosts", "profile": "development",
        "search_paths": [")" RVM_PLUGIN_DIR R"("], "discovery": "directory", "trust": {"require": "none"},
        "limits": )" + limits +
                             R"(, "syscalls": )" + syscalls + R"(, "plugins": [{"id": "org.rvm.wasm", "config": )" +
                             wasm_config + R"(}], "chain": {"id": 1337, "rules": {"evm": "evm/cancun", "wasm": ")" +
                             rules + R"("}}})";
    Report report;
    auto out = Runtime::open_text(text, "wasm-hosts.json", {}, report);
    if (out == nullptr) throw Failure(std::move(report));
    return out;
}

inline Code read_module(const std::string& name) {
    const auto file = std::filesystem::path(RVM_SOURCE_DIR) / "tests/data/wasm" / name;
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class WasmWorldTest : public testing::Test {
  protected:
    static constexpr std::int64_t gas = 10'000'000;
    const rvm_address sender = address(0xfff0);

    static Runtime& shared_runtime() {
        static const std::unique_ptr<Runtime> opened = open_runtime();
        return *opened;
    }
    void use(Runtime& runtime) {
        world_.reset();
        world_ = std::make_unique<World>(runtime, World::ephemeral);
        begin();
        world_->add_balance(world_->account(sender), word(1'000'000));
    }
    void SetUp() override { use(shared_runtime()); }

    World& world() { return *world_; }
    void begin(TxOptions options = {}) { world_->begin(options); }
    /// Ends the transaction and begins the next: what was installed is now the state before.
    void next(TxOptions options = {}) {
        static_cast<void>(world_->end());
        begin(std::move(options));
    }
    void install(const rvm_address& where, const Code& code, const char* format) {
        rvm_account* account = world_->account(where);
        world_->set_nonce(account, 1);
        world_->set_code(account, view(code), format);
    }
    void install_native(const rvm_address& where, const std::string& text) {
        Report report;
        const auto code = native::assemble(text, "test.rasm", {}, report);
        ASSERT_TRUE(code.has_value()) << report.text();
        install(where, *code, "native");
    }
    void set_slot(const rvm_address& of, std::uint64_t key, const Word& value) {
        world_->set_slot(world_->account(of), word(key), value);
    }
    std::uint64_t slot(const rvm_address& of, std::uint64_t key) {
        return saturate(world_->slot(world_->account(of), word(key)));
    }
    std::uint64_t balance(const rvm_address& of) { return saturate(world_->account(of, RVM_WANT_BALANCE)->balance); }

    Outcome call(const rvm_address& target, const Code& input, std::uint64_t value = 0, std::int64_t with_gas = gas,
                 std::uint32_t flags = 0) {
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CALL;
        message.flags = flags;
        message.sender = sender;
        message.recipient = message.code_address = target;
        message.value = word(value);
        message.gas = with_gas;
        message.input = view(input);
        return world_->execute(message);
    }
    Outcome create(const Code& init_code, const char* format, std::uint64_t value = 0) {
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CREATE;
        message.sender = sender;
        message.value = word(value);
        message.gas = gas;
        message.init_code = view(init_code);
        message.format = format;
        return world_->execute(message);
    }

  private:
    std::unique_ptr<World> world_;
};

/// A number as 32 bytes, big-endian.
inline Code word_bytes(const Word& value) {
    Code out(32);
    rvm_u256_to_bytes(&value, out.data(), out.size());
    return out;
}
inline Code word_bytes(std::uint64_t value) { return word_bytes(word(value)); }

} // namespace rvm::conformance
