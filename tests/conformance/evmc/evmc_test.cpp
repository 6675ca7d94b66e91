// The plugin evmc with a virtual machine of our own (mini_vm.cpp): everything EVMC's host interface offers arrives at
// the world, and libraries that are not what they should be are refused.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <rvm/plugin.h>
#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

#include "build.hpp"
#include "evmc/ethereum.hpp"
#include "evmc/virtual_machine.hpp"
#include "mini_opcodes.hpp"
#include "support/evm_opcodes.hpp"
#include "word.hpp"

namespace rvm::conformance {
namespace {

namespace fs = std::filesystem;

using enum test::EvmOpcode;
using enum test::MiniOpcode;

Code one(std::uint8_t opcode) { return {opcode}; }

std::string manifest(const std::string& config, const std::string& rest = {}, const char* profile = "development") {
    return fmt::format(R"({{"format_version": 1, "name": "evmc", "profile": "{}"{},
        "plugins": [{{"path": "{}/evmc.so", "config": {}}}],
        "chain": {{"id": 1, "rules": {{"evmc": "evmc/cancun"}}}}}})",
                       profile, rest, RVM_PLUGIN_DIR, config);
}

std::string library(const char* name) { return fmt::format("{}/{}.so", RVM_MINI_VM_DIR, name); }

std::string sha256_of(const std::string& file) {
    // The pin as an operator would find it: from the host's own refusal.
    Report report;
    const auto text = manifest(fmt::format(R"({{"library": "{}", "sha256": "{}"}})", file, std::string(64, '0')));
    RuntimeOptions options;
    options.load_all = true;
    EXPECT_EQ(Runtime::open_text(text, "evmc.json", options, report), nullptr);
    for (const Finding& finding : report.findings())
        if (finding.code == ErrorCode::plugin_pin_mismatch) return finding.found;
    ADD_FAILURE() << report.text();
    return {};
}

// ---- What runs ------------------------------------------------------------------------------------------------------

class evmc_format : public testing::Test {
  protected:
    static constexpr std::int64_t kGas = 100'000;
    const rvm_address sender = address(0xfff0);
    const rvm_address self = address(1);
    const rvm_address other = address(2);

    static Runtime& runtime() {
        static const std::unique_ptr<Runtime> opened = [] {
            Report report;
            const std::string file = library("mini-vm");
            const std::string config =
                fmt::format(R"({{"library": "{}", "sha256": "{}", "options": ["speed=high"]}})", file, sha256_of(file));
            auto out = Runtime::open_text(manifest(config), "evmc.json", {}, report);
            if (out == nullptr) throw Failure(std::move(report));
            return out;
        }();
        return *opened;
    }

    void SetUp() override {
        world_ = std::make_unique<World>(runtime(), World::ephemeral);
        begin();
        world_->add_balance(world_->account(sender), word(1'000'000));
    }

    void begin() {
        TxOptions options;
        options.rules = {rules_};
        options.env = {{"block.number", word(1000)},
                       {"block.coinbase", word(0xc01)},
                       {"tx.blob_count", word(2)},
                       {"tx.blob_hash.1", word(0xb10b)}};
        world_->begin(options);
    }
    void next(std::string rules) {
        static_cast<void>(world_->end(RVM_TX_REMOVE_EMPTY_TOUCHED));
        rules_ = std::move(rules);
        begin();
    }

