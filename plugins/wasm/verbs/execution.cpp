#include "verbs/execution.hpp"

#include <cstring>
#include <stdexcept>

#include "verbs/command.hpp"

namespace rvm::wasm::verbs {
namespace {

/// The account that holds the module, and calls it. A deployment's programs cannot be at such an address: they need not
/// be looked for.
constexpr rvm_address account = {{'w', 'a', 's', 'm', ' ', 'r', 'u', 'n'}};

class World {
  public:
    explicit World(const Worlds& worlds) : table_(*worlds.table) {
        check(table_.open(worlds.ctx, RVM_WORLD_EPHEMERAL | RVM_WORLD_CANCELLABLE, &world_, &error_), "open a world");
    }
    ~World() {
        if (world_ != nullptr) table_.close(world_);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void begin(const char* rules) {
        const char* const names[] = {rules, nullptr};
        rvm_tx_env env{};
        env.struct_size = sizeof env;
        env.rules = names;
        check(table_.tx_begin(world_, &env, &error_), "begin a transaction");
    }
    void end() {
        rvm_changes* changes = nullptr;
        check(table_.tx_end(world_, 0, &changes, &error_), "end a transaction");
        table_.release_changes(changes);
    }
    void install(rvm_view code) {
        rvm_account* target = nullptr;
        check(table_.account(world_, &account, 0, &target), "make an account");
        check(table_.set_code(world_, target, code, nullptr, "wasm", &error_), "set the code");
    }
    [[nodiscard]] rvm_status execute(const rvm_message& message, rvm_result& result) {
        return table_.execute(world_, &message, &result, &error_);
    }
    void check(rvm_status status, const char* what) const {
        if (status != RVM_OK) throw std::runtime_error("cannot " + std::string(what) + ": " + why(status));
    }
    [[nodiscard]] std::string why(rvm_status status) const {
        return error_.message[0] != '\0' ? error_.message : "status " + std::to_string(status);
    }

  private:
    const rvm_host_world& table_;
    rvm_world* world_ = nullptr;
    rvm_error error_{sizeof(rvm_error), 0, ""};
};

} // namespace

const char* rules_named(const std::string& features) noexcept {
    if (features == "core1") return "wasm/alone-core1";
    if (features == "core2-without-vectors") return "wasm/alone-core2-without-vectors";
    if (features == "core2") return "wasm/alone-core2";
    return "wasm/alone";
}

Ended execute(const Worlds& worlds, const Code& code, const alone::Invocation& call, std::int64_t gas) {
    World world(worlds);
    world.begin(code.rules);
    world.install({code.bytes.data(), code.bytes.size()});
    world.end();

    const alone::Bytes input = encode(call);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.gas = gas;
    message.sender = message.recipient = message.code_address = account;
    message.input = {input.data(), input.size()};
    rvm_result result{};
    result.struct_size = sizeof result;
    world.begin(code.rules);
    const rvm_status status = world.execute(message, result);
    if (status == RVM_TRAP_INVALID_CODE) throw Refusal(Fault::refused, code.path + ": " + world.why(status));
    if (status == RVM_E_CANCELLED) throw Refusal(Fault::trapped, code.path + ": interrupted");
    if (status == RVM_E_INVALID_ARGUMENT) throw Refusal(Fault::command_line, "--gas: " + world.why(status));
    const auto outcome = alone::decode_outcome({result.output.data, result.output.size});
    if (!outcome) throw std::runtime_error("the module cannot be run: " + world.why(status));
    if (!outcome->refusal.empty()) throw Refusal(Fault::refused, code.path + ": " + outcome->refusal);
    Ended ended{*outcome, static_cast<std::uint64_t>(gas - result.gas_left), result.fault_position};
    world.end();
    return ended;
}

} // namespace rvm::wasm::verbs
