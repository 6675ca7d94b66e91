// A case over its witness alone.
#include "base/hex.hpp"
#include "fixtures/witness_json.hpp"
#include "trie/decode.hpp"
#include "verbs/state_case.hpp"
#include "witness/stateless.hpp"

namespace rvm::ledger {
namespace {

/// What the block of a state test does after its transaction: PostState::touch() in a world.
void touch_coinbase(Transition& transition, StateTrie& state, const Address& coinbase) {
    World& world = transition.world();
    rvm_tx_env env = transition.system_env({});
    env.tracer = nullptr;
    world.begin(env);
    world.add_balance(world.account(coinbase, RVM_WANT_BALANCE), {});
    state.apply(world.end(transition.end_flags()).accounts());
}

Witness through_json(const Witness& witness) {
    JsonWriter out;
    write_witness(out, witness);
    simdjson::dom::parser parser;
    const std::string text = out.take();
    return read_witness(object_of(parser.parse(text), "witness"));
}

} // namespace

std::string StateCaseRunner::check_witness(const Alloc& pre, const Subject& subject) {
    const auto run = [&](Transition& transition, StateTrie& state) {
        const Applied applied = apply(subject, transition);
        state.apply(applied.changes.accounts());
        touch_coinbase(transition, state, subject.block.coinbase);
    };
    try {
        Workspace recorded(services_, RVM_WORLD_RECORD_READS);
        rvm_tx_env env{};
        env.struct_size = sizeof env;
        recorded.world.begin(env);
        ledger::install(pre, recorded.world);
        StateTrie whole;
        whole.apply(recorded.world.end(0).accounts());
        AccessLog log;
        const AllocPreimages preimages(pre);
        WitnessRecorder recorder(whole, log, preimages);
        const NotedAccesses noted(recorded.world, log);
        run(recorded.transition, whole);
        const Witness witness = through_json(recorder.finish());

        Workspace alone(services_, RVM_WORLD_RECORD_READS);
        StatelessState stateless(witness, alone.world);
        run(alone.transition, stateless.state());
        const Hash root = stateless.root();
        if (same(root, subject.root)) return {};
        return "from its witness alone the state root is " + to_hex(bytes(root)) + ", expected " +
               to_hex(bytes(subject.root));
    } catch (const trie::NodeError& error) {
        return std::string("the witness: ") + error.what();
    }
}

} // namespace rvm::ledger