    void install(const rvm_address& where, const Code& code) {
        world_->set_nonce(world_->account(where), 1);
        world_->set_code(world_->account(where), view(code), "evmc");
    }
    Outcome call(const rvm_address& target, std::uint64_t value = 0, std::uint32_t flags = 0) {
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CALL;
        message.flags = flags;
        message.sender = sender;
        message.recipient = target;
        message.code_address = target;
        message.value = word(value);
        message.gas = kGas;
        return world_->execute(message);
    }
    /// Runs `code` at `self` and gives the word it leaves on top.
    std::uint64_t top(const Code& code, std::uint64_t value = 0) {
        install(self, code + evm::return_top());
        const Outcome ran = call(self, value);
        EXPECT_EQ(ran.status, RVM_OK) << ran.error << ran.fault;
        return number(ran);
    }
    static std::uint64_t number(const Outcome& ran) {
        rvm_bytes32 bytes{};
        copy_padded(bytes.bytes, sizeof bytes.bytes, {ran.output.data(), ran.output.size()}, 0);
        return saturate(from_hash(bytes));
    }
    /// gas, target[, value], input size
    static Code call_code(std::uint8_t opcode, const rvm_address& target, std::uint64_t value = 0) {
        Code out = evm::push(std::uint64_t{0});
        if (opcode == evm::CALL) out = out + evm::push(value);
        return out + evm::push(target) + evm::push(std::uint64_t{50'000}) + one(opcode);
    }
    std::uint64_t slot(const rvm_address& of, std::uint64_t key) {
        return saturate(world_->slot(world_->account(of), word(key)));
    }
    std::uint64_t balance(const rvm_address& of) { return saturate(world_->account(of)->balance); }

    std::unique_ptr<World> world_;
    std::string rules_ = "evmc/cancun";
};

TEST_F(evmc_format, shows_message_and_environment) {
    EXPECT_EQ(top(one(ADDRESS)), saturate(from_address(self)));
    EXPECT_EQ(top(one(CALLER)), saturate(from_address(sender)));
    EXPECT_EQ(top(one(CALLVALUE), 7), 7u);
    EXPECT_EQ(top(one(NUMBER)), 1000u);
    EXPECT_EQ(top(one(COINBASE)), 0xc01u);
    EXPECT_EQ(top(evm::push(std::uint64_t{1}) + one(BLOBHASH)), 0xb10bu);
    EXPECT_EQ(top(evm::push(std::uint64_t{2}) + one(BLOBHASH)), 0u);
}

TEST_F(evmc_format, shows_accounts) {
    install(other, Code(17, 0));
    world_->add_balance(world_->account(other), word(41));
    EXPECT_EQ(top(evm::push(other) + one(BALANCE)), 41u);
    EXPECT_EQ(top(evm::push(other) + one(NONCE)), 1u);
    EXPECT_EQ(top(evm::push(other) + one(EXTCODESIZE)), 17u);
    const rvm_bytes32& nothing = evmc::empty_code_hash();
    install(self, evm::push(sender) + one(EXTCODEHASH) + evm::return_top());
    const Outcome hash = call(self);
    EXPECT_EQ(hash.output, std::vector<std::uint8_t>(std::begin(nothing.bytes), std::end(nothing.bytes)));
    EXPECT_EQ(nothing.bytes[0], 0xc5); // EIP-1052
    EXPECT_EQ(nothing.bytes[31], 0x70);
    EXPECT_EQ(top(evm::push(address(0x77)) + one(EXTCODEHASH)), 0u);
}

TEST_F(evmc_format, reads_writes_and_warms_slots) {
    const Code key = evm::push(std::uint64_t{5});
    // Cold, then warm; the write's outcome (0 -> 0 -> 9: added) is the refund of this machine.
    const Code twice = key + one(ACCESS) + key + one(ACCESS) + evm::op({evm::ADD});
    EXPECT_EQ(top(twice), 1u);
    install(self, evm::store(5, 9) + key + one(SLOAD) + evm::return_top());
    const Outcome ran = call(self);
    EXPECT_EQ(number(ran), 9u);
    EXPECT_EQ(ran.refund, RVM_SLOT_ADDED);
    EXPECT_EQ(slot(self, 5), 9u);
    next("evmc/cancun");
    install(self, evm::store(5, 0));
    EXPECT_EQ(call(self).refund, RVM_SLOT_DELETED);
}

TEST_F(evmc_format, keeps_transient_slots_within_a_transaction) {
    const Code key = evm::push(std::uint64_t{5});
    EXPECT_EQ(top(evm::push(std::uint64_t{3}) + key + one(TSTORE) + key + one(TLOAD)), 3u);
    next("evmc/cancun");
    EXPECT_EQ(top(key + one(TLOAD)), 0u);
}

TEST_F(evmc_format, logs) {
    install(self, evm::push(std::uint64_t{0xaa}) + evm::to_memory(0) + evm::push(std::uint64_t{0x70}) +
                      evm::push(std::uint64_t{32}) + evm::push(std::uint64_t{0}) + one(LOG1));
    ASSERT_EQ(call(self).status, RVM_OK);
    const auto logs = world_->logs();
    ASSERT_EQ(logs.size(), 1u);
    EXPECT_EQ(saturate(from_hash(logs[0].topics[0])), 0x70u);
    ASSERT_EQ(logs[0].data.size, 32u);
    EXPECT_EQ(logs[0].data.data[31], 0xaa);
}

TEST_F(evmc_format, calls_with_value_and_stipend) {
    install(other, one(CALLVALUE) + evm::return_top());
    install(self, call_code(evm::CALL, other, 11) + one(POP) + evm::return_memory(0, 32));
    const Outcome ran = call(self, 20);
    ASSERT_EQ(ran.status, RVM_OK) << ran.error;
    EXPECT_EQ(number(ran), 11u);
    EXPECT_EQ(balance(other), 11u);
    EXPECT_EQ(balance(self), 9u);
    // Instructions cost 1 each; what the callee leaves of the minted stipend is the caller's gain.
    EXPECT_LT(ran.gas_used, 0);
}

TEST_F(evmc_format, delegates_and_reverts) {
    install(other, evm::store(1, 2) + evm::push(std::uint64_t{0}) + evm::revert_top());
    install(self, call_code(evm::DELEGATECALL, other) + evm::return_top());
    EXPECT_EQ(number(call(self)), 0u);
    EXPECT_EQ(slot(self, 1), 0u);
    install(other, evm::store(1, 2));
    EXPECT_EQ(number(call(self)), 1u);
    EXPECT_EQ(slot(self, 1), 2u);
    EXPECT_EQ(slot(other, 1), 0u);
}

TEST_F(evmc_format, static_calls_forbid_writes) {
    install(other, evm::store(1, 2));
    EXPECT_EQ(top(call_code(evm::STATICCALL, other)), 0u);
    const Outcome ran = call(other, 0, RVM_MESSAGE_STATIC);
    EXPECT_EQ(ran.status, RVM_TRAP_STATIC);
    EXPECT_EQ(ran.fault, "static mode violation");
}

TEST_F(evmc_format, creates_at_the_address_it_is_told) {
    const Code deployed = evm::push(std::uint64_t{6}) + evm::return_top(); // as its own init code: returns 32 bytes
    const Code init = evm::push(std::uint64_t{0x42}) + evm::return_top();
    const rvm_address created = address(0x1234);
    const Code code = evm::bytes_to_memory(init) + evm::push(init.size()) + evm::push(std::uint64_t{0}) +
                      evm::push(created) + one(CREATE2);
    install(self, code + evm::return_top());
    const Outcome ran = call(self);
    ASSERT_EQ(ran.status, RVM_OK) << ran.error;
    EXPECT_EQ(number(ran), saturate(from_address(created)));
    EXPECT_EQ(world_->account(created, RVM_WANT_CODE)->code_size, 32u);
    EXPECT_GE(ran.gas_used, 32 * 200); // the deposit
    EXPECT_EQ(world_->account(self)->nonce, 2u);
    EXPECT_EQ(world_->account(created)->nonce, 1u);
    // A second time the address is taken.
    EXPECT_EQ(number(call(self)), 0u);
}

TEST_F(evmc_format, destroys_only_what_is_new_since_cancun) {
    world_->add_balance(world_->account(self), word(30));
    install(self, evm::push(other) + Code{0xff});
    next("evmc/cancun");
    EXPECT_EQ(call(self).refund, 0);
    static_cast<void>(world_->end(RVM_TX_REMOVE_EMPTY_TOUCHED));
    rules_ = "evmc/shanghai";
    begin();
    EXPECT_EQ(balance(other), 30u);
    EXPECT_NE(world_->account(self, RVM_WANT_CODE)->code_size, 0u);
    EXPECT_EQ(call(self).refund, 100); // registered
    next("evmc/shanghai");
    EXPECT_EQ(world_->account(self, RVM_WANT_CODE)->code_size, 0u);
}

TEST_F(evmc_format, traps_take_all_gas) {
    install(self, one(INVALID));
    const Outcome ran = call(self);
    EXPECT_EQ(ran.status, RVM_TRAP_ILLEGAL);
    EXPECT_EQ(ran.fault, "invalid instruction");
    EXPECT_EQ(ran.gas_used, kGas);
}

TEST_F(evmc_format, refuses_access_to_slots_of_others) {
    install(self, evm::push(other) + one(FOREIGN) + evm::return_top());
    const Outcome ran = call(self);
    EXPECT_EQ(ran.status, RVM_E_INVALID_ARGUMENT); // the machine broke its contract: no outcome of a program
}

TEST_F(evmc_format, refuses_an_environment_evmc_cannot_say) {
    static_cast<void>(world_->end());
    TxOptions options;
    options.env = {{"block.number", {{0, 1, 0, 0}}}};
    world_->begin(options);
    install(self, one(NUMBER) + evm::return_top());
    EXPECT_EQ(call(self).status, RVM_E_INVALID_ARGUMENT);
}

TEST_F(evmc_format, threads_have_machines_of_their_own) {
    const Code code = evm::push(std::uint64_t{3}) + evm::return_top();
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            World world(runtime(), World::ephemeral);
            world.begin({});
            world.set_code(world.account(other), view(code), "evmc");
            rvm_message message{};
            message.struct_size = sizeof message;
            message.recipient = message.code_address = other;
            message.gas = kGas;
            for (int run = 0; run < 100; ++run)
                if (number(world.execute(message)) == 3) ++right;
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(right, 400);
}

// ---- Ethereum's rules around a frame
// ----------------------------------------------------------------------------------

TEST(evmc_ethereum, addresses_of_creations) {
    // Examples of EIP-1014 and of a plain creation with nonces of every length (rlp lengths 1, 1, 2, 9).
    const rvm_bytes32 salt{};
    const std::uint8_t init_code = 0;
    rvm_address out;
    evmc::create_address({}, 0, &salt, {&init_code, 1}, out);
    const rvm_address eip_1014{{0x4d, 0x1a, 0x2e, 0x2b, 0xb4, 0xf8, 0x8f, 0x02, 0x50, 0xf2,
                                0x6f, 0xff, 0xf0, 0x98, 0xb0, 0xb3, 0x0b, 0x26, 0xbf, 0x38}};
    EXPECT_EQ(from_address(out).limbs[0], from_address(eip_1014).limbs[0]);
    // 0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0 and its first contracts, as Ethereum clients test them.
    const rvm_address creator{{0x6a, 0xc7, 0xea, 0x33, 0xf8, 0x83, 0x1e, 0xa9, 0xdc, 0xc5,
                               0x33, 0x93, 0xaa, 0xa8, 0x8b, 0x25, 0xa7, 0x85, 0xdb, 0xf0}};
    const std::uint8_t first_bytes[] = {0xcd, 0x34, 0xf7, 0xff}; // of the addresses by nonce 0, 1, 2, 3
    for (std::uint64_t nonce = 0; nonce < 4; ++nonce) {
        evmc::create_address(creator, nonce, nullptr, {}, out);
        EXPECT_EQ(out.bytes[0], first_bytes[nonce]) << nonce;
    }
}

TEST(evmc_ethereum, deposits) {
    rvm_frame frame{};
    const Code code(100, 1);
    rvm_view view_of_code = view(code);
    frame.gas = 20'000;
    EXPECT_EQ(evmc::deposit(evmc::Revision::homestead, frame, view_of_code), RVM_OK);
    EXPECT_EQ(frame.gas, 0);
    EXPECT_EQ(evmc::deposit(evmc::Revision::homestead, frame, view_of_code), RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(evmc::deposit(evmc::Revision::frontier, frame, view_of_code), RVM_OK);
    EXPECT_EQ(view_of_code.size, 0u);
    const Code large(24577, 1), reserved{0xef};
    frame.gas = INT64_MAX;
    view_of_code = view(large);
    EXPECT_EQ(evmc::deposit(evmc::Revision::spurious_dragon, frame, view_of_code), RVM_TRAP_LIMIT);
    EXPECT_EQ(evmc::deposit(evmc::Revision::tangerine_whistle, frame, view_of_code), RVM_OK);
    view_of_code = view(reserved);
    EXPECT_EQ(evmc::deposit(evmc::Revision::london, frame, view_of_code), RVM_TRAP_INVALID_CODE);
    EXPECT_EQ(evmc::deposit(evmc::Revision::berlin, frame, view_of_code), RVM_OK);
}

TEST(evmc_library, name_of_the_create_function) {
    EXPECT_EQ(evmc::create_function_of("/opt/vm/libother-vm.so.1.2"), "evmc_create_other_vm");
    EXPECT_EQ(evmc::create_function_of("evm.so"), "evmc_create_evm");
}

// ---- Refusals
// --------------------------------------------------------------------------------------------------------

/// Opens a deployment whose evmc cannot come up; the report says why.
std::string refusal(const std::string& text, ErrorCode code) {
    Report report;
    RuntimeOptions options;
    options.load_all = true;
    EXPECT_EQ(Runtime::open_text(text, "evmc.json", options, report), nullptr);
    for (const Finding& finding : report.findings())
        if (finding.code == code) return report.text();
    ADD_FAILURE() << "no " << static_cast<int>(code) << " in: " << report.text();
    return {};
}

std::string configured(const char* name, const std::string& more = {}) {
    return manifest(fmt::format(R"({{"library": "{}", "symbol": "evmc_create_mini_vm"{}}})", library(name), more));
}

TEST(evmc_refusals, other_abi_version) {
    const std::string text = refusal(configured("mini-vm-abi"), ErrorCode::plugin_step_failed);
    EXPECT_NE(text.find("expected 18, found 19"), std::string::npos) << text;
}

TEST(evmc_refusals, missing_functions) {
    EXPECT_NE(refusal(configured("mini-vm-no-execute"), ErrorCode::plugin_step_failed).find("execute"),
              std::string::npos);
    EXPECT_NE(refusal(configured("mini-vm-none"), ErrorCode::plugin_step_failed).find("gave no virtual machine"),
              std::string::npos);
}

TEST(evmc_refusals, missing_symbol) {
    const std::string config = fmt::format(R"({{"library": "{}", "symbol": "evmc_create_else"}})", library("mini-vm"));
    const std::string text = refusal(manifest(config), ErrorCode::entry_invalid);
    EXPECT_NE(text.find("evmc_create_else"), std::string::npos) << text;
    EXPECT_NE(text.find("evmc_create_mini_vm"), std::string::npos) << text;
}

TEST(evmc_refusals, options) {
    const auto with = [](const char* option) {
        return configured("mini-vm", fmt::format(R"(, "options": ["{}"])", option));
    };
    EXPECT_NE(refusal(with("depth=3"), ErrorCode::plugin_step_failed).find("name of the option \"depth=3\""),
              std::string::npos);
    EXPECT_NE(refusal(with("speed=low"), ErrorCode::plugin_step_failed).find("value of the option"), std::string::npos);
    refusal(with("=low"), ErrorCode::plugin_step_failed);
}

TEST(evmc_refusals, wrong_pin_and_no_pin) {
    const std::string pin(64, 'a');
    const std::string text =
        refusal(configured("mini-vm", fmt::format(R"(, "sha256": "{}")", pin)), ErrorCode::plugin_pin_mismatch);
    EXPECT_NE(text.find(library("mini-vm")), std::string::npos) << text;
    const auto strict =
        manifest(fmt::format(R"({{"library": "{}"}})", library("mini-vm")), R"(, "trust": {"require": "pin"})");
    EXPECT_NE(refusal(strict, ErrorCode::plugin_untrusted).find("RVM-T05"), std::string::npos);
}

TEST(evmc_refusals, files_that_are_no_libraries) {
    const fs::path folder = fs::path(testing::TempDir()) / "rvm-evmc";
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    const fs::path text_file = folder / "libtext.so";
    std::ofstream(text_file) << "no library";
    fs::permissions(text_file, fs::perms::owner_read | fs::perms::owner_write);
    refusal(manifest(fmt::format(R"({{"library": "{}"}})", text_file.string())), ErrorCode::plugin_elf_malformed);
    refusal(manifest(fmt::format(R"({{"library": "{}/absent.so"}})", folder.string())),
            ErrorCode::plugin_file_unreadable);
    fs::remove_all(folder);
}

TEST(evmc_refusals, unknown_configuration) { refusal(manifest(R"({"libary": "x.so"})"), ErrorCode::config_invalid); }

TEST(evmc_refusals, code_without_a_machine) {
    Report report;
    const auto runtime = Runtime::open_text(manifest("{}"), "evmc.json", {}, report);
    ASSERT_NE(runtime, nullptr) << report.text();
    World world(*runtime, World::ephemeral);
    world.begin({});
    const Code code{0};
    world.set_code(world.account(address(1)), view(code), "evmc");
    rvm_message message{};
    message.struct_size = sizeof message;
    message.recipient = message.code_address = address(1);
    message.gas = 1000;
    const Outcome ran = world.execute(message);
    EXPECT_EQ(ran.status, RVM_E_CONFIG);
    EXPECT_NE(ran.error.find("\"library\""), std::string::npos) << ran.error;
}

} // namespace
} // namespace rvm::conformance
