#include "block/difficulty.hpp"
#include "block/header_rules.hpp"
#include "t8n/input.hpp"

namespace rvm::ledger {
namespace {

[[noreturn]] void missing(const Fork& fork, std::string_view what) {
    throw FixtureError("env: " + std::string(fork.name) + " needs " + std::string(what));
}

/// The parent as far as the environment describes it.
Header parent_of(JsonObject env) {
    Header parent;
    parent.base_fee = optional_number(env, "parentBaseFee");
    parent.gas_used = optional_small_number(env, "parentGasUsed").value_or(0);
    parent.gas_limit = optional_small_number(env, "parentGasLimit").value_or(0);
    parent.timestamp = optional_small_number(env, "parentTimestamp").value_or(0);
    parent.difficulty = optional_number(env, "parentDifficulty").value_or(U256{});
    parent.ommers_hash = optional_hash(env, "parentUncleHash").value_or(empty_ommers_hash);
    parent.excess_blob_gas = optional_small_number(env, "parentExcessBlobGas");
    parent.blob_gas_used = optional_small_number(env, "parentBlobGasUsed");
    return parent;
}

void settle_fees(const Header& parent, const Fork& fork, T8nEnvironment& out) {
    if (!fork.has(Revision::london)) {
        out.base_fee.reset();
    } else if (!out.base_fee) {
        if (!parent.base_fee || parent.gas_limit == 0) {
            missing(fork, "currentBaseFee, or parentBaseFee, parentGasUsed and parentGasLimit");
        }
        out.base_fee = next_base_fee(parent);
    }
    if (!fork.has(Revision::cancun)) {
        out.excess_blob_gas.reset();
        out.parent_beacon_root.reset();
        return;
    }
    if (!out.excess_blob_gas) out.excess_blob_gas = next_excess_blob_gas(parent, fork);
    if (!out.parent_beacon_root) missing(fork, "parentBeaconBlockRoot");
}

void settle_consensus(const Header& parent, const Fork& fork, T8nEnvironment& out) {
    if (fork.has(Revision::paris)) {
        if (!out.random) missing(fork, "currentRandom");
        if (out.difficulty.value_or(U256{})) throw FixtureError("env: currentDifficulty must be 0 after the merge");
        out.difficulty.reset();
    } else {
        out.random.reset();
        if (out.difficulty) return;
        if (!parent.difficulty) missing(fork, "currentDifficulty, or parentDifficulty and parentTimestamp");
        if (out.timestamp <= parent.timestamp) throw FixtureError("env: currentTimestamp must exceed parentTimestamp");
        const DifficultyParent from{parent.difficulty, parent.timestamp, parent.has_ommers()};
        out.difficulty = expected_difficulty(fork, from, out.number, out.timestamp);
    }
}

std::vector<Withdrawal> read_withdrawals(JsonArray list) {
    std::vector<Withdrawal> out;
    for (const Json item : list) {
        const JsonObject object = object_of(item, "a member of withdrawals");
        Withdrawal& withdrawal = out.emplace_back();
        withdrawal.index = small_number_of(member(object, "index"), "index");
        withdrawal.validator = small_number_of(member(object, "validatorIndex"), "validatorIndex");
        withdrawal.address = address_of(member(object, "address"), "address");
        withdrawal.amount = small_number_of(member(object, "amount"), "amount");
    }
    return out;
}

std::vector<OmmerReward> read_ommers(JsonArray list) {
    std::vector<OmmerReward> out;
    for (const Json item : list) {
        const JsonObject object = object_of(item, "a member of ommers");
        OmmerReward& ommer = out.emplace_back();
        ommer.beneficiary = address_of(member(object, "address"), "address");
        ommer.distance = small_number_of(member(object, "delta"), "delta");
        if (ommer.distance == 0 || ommer.distance > 8) throw FixtureError("\"delta\": expected 1 to 8");
    }
    return out;
}

} // namespace

T8nEnvironment read_environment(JsonObject env, const Fork& fork) {
    T8nEnvironment out;
    out.coinbase = address_of(member(env, "currentCoinbase"), "currentCoinbase");
    out.number = small_number_of(member(env, "currentNumber"), "currentNumber");
    out.timestamp = small_number_of(member(env, "currentTimestamp"), "currentTimestamp");
    out.gas_limit = small_number_of(member(env, "currentGasLimit"), "currentGasLimit");
    out.difficulty = optional_number(env, "currentDifficulty");
    out.random = optional_hash(env, "currentRandom");
    out.base_fee = optional_number(env, "currentBaseFee");
    out.excess_blob_gas = optional_small_number(env, "currentExcessBlobGas");
    out.parent_beacon_root = optional_hash(env, "parentBeaconBlockRoot");
    const Header parent = parent_of(env);
    settle_fees(parent, fork, out);
    settle_consensus(parent, fork, out);
    Json value;
    if (fork.has(Revision::shanghai)) {
        if (!find_member(env, "withdrawals", value)) missing(fork, "withdrawals");
        out.withdrawals = read_withdrawals(array_of(value, "withdrawals"));
    }
    if (find_member(env, "ommers", value)) out.ommers = read_ommers(array_of(value, "ommers"));
    if (find_member(env, "blockHashes", value)) {
        for (const auto [number, hash] : object_of(value, "blockHashes")) {
            const U256 at = number_of(number, "blockHashes");
            if (at.fits_64()) out.block_hashes.emplace(at.limbs[0], hash_of(hash, number));
        }
    }
    return out;
}

} // namespace rvm::ledger
