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
    /// `tracer` empty: none. `witness`: every case that passed runs again, recorded, and then over its witness alone.
    StateCaseRunner(const Services& services, const std::string& tracer, bool witness);

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
    [[nodiscard]] std::optional<Address> sender_of(const TransactionTemplate& transaction) const;
    void install(const Alloc& alloc);
    /// An empty world.
    void renew();

    /// The transaction of a case, in its block.
    struct Subject {
        std::optional<Transaction> tx; ///< nullopt: there can be no such transaction
        Address sender{};
        const BlockContext& block;
        const Hash& root; ///< afterwards
    };
    [[nodiscard]] Subject subject(const StateTest& test, const StateCase& expected, const BlockContext& block) const;
    [[nodiscard]] static Applied apply(const Subject& subject, Transition& transition);
    /// What is wrong with a run over the witness alone; empty: nothing.
    [[nodiscard]] std::string check_witness(const Alloc& pre, const Subject& subject);

    const Services& services_;
    std::string tracer_;
    bool witness_;
    /// A world remembers every account it ever met; a new one now and then forgets them.
    struct Workspace {
        explicit Workspace(const Services& services, std::uint32_t flags = 0)
            : world(*services.world, services.host, RVM_WORLD_EPHEMERAL | flags),
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
