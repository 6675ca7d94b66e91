#include "verbs/contract_suite.hpp"
#include "verbs/services.hpp"
#include "verbs/state_case.hpp"
#include "verbs/suite.hpp"

namespace rvm::ledger {
namespace {

class StateWorker final : public SuiteWorker {
  public:
    StateWorker(const Services& services, const SuiteOptions& options)
        : services_(services), options_(options), runner_(services, options.tracer, options.witness) {}

    [[nodiscard]] bool is_one_test(JsonObject document) const override { return is_contract_suite(document); }

    void run_test(const std::string& file, std::string_view name, Json test, Tally& tally) override {
        const JsonObject object = object_of(test, name);
        if (is_contract_suite(object)) return run_contract_suite(services_, options_.skip, file, object, tally);
        if (is_vm_test(object)) {
            if (options_.wants_fork("Frontier", find_fork("Frontier")))
                runner_.run(file, read_vm_test(name, object), tally);
            return;
        }
        const StateTest parsed = read_state_test(name, object);
        const auto wanted = [&](const StateCase& expected) {
            return options_.wants_fork(expected.fork_name, expected.fork);
        };
        runner_.run(file, parsed, wanted, tally);
    }

  private:
    const Services& services_;
    const SuiteOptions& options_;
    StateCaseRunner runner_;
};

} // namespace

void need_rules(const Services& services, const char* rules) {
    const char* const names[] = {rules, nullptr};
    rvm_tx_env env{};
    env.struct_size = sizeof env;
    env.rules = names;
    try {
        World world(*services.world, services.host, RVM_WORLD_EPHEMERAL);
        world.begin(env);
        world.abort();
    } catch (const std::runtime_error& error) {
        throw verb::Error(verb::Fault::unprovided, error.what());
    }
}

std::int32_t run_statetest(const Services& services, const rvm_command_io& io, std::int32_t argc,
                           const char* const* argv) {
    return run_suite(
        io, argc, argv, "state tests", [&](const SuiteOptions&) { need_rules(services, "evm/frontier"); },
        [&](const SuiteOptions& options) { return std::make_unique<StateWorker>(services, options); });
}

} // namespace rvm::ledger
