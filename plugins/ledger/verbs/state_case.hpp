// One case of a state test, from pre state to verdict.
#pragma once

#include "fixtures/post_state.hpp"
#include "fixtures/state_test.hpp"
#include "state/transition.hpp"
#include "verbs/report.hpp"
#include "verbs/services.hpp"

namespace rvm::ledger {

/// Runs cases in one world, which is empty again after each. One thread.
class StateCaseRunner {
  public:
    /// `tracer` empty: none.
    StateCaseRunner(const Services& services, const std::string& tracer);

    /// All cases of `test` that `wanted` accepts.
    template <class Wanted>
    void run(const std::string& file, const StateTest& test, const Wanted& wanted, Tally& tally) {
        const std::vector<Hash> roots = storage_roots(test.pre, hashed_);
        for (const StateCase& expected : test.cases)
            if (wanted(expected)) run_case(file, test, expected, roots, tally);
    }
    void run(const std::string& file, const VmTest& test, Tally& tally);

  private:
    void run_case(const std::string& file, const StateTest& test, const StateCase& expected,
                  std::span<const Hash> roots, Tally& tally);
    [[nodiscard]] Applied apply(const StateTest& test, const StateCase& expected, const BlockContext& block);
    [[nodiscard]] std::optional<Address> sender_of(const TransactionTemplate& transaction) const;
    void install(const Alloc& alloc);
    /// An empty world.
    void renew();

    const Services& services_;
    std::string tracer_;
    /// A world remembers every account it ever met; a new one now and then forgets them.
    struct Workspace {
        explicit Workspace(const Services& services)
            : world(*services.world, services.host, RVM_WORLD_EPHEMERAL),
              transition(world, *services.keys, *services.signers) {}
        World world;
        Transition transition;
    };
    std::unique_ptr<Workspace> workspace_;
    std::size_t cases_ = 0; ///< run in the workspace
    std::uint64_t gas_ = 0; ///< that they used
    HashedKeys hashed_;
};

/// "Cancun data 0 gas 1 value 0"
[[nodiscard]] std::string describe(const StateCase& expected);

} // namespace rvm::ledger
