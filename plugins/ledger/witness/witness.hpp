// What is needed to run transactions without the state: the parts of it that they look at, each with its proof.
#pragma once

#include "state/access_log.hpp"
#include "trie/decode.hpp"

namespace rvm::ledger {

/// A witness lacks something or contradicts itself; the text says what. What is wrong with its nodes the trie tells: who
/// catches the base catches all that can be wrong with a witness.
class WitnessError : public trie::NodeError {
  public:
    using trie::NodeError::NodeError;
};

/// Everything is checked against the root: nodes, codes and headers go by their hashes, keys by the nodes.
struct Witness {
    Hash pre_state_root{};
    std::vector<Buffer> nodes;   ///< of the trie of accounts and of storage tries, in any order
    std::vector<Buffer> codes;   ///< of all accounts in `keys` that have some, in any order
    std::vector<Buffer> headers; ///< RLP; the parent's first, each followed by its own parent's
    /// What is looked at, present or absent: addresses and slots cannot be had from hashes. An account without code and
    /// nonce that has slots is there with one of them at least: whether it has any decides whether a creation collides
    /// (EIP-7610).
    StateKeys keys;
};

/// Whether a creation at an account collides for its slots alone, so that one of them has to be known.
[[nodiscard]] inline bool collides_by_storage(const rvm_account_state& state, bool has_slots) noexcept {
    static constexpr Hash no_code{};
    return has_slots && state.nonce == 0 && same(state.code_hash, no_code);
}

} // namespace rvm::ledger
