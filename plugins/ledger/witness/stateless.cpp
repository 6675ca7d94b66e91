#include "witness/stateless.hpp"

#include "base/hex.hpp"
#include "trie/decode.hpp"
#include "u256/text.hpp"

namespace rvm::ledger {

StatelessState::StatelessState(const Witness& witness, World& world)
    : witness_(witness), world_(world), state_(*this, witness.pre_state_root) {
    for (const Buffer& node : witness.nodes)
        nodes_.try_emplace(keccak::keccak256(node), node);
    for (const Buffer& code : witness.codes)
        codes_.try_emplace(keccak256(code), code);
    rvm_tx_env env{};
    env.struct_size = sizeof env;
    world.begin(env);
    for (const auto& [address, slots] : witness.keys)
        install(address, slots);
    world.end_unseen(0);
    world.set_access_log(&log_);
    state_.set_listener(this);
}

Bytes StatelessState::code(const Address& address, const Hash& hash) const {
    const auto found = codes_.find(hash);
    if (found != codes_.end()) return found->second;
    throw WitnessError("the code of account " + to_hex(bytes(address)) + " is missing, its hash is " +
                       to_hex(bytes(hash)));
}

void StatelessState::install(const Address& address, const std::set<U256>& slots) {
    const rvm_account_state* found = state_.find(address);
    if (found == nullptr) return;
    const rvm_account_state state = *found;
    rvm_account* account = world_.account(address, RVM_WANT_BALANCE);
    world_.add_balance(account, from_abi(state.balance)); // of zero too: makes the account exist
    if (state.nonce != 0) world_.set_nonce(account, state.nonce);
    if (!same(state.code_hash, Hash{}))
        world_.set_code(account, code(address, state.code_hash), &state.code_hash, "evm");
    bool has_known_slot = false;
    for (const U256& key : slots) {
        const U256 value = state_.slot(address, key);
        if (!value) continue;
        world_.set_slot(account, key, value);
        has_known_slot = true;
    }
    if (!has_known_slot && collides_by_storage(state, state_.has_slots(address)))
        throw WitnessError("account " + to_hex(bytes(address)) + " has slots, of which the witness names none");
}

Bytes StatelessState::node(const Address*, const trie::Hash& hash, Bytes, std::size_t) {
    const auto found = nodes_.find(hash);
    if (found == nodes_.end()) throw trie::NodeError("the witness does not have it");
    return found->second;
}

void StatelessState::check_reads() {
    for (const auto& [address, slots] : log_.take()) {
        const auto known = witness_.keys.find(address);
        if (known == witness_.keys.end())
            throw WitnessError("account " + to_hex(bytes(address)) + " is read, and the witness does not name it");
        for (const U256& key : slots) {
            if (state_.is_wiped(address)) break;
            if (!known->second.contains(key))
                throw WitnessError("slot " + u256::to_hex(key) + " of account " + to_hex(bytes(address)) +
                                   " is read, and the witness does not name it");
        }
    }
}

Hash StatelessState::root() {
    check_reads();
    return state_.root();
}

} // namespace rvm::ledger
