#include "witness/recorder.hpp"

#include "trie/decode.hpp"

namespace rvm::ledger {

WitnessRecorder::WitnessRecorder(StateTrie& state, AccessLog& log, const Preimages& preimages)
    : state_(state), log_(log), preimages_(preimages), root_(state.root()), partial_(*this, root_) {
    state_.set_listener(this);
}

Bytes WitnessRecorder::node(const Address* account, const trie::Hash& hash, Bytes key, std::size_t nibbles) {
    const auto [place, is_new] = nodes_.try_emplace(hash);
    if (!is_new) return place->second;
    const std::optional<Bytes> found = state_.node(account, key, nibbles);
    if (!found) throw trie::NodeError("the whole state has no node there"); // the two went different ways
    place->second.assign(found->begin(), found->end());
    return place->second;
}

/// The first look at an account is at what it was in the beginning: what changes it is noted before.
void WitnessRecorder::look_up_account(const Address& address) {
    const auto [place, is_new] = keys_.try_emplace(address);
    if (!is_new) return;
    const rvm_account_state* state = partial_.find(address);
    if (state == nullptr) return;
    if (!same(state->code_hash, Hash{}) && !codes_.contains(state->code_hash)) {
        const Bytes code = preimages_.code(address, state->code_hash);
        codes_.try_emplace(state->code_hash, code.begin(), code.end());
    }
    if (!collides_by_storage(*state, partial_.has_slots(address))) return;
    const U256 key = preimages_.any_slot(address);
    static_cast<void>(partial_.slot(address, key));
    place->second.insert(key);
}

void WitnessRecorder::look_up() {
    for (const auto& [address, slots] : log_.take()) {
        look_up_account(address);
        for (const U256& key : slots) {
            if (partial_.is_wiped(address)) break; // whoever runs it alone knows that too
            static_cast<void>(partial_.slot(address, key));
            keys_[address].insert(key);
        }
    }
}

void WitnessRecorder::before_apply(std::span<const rvm_account_change> changes) {
    look_up();
    partial_.apply(changes);
}

void WitnessRecorder::before_root() { static_cast<void>(partial_.root()); }

Witness WitnessRecorder::finish() {
    look_up();
    static_cast<void>(state_.root()); // and with it the other
    Witness out;
    out.pre_state_root = root_;
    for (auto& [hash, encoding] : nodes_)
        out.nodes.push_back(std::move(encoding));
    for (auto& [hash, code] : codes_)
        out.codes.push_back(std::move(code));
    out.keys = std::move(keys_);
    return out;
}

} // namespace rvm::ledger
