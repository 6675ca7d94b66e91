// A world with the EVM in it, driven through rvm.host.world/1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rvm/plugin.h>
#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

#include "faults.hpp"
#include "rules.hpp"
#include "support/evm_bytecode.hpp"

namespace rvm::evm::test {

/// What a test wants to know of an execution.
struct Ran {
    rvm_status status = RVM_E_INTERNAL;
    std::int64_t gas_used = 0;
    std::int64_t refund = 0;
    std::vector<std::uint8_t> output;
    rvm_address created{};
    Fault fault = Fault::none;
    std::uint64_t fault_position = 0;

    /// The output as a number.
    [[nodiscard]] U256 word() const { return u256::load_be(output.data(), std::min<std::size_t>(output.size(), 32)); }
    [[nodiscard]] std::uint64_t number() const { return word().fits_64() ? word().limbs[0] : UINT64_MAX; }
    friend bool operator==(const Ran& a, const Ran& b) {
        return a.status == b.status && a.gas_used == b.gas_used && a.refund == b.refund && a.output == b.output &&
               a.fault == b.fault && a.fault_position == b.fault_position &&
               std::memcmp(&a.created, &b.created, sizeof a.created) == 0;
    }
    friend std::ostream& operator<<(std::ostream& out, const Ran& ran) {
        return out << "status " << ran.status << " gas used " << ran.gas_used << " refund " << ran.refund << " fault "
                   << static_cast<unsigned>(ran.fault) << " at " << ran.fault_position << " output "
                   << ran.output.size() << " bytes";
    }
};

/// `config`: of the plugin, JSON. `more`: plugins beside it.
inline std::unique_ptr<Runtime> open_evm_runtime(const std::string& config = "{}",
                                                 const std::vector<const rvm_entry*>& more = {}) {
    Report report;
    RuntimeOptions options;
    options.builtins = {&rvm_plugin_entry_v0};
    options.builtins.insert(options.builtins.end(), more.begin(), more.end());
    const std::string manifest = R"({"format_version": 1, "name": "evm", "profile": "development",
                                     "plugins": [{"id": "org.rvm.evm", "config": )" + config + "}]}";
    auto out = Runtime::open_text(manifest, "evm.json", options, report);
    if (out == nullptr) throw Failure(std::move(report));
    return out;
}
inline Runtime& evm_runtime() {
    static const std::unique_ptr<Runtime> opened = open_evm_runtime();
    return *opened;
}

/// The address whose last bytes are `number`, above every precompile.
inline rvm_address address(std::uint16_t number) {
    rvm_address out{};
    out.bytes[17] = 0x10;
    out.bytes[18] = static_cast<std::uint8_t>(number >> 8);
    out.bytes[19] = static_cast<std::uint8_t>(number);
    return out;
}

/// A world with an open transaction under one rule set; `flags`: RVM_WORLD_*.
class EvmWorld {
  public:
    static constexpr std::int64_t kGas = 10'000'000;
    const rvm_address sender = address(0xfff0);
    const rvm_address target = address(0x0a00);

    explicit EvmWorld(Rules rules = kNewest, std::vector<std::pair<std::string, rvm_u256>> env = {},
                      Runtime& runtime = evm_runtime(), std::uint32_t flags = 0)
        : world_(runtime, World::ephemeral, flags) {
        options_.rules = {kRuleNames[static_cast<std::size_t>(rules)]};
        options_.env = std::move(env);
        world_.begin(options_);
        fund(sender, 1'000'000);
    }
    ~EvmWorld() { world_.abort(); }
    EvmWorld(const EvmWorld&) = delete;
    EvmWorld& operator=(const EvmWorld&) = delete;

    World& world() { return world_; }
    rvm_account* account(const rvm_address& who, std::uint32_t want = RVM_WANT_CODE) {
        return world_.account(who, want);
    }
    void fund(const rvm_address& who, std::uint64_t wei) { world_.add_balance(account(who), {{wei, 0, 0, 0}}); }
    void install(const rvm_address& where, const Code& code) {
        world_.set_nonce(account(where), 1);
        world_.set_code(account(where), view(code), "evm");
    }
    std::uint64_t slot(const rvm_address& of, std::uint64_t key) {
        return world_.slot(account(of), {{key, 0, 0, 0}}).limbs[0];
    }
    std::uint64_t balance(const rvm_address& of) { return account(of)->balance.limbs[0]; }
    /// Ends this transaction and begins the next: what was installed is now the state before.
    Changes next() {
        Changes changes = world_.end(RVM_TX_REMOVE_EMPTY_TOUCHED);
        world_.begin(options_);
        return changes;
    }

    Ran run(rvm_message message) {
        message.struct_size = sizeof message;
        message.sender = sender;
        rvm_result result{};
        result.struct_size = sizeof result;
        rvm_error error{};
        error.struct_size = sizeof error;
        const rvm_status status = world_.table().execute(world_.get(), &message, &result, &error);
        EXPECT_GE(status, 0) << error.message;
        Ran out;
        out.status = status;
        out.gas_used = message.gas - result.gas_left;
        out.refund = result.refund;
        if (result.output.size != 0) out.output.assign(result.output.data, result.output.data + result.output.size);
        out.created = result.created;
        out.fault = static_cast<Fault>(result.detail);
        out.fault_position = result.fault_position;
        return out;
    }
    Ran call(const rvm_address& to, const Code& input = {}, std::int64_t gas = kGas, std::uint64_t value = 0) {
        rvm_message message{};
        message.kind = RVM_CALL_CALL;
        message.recipient = message.code_address = to;
        message.gas = gas;
        message.value = {{value, 0, 0, 0}};
        message.input = view(input);
        return run(message);
    }
    /// Runs `code` at the address `target`.
    Ran run(const Code& code, const Code& input = {}, std::int64_t gas = kGas) {
        install(target, code);
        return call(target, input, gas);
    }
    Ran create(const Code& init_code, std::int64_t gas = kGas) {
        rvm_message message{};
        message.kind = RVM_CALL_CREATE;
        message.gas = gas;
        message.init_code = view(init_code);
        message.format = "evm";
        return run(message);
    }
    /// Undoes what executions did; their code stays warm in the host's eyes, so later ones are translated.
    std::uint64_t mark() {
        std::uint64_t out = 0;
        EXPECT_EQ(world_.table().mark(world_.get(), &out), RVM_OK);
        return out;
    }
    void rollback(std::uint64_t mark) { EXPECT_EQ(world_.table().rollback(world_.get(), mark), RVM_OK); }

  private:
    World world_;
    TxOptions options_;
};

/// Leaves nothing and costs what short code needs to be translated: behind its second execution it is.
inline Code costly() { return push(~U256{}) + op({OP_DUP1, OP_DUP1, OP_EXP, OP_POP, OP_DUP1, OP_EXP, OP_POP}); }

/// Gas of one execution of `code` under `rules`.
inline std::int64_t gas_of(Rules rules, const Code& code) { return EvmWorld(rules).run(code).gas_used; }

} // namespace rvm::evm::test
