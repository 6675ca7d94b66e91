// `rvm blocktest`: chains of blocks, some of them invalid, and blocks with witnesses.
#include <filesystem>
#include <fstream>
#include <memory>

#include "base/hex.hpp"
#include "block/chain.hpp"
#include "fixtures/block_test.hpp"
#include "fixtures/exceptions.hpp"
#include "fixtures/post_state.hpp"
#include "fixtures/world_alloc.hpp"
#include "trie/decode.hpp"
#include "verbs/services.hpp"
#include "verbs/suite.hpp"
#include "witness/lone_block.hpp"

namespace rvm::ledger {
namespace {

constexpr std::size_t most_differences = 8;

/// A test that did not go as the fixture says.
struct Failed {
    std::string where;
    std::string reason;
    std::vector<std::string> details{};
};

std::string expected_hash(const char* what, const Hash& found, const Hash& expected) {
    return std::string(what) + " " + to_hex(bytes(found)) + ", expected " + to_hex(bytes(expected));
}

/// One thread's tests, all in one world.
class BlockWorker final : public SuiteWorker {
  public:
    BlockWorker(const Services& services, const SuiteOptions& options)
        : services_(services), options_(options),
          world_(*services.world, services.host,
                 options.witness ? RVM_WORLD_EPHEMERAL | RVM_WORLD_RECORD_READS : RVM_WORLD_EPHEMERAL) {}

    [[nodiscard]] bool is_one_test(JsonObject document) const override { return is_lone_block_test(document); }

    void run_test(const std::string& file, std::string_view name, Json object, Tally& tally) override {
        const JsonObject fields = object_of(object, name);
        const std::string network(text_of(member(fields, "network"), "network"));
        if (!options_.wants_fork(network, find_fork(network))) return;
        if (!ForkSchedule::named(network)) {
            ++tally.skipped;
            tally.skips.push_back({file, std::string(name), network, "unknown network " + network, {}});
            return;
        }
        try {
            if (is_lone_block_test(fields)) {
                run_alone(read_lone_block_test(fields));
            } else {
                run(read_block_test(name, fields), fields, tally);
            }
            ++tally.passed;
        } catch (
            const sdk::Failure& failure) { // a state that no chain can have; the next test begins with an empty world
            tally.failures.push_back({file, std::string(name), network, failure.what(), {}});
        } catch (Failed& failed) {
            const std::string where = failed.where.empty() ? network : network + ", " + failed.where;
            tally.failures.push_back(
                {file, std::string(name), where, std::move(failed.reason), std::move(failed.details)});
        }
    }

  private:
    /// A block in a world that knows nothing but its witness.
    void run_alone(const LoneBlockTest& test) {
        World world(*services_.world, services_.host, RVM_WORLD_EPHEMERAL | RVM_WORLD_RECORD_READS);
        std::string wrong;
        try {
            const LoneBlock input{*test.schedule, test.chain_id, mainnet_deposit_contract, test.block, test.witness};
            if (const Refusal refusal =
                    run_lone_block(world, *services_.keys, *services_.signers, services_.sha256, input))
                wrong = "the block was refused: " + refusal->text;
        } catch (const trie::NodeError& error) {
            wrong = std::string("the witness: ") + error.what();
        }
        if (!wrong.empty()) throw Failed{"from its witness alone", std::move(wrong)};
    }

    /// Writes the witness of a block and runs the block from what was written.
    void check_witness(JsonObject fields, const Block& block, Bytes encoded, const Witness& witness) {
        JsonWriter out;
        write_lone_block_test(out, fields, encoded, witness);
        const std::string text = out.take() + "\n";
        if (!options_.witness_folder.empty()) {
            const std::filesystem::path path =
                std::filesystem::path(options_.witness_folder) /
                ("witness-" + std::to_string(block.header.number) + "-" + to_hex(bytes(block.hash)) + ".json");
            std::ofstream file(path, std::ios::binary);
            file << text;
            file.close();
            if (!file) throw Failed{{}, path.string() + ": cannot be written"};
        }
        Json document;
        if (parser_.parse(text).get(document) != simdjson::SUCCESS) throw Failed{{}, "its witness is no JSON"};
        run_alone(read_lone_block_test(object_of(document, "witness")));
    }

    void run(const BlockTest& test, JsonObject fields, Tally& tally) {
        ChainSettings settings{*test.schedule, test.chain_id};
        if (!options_.tracer.empty()) {
            settings.tracer = options_.tracer.c_str();
            settings.trace = [&](std::string_view text) { tally.trace += text; };
        }
        if (options_.witness) {
            settings.witness = [&](const Block& block, Bytes encoded, Witness&& witness) {
                check_witness(fields, block, encoded, witness);
            };
        }
        Chain chain({world_, *services_.keys, *services_.signers, services_.sha256}, std::move(settings));
        const Refusal refusal = chain.start(test.genesis, [&](World& world) { install(test.pre, world); });
        if (refusal) throw Failed{"genesis", refusal->text};
        for (std::size_t i = 0; i < test.steps.size(); ++i)
            import(chain, test.steps[i], "block " + std::to_string(i));
        if (!same(chain.head(), test.last))
            throw Failed{{}, expected_hash("the last block is", chain.head(), test.last)};
        check_state(chain, test);
    }

    void import(Chain& chain, const BlockStep& step, const std::string& where) {
        encoded_.clear();
        const bool hex = append_hex(text_of(step.rlp, "rlp"), encoded_);
        Refusal refusal = refuse(BlockFault::encoding, "its rlp is not hex");
        try {
            if (hex) refusal = chain.import(encoded_);
        } catch (Failed& failed) { // over its witness
            failed.where = where + ", " + failed.where;
            throw;
        }
        if (!step.hash) {
            if (refusal) {
                if (std::string wrong = wrong_reason(step.exception, *refusal); !wrong.empty())
                    throw Failed{where, "the block was " + std::move(wrong)};
                return;
            }
            throw Failed{where, "the block was accepted, expected it to be refused: " + std::string(step.exception)};
        }
        if (refusal) throw Failed{where, "the block was refused: " + refusal->text};
        if (!chain.knows(*step.hash))
            throw Failed{where, "its rlp is not that of a block with the hash " + to_hex(bytes(*step.hash))};
    }

    /// The header's root was checked on import. The fixture's own account of the state must have it too.
    void check_state(Chain& chain, const BlockTest& test) {
        const Hash& root = chain.header(chain.head()).state_root;
        if (!test.has_state) {
            if (same(root, *test.state_root)) return;
            throw Failed{{}, expected_hash("state root", root, *test.state_root)};
        }
        const Alloc expected = read_alloc(test.state, "postState");
        const Hash found = PostState(expected, {}).root(storage_roots(expected, hashed_), hashed_);
        if (same(found, root)) return;
        throw Failed{{},
                     expected_hash("state root", root, found) + ", that of postState",
                     differences(read_world(chain.world()), expected, most_differences)};
    }

    const Services& services_;
    const SuiteOptions& options_;
    World world_;
    HashedKeys hashed_;
    Buffer encoded_;
    simdjson::dom::parser parser_;
};

} // namespace

std::int32_t run_blocktest(const Services& services, const rvm_command_io& io, std::int32_t argc,
                           const char* const* argv) {
    return run_suite(
        io, argc, argv, "block tests", [&](const SuiteOptions&) { need_rules(services, "evm/frontier"); },
        [&](const SuiteOptions& options) { return std::make_unique<BlockWorker>(services, options); });
}

} // namespace rvm::ledger
