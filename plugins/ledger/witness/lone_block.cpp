#include "witness/lone_block.hpp"

#include "base/hex.hpp"
#include "block/block_run.hpp"
#include "block/body_rules.hpp"
#include "block/branch_hashes.hpp"
#include "block/ommers.hpp"
#include "witness/stateless.hpp"

namespace rvm::ledger {
namespace {

/// The headers of a witness, youngest first; each is the parent of the one before.
class Ancestors {
  public:
    /// `child` is the first one's.
    Ancestors(std::span<const Buffer> encoded, const Hash& child) {
        if (encoded.empty()) throw WitnessError("the header of the parent is missing");
        Hash expected = child;
        for (std::size_t i = 0; i < encoded.size(); ++i) {
            const Hash found = keccak256(encoded[i]);
            if (!same(found, expected)) {
                throw WitnessError("header " + std::to_string(i) + " has the hash " + to_hex(bytes(found)) +
                                   ", expected " + to_hex(bytes(expected)));
            }
            add(found, encoded[i], i);
            expected = headers_.back().second.parent_hash;
        }
    }

    [[nodiscard]] const Header& parent() const noexcept { return headers_.front().second; }
    /// As BranchHashes wants it; remembers that somebody went too far.
    [[nodiscard]] const Header* find(const Hash& hash) {
        for (const auto& [known, header] : headers_)
            if (same(known, hash)) return &header;
        missing_ = hash;
        return nullptr;
    }
    void check() const {
        if (missing_) throw WitnessError("the header with the hash " + to_hex(bytes(*missing_)) + " is missing");
    }

  private:
    void add(const Hash& hash, Bytes encoded, std::size_t index) {
        rlp::Status status;
        rlp::Reader input(encoded, status);
        rlp::Reader fields = input.list();
        headers_.emplace_back(hash, decode_header(fields));
        fields.end();
        input.end();
        if (status.ok()) return;
        throw WitnessError("header " + std::to_string(index) + ": " + rlp::text(status.error) + ", at byte " +
                           std::to_string(status.offset));
    }

    std::vector<std::pair<Hash, Header>> headers_;
    std::optional<Hash> missing_;
};

/// Without the total difficulty: a block is of the merged chain when its chain has a merge and it has no difficulty.
const Fork& fork_of(const Header& header, const ForkSchedule& schedule) {
    constexpr std::uint64_t ones = UINT64_MAX;
    const bool can_be_merged = schedule.is_merged({ones, ones, ones, ones});
    return schedule.at(header.number, header.timestamp, can_be_merged && header.difficulty == U256{});
}

/// What decides the rewards for ommers: how many there are, and how far back.
Refusal check_ommer_numbers(const Block& block) {
    if (block.ommers.size() > max_ommers)
        return refuse(BlockFault::ommer, std::to_string(block.ommers.size()) + " ommers, at most 2 are allowed");
    const std::uint64_t number = block.header.number;
    for (const Header& ommer : block.ommers) {
        if (ommer.number < number && number - ommer.number < ommer_ancestors) continue;
        return refuse(BlockFault::ommer, "an ommer has the number " + std::to_string(ommer.number) +
                                             ", expected one of the six before " + std::to_string(number));
    }
    return std::nullopt;
}

} // namespace

Refusal run_lone_block(World& world, const EnvKeys& keys, const SignerRecovery& signers, const rvm_hash_ref& sha256,
                       const LoneBlock& input) {
    Block block;
    if (Refusal refusal = decode_block(input.encoded, block)) return refusal;
    const Header& header = block.header;
    Ancestors ancestors(input.witness.headers, header.parent_hash);
    const Header& parent = ancestors.parent();
    if (!same(parent.state_root, input.witness.pre_state_root)) {
        throw WitnessError("its root is " + to_hex(bytes(input.witness.pre_state_root)) + ", expected the parent's " +
                           to_hex(bytes(parent.state_root)));
    }
    const Fork& fork = fork_of(header, input.schedule);
    if (Refusal refusal = check_header(header, fork, parent, fork_of(parent, input.schedule))) return refusal;
    if (Refusal refusal = check_body(block, fork)) return refusal;
    if (Refusal refusal = check_ommer_numbers(block)) return refusal;

    StatelessState stateless(input.witness, world);
    Transition transition(world, keys, signers);
    const auto find = [&](const Hash& hash) { return ancestors.find(hash); };
    BranchHashes hashes(header, find);
    BlockInput run{block, fork, input.chain_id, input.deposit_contract};
    run.is_dao_fork = input.schedule.dao_fork() == header.number;
    run.block_hash = &decltype(hashes)::lookup;
    run.block_hash_ctx = &hashes;
    Refusal refusal = run_block({transition, stateless.state(), signers, sha256}, run);
    ancestors.check();
    static_cast<void>(stateless.root()); // says so when the run asked for what the witness lacks
    return refusal;
}

} // namespace rvm::ledger
