// A world with the mini EVM and the toy format in it, driven through the table rvm.host.world/1.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <rvm/plugin.h>
#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

#include "build.hpp"
#include "mini_evm/mini_evm.hpp"
#include "programs.hpp"
#include "toy_format/toy_format.hpp"
#include "word.hpp"

namespace rvm::conformance {

/// What a test wants to know of an execution, copied out of the world.
struct Ran {
    rvm_status status = RVM_E_INTERNAL;
    std::int64_t gas_left = 0;
    std::int64_t refund = 0;
    std::vector<std::uint8_t> output;
    rvm_address created{};

    /// The output's first 32 bytes as a number.
    [[nodiscard]] Word word() const {
        rvm_bytes32 bytes{};
        copy_padded(bytes.bytes, sizeof bytes.bytes, {output.data(), output.size()}, 0);
        return from_hash(bytes);
    }
    [[nodiscard]] std::uint64_t number() const { return saturate(word()); }
};

/// The runtime is opened once; every test has a world of its own over an empty memory store, with an open transaction.
class WorldTest : public testing::Test {
  protected:
    static constexpr std::int64_t kGas = 10'000'000;
    static constexpr std::uint64_t kSenderBalance = 1'000'000;
    const rvm_address sender = address(0xfff0);

    static Runtime& runtime() {
        static const std::unique_ptr<Runtime> opened = [] {
            Report report;
            RuntimeOptions options;
            options.builtins = {&mini_evm_entry, &toy_format_entry, &programs_entry};
            auto out = Runtime::open_text(kManifest, "conformance.json", options, report);
            if (out == nullptr) throw Failure(std::move(report));
            return out;
        }();
        return *opened;
    }

    void SetUp() override {
        error_.struct_size = sizeof error_;
        ASSERT_EQ(table().open(runtime().context(), RVM_WORLD_EPHEMERAL, &world_, &error_), RVM_OK) << error_.message;
        begin();
        fund(sender, kSenderBalance);
    }
    void TearDown() override {
        if (world_ == nullptr) return;
        if (open_) table().tx_abort(world_);
        table().close(world_);
    }

    [[nodiscard]] static const rvm_host_world& table() { return runtime().worlds(); }
    [[nodiscard]] rvm_world* world() { return world_; }

    // -- transactions -----------------------------------------------------------------------------------------------
    void begin() {
        rvm_tx_env env{};
        env.struct_size = sizeof env;
        ASSERT_EQ(table().tx_begin(world_, &env, &error_), RVM_OK) << error_.message;
        open_ = true;
    }
    /// Ends the transaction and gives its change set.
    Changes end(std::uint32_t flags = RVM_TX_REMOVE_EMPTY_TOUCHED) {
        rvm_changes* changes = nullptr;
        EXPECT_EQ(table().tx_end(world_, flags, &changes, &error_), RVM_OK) << error_.message;
        open_ = false;
        return {table(), changes};
    }
    /// Ends this transaction and begins the next: what was installed is now the state before.
    void next() {
        static_cast<void>(end());
        begin();
    }
    /// As bytes, so that gtest can compare and print it.
    static std::vector<std::uint8_t> digest(const Changes& changes) {
        rvm_bytes32 out{};
        table().digest(changes.get(), &out);
        return {std::begin(out.bytes), std::end(out.bytes)};
    }
    static std::size_t size(const Changes& changes) {
        std::uint64_t count = 0;
        table().changes(changes.get(), &count);
        return count;
    }

    // -- state ------------------------------------------------------------------------------------------------------
    rvm_account* account(const rvm_address& of, std::uint32_t want = RVM_WANT_CODE) {
        rvm_account* out = nullptr;
        EXPECT_EQ(table().account(world_, &of, want, &out), RVM_OK);
        return out;
    }
    void fund(const rvm_address& who, std::uint64_t wei) {
        const Word amount = word(wei);
        ASSERT_EQ(table().add_balance(world_, account(who), &amount), RVM_OK);
    }
    void install(const rvm_address& where, const Code& code, const char* format) {
        ASSERT_EQ(table().set_nonce(world_, account(where), 1), RVM_OK);
        ASSERT_EQ(table().set_code(world_, account(where), view(code), nullptr, format, &error_), RVM_OK)
            << error_.message;
    }
    void install_evm(const rvm_address& where, const Code& code) { install(where, code, kMiniEvm); }
    void install_toy(const rvm_address& where, const Code& body) { install(where, toy::program(body), toy::kFormat); }
    /// EIP-7702: `who` runs the code of `target`.
    void delegate(const rvm_address& who, const rvm_address& target) {
        install(who, Code{0xef, 0x01, 0x00} + Code(std::begin(target.bytes), std::end(target.bytes)), kMiniEvm);
    }
    std::uint64_t slot(const rvm_address& of, std::uint64_t key) {
        const Word slot_key = word(key);
        Word out{};
        EXPECT_EQ(table().slot(world_, account(of), &slot_key, &out), RVM_OK);
        return saturate(out);
    }
    std::uint64_t balance(const rvm_address& of) { return saturate(account(of, RVM_WANT_BALANCE)->balance); }
    [[nodiscard]] std::vector<std::pair<rvm_address, Word>> logs() {
        std::uint64_t count = 0;
        const rvm_log* first = table().logs(world_, &count);
        std::vector<std::pair<rvm_address, Word>> out;
        for (std::uint64_t i = 0; i < count; ++i)
            out.emplace_back(first[i].address, from_hash(first[i].topics[0]));
        return out;
    }

    // -- execution --------------------------------------------------------------------------------------------------
    Ran run(rvm_message message) {
        message.struct_size = sizeof message;
        message.sender = sender;
        if (message.gas == 0) message.gas = kGas;
        rvm_result result{};
        result.struct_size = sizeof result;
        const rvm_status status = table().execute(world_, &message, &result, &error_);
        EXPECT_EQ(status, status < 0 ? status : result.status) << error_.message;
        Ran out{status, result.gas_left, result.refund, {}, result.created};
        if (result.output.size != 0) out.output.assign(result.output.data, result.output.data + result.output.size);
        return out;
    }
    Ran call(const rvm_address& target, const Word& input = word(0), std::uint64_t value = 0, std::int64_t gas = kGas) {
        const rvm_bytes32 bytes = to_bytes32(input);
        rvm_message message{};
        message.kind = RVM_CALL_CALL;
        message.recipient = target;
        message.code_address = target;
        message.value = word(value);
        message.gas = gas;
        message.input = {bytes.bytes, sizeof bytes.bytes};
        return run(message);
    }
    Ran create(const Code& init_code, const char* format, std::uint64_t value = 0) {
        rvm_message message{};
        message.kind = RVM_CALL_CREATE;
        message.value = word(value);
        message.init_code = view(init_code);
        message.format = format;
        return run(message);
    }
    static std::int64_t used(const Ran& ran, std::int64_t gas = kGas) { return gas - ran.gas_left; }

  private:
    static constexpr char kManifest[] = R"({
        "format_version": 1, "name": "conformance", "profile": "development",
        "chain": {"id": 1, "rules": {"mini-evm": "evm/cancun", "toy": "toy/1"}}
    })";
    rvm_world* world_ = nullptr;
    rvm_error error_{};
    bool open_ = false;
};

} // namespace rvm::conformance
