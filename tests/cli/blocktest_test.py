"""`rvm blocktest`: chains that we make, and what it says when they are damaged."""

import copy
import json
import unittest

from blockchain import Chain, FORKS, SENDER, raw, transfer
from ethereum import keccak256
from support import CliTest

# The code of the system contracts is that of the EIPs; here the least that answers with no requests will do.
STOP = "0x00"
SYSTEM_CONTRACTS = {address: {"balance": "0x0", "nonce": "0x1", "code": STOP} for address in
                    ("0x00000961ef480eb55e80d19ad83579a64c007002", "0x0000bbddc7ce488642fb579f8b00f3a590007251")}
RICH = {SENDER: {"balance": hex(10**24)}}


# A contract that destroys itself when it gets data, and else notes the number of the block; its init code, which sets slot 7;
# who creates it, always at the same address (EIP-1014).
MORTAL = "366009576001435500" + "5b33ff"
INIT = "6009600755" + "6b" + MORTAL + "600052" + "600c6014f3"
MAKER = "0x00000000000000000000000000000000000000fa"
MAKERS = {MAKER: {"balance": "0x0", "nonce": "0x1", "code": "0x79" + INIT + "600052" + "6000601a60066000f500"}}
MADE = "0x" + keccak256(b"\xff" + raw(MAKER) + bytes(32) + keccak256(bytes.fromhex(INIT)))[12:].hex()


def call(nonce, to, data="0x"):
    return transfer(nonce, value=0, to=to, input=data, gas=hex(300_000))


WITHDRAWAL = {"index": "0x0", "validatorIndex": "0x1", "address": "0x" + 40 * "b", "amount": "0x3"}


class BlockTest(CliTest):
    def blocktest(self, fixtures, *arguments):
        self.write("chain.json", json.dumps(fixtures))
        return self.rvm("blocktest", *arguments, "chain.json")

    def small_chain(self, fork="Cancun", more={}):
        alloc = dict(RICH, **more, **(SYSTEM_CONTRACTS if fork in ("Prague", "Osaka") else {}))
        chain = Chain(self, fork, alloc)
        chain.add([transfer(0), transfer(1, value=10**18)])
        chain.add(withdrawals=[WITHDRAWAL] if chain.since("Shanghai") else [])
        return chain

    def assert_passes(self, count, result):
        self.assert_status(0, result)
        self.assertEqual(f"{count} passed, 0 failed, 0 skipped", result.out.splitlines()[-1])

    def assert_fails(self, reason, result):
        self.assert_status(1, result)
        self.assertEqual("0 passed, 1 failed, 0 skipped", result.out.splitlines()[-1], result)
        self.assertRegex(result.out, reason)

    def test_valid_chains_pass(self):
        fixtures = {fork: self.small_chain(fork).fixture() for fork in FORKS}
        self.assert_passes(len(FORKS), self.blocktest(fixtures))
        self.assert_passes(1, self.blocktest(fixtures, "--fork", "Cancun"))
        self.assert_passes(1, self.blocktest(fixtures, "--run", "^Shang"))

    def test_one_digit_anywhere_fails(self):
        """Every root and hash of a fixture, one digit of it changed."""
        good = self.small_chain().fixture()
        flip = lambda text: text[:-1] + ("1" if text[-1] == "0" else "0")
        places = [("lastblockhash",)]
        for name in ("stateRoot", "transactionsTrie", "receiptTrie", "withdrawalsRoot", "hash"):
            places += [("genesisBlockHeader", name), ("blocks", 0, "blockHeader", name), ("blocks", 1, "blockHeader", name)]
        places += [("blocks", 0, "rlp"), ("blocks", 1, "rlp"), ("genesisRLP",), ("pre", SENDER, "balance"),
                   ("postState", SENDER, "balance")]
        for place in places:
            damaged = copy.deepcopy(good)
            at = damaged
            for step in place[:-1]:
                at = at[step]
            at[place[-1]] = flip(at[place[-1]])
            with self.subTest(place=place):
                self.assert_fails("FAILED chain.json", self.blocktest({"t": damaged}))

    def test_a_wrong_post_state_is_named(self):
        fixture = self.small_chain().fixture()
        fixture["postState"]["0x" + 40 * "b"]["balance"] = "0x7"
        self.assert_fails(r"account 0xb+: balance .*0xb2d05e00.*0x7", self.blocktest({"t": fixture}))

    def test_a_root_alone_can_decide(self):
        fixture = self.small_chain().fixture()
        del fixture["postState"]
        fixture["postStateHash"] = fixture["blocks"][-1]["blockHeader"]["stateRoot"]
        self.assert_passes(1, self.blocktest({"t": fixture}))
        fixture["postStateHash"] = fixture["blocks"][0]["blockHeader"]["stateRoot"]
        self.assert_fails("state root", self.blocktest({"t": fixture}))

    def test_invalid_blocks_are_refused_and_the_chain_goes_on(self):
        chain = self.small_chain()
        good = chain.make([transfer(2)])
        hashes = {"stateRoot": "INVALID_STATE_ROOT", "receiptTrie": "INVALID_RECEIPTS_ROOT",
                  "transactionsTrie": "INVALID_TRANSACTIONS_ROOT", "withdrawalsRoot": "INVALID_WITHDRAWALS_ROOT",
                  "parentHash": "UNKNOWN_PARENT", "uncleHash": "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS"}
        for name, why in hashes.items():
            chain.add_invalid(good.changed(**{name: "0x" + 64 * "1"}), why)
        numbers = {"gasUsed": "INVALID_GAS_USED", "baseFeePerGas": "INVALID_BASEFEE_PER_GAS",
                   "number": "INVALID_BLOCK_NUMBER", "blobGasUsed": "INCORRECT_BLOB_GAS_USED",
                   "excessBlobGas": "INCORRECT_EXCESS_BLOB_GAS", "difficulty": "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS"}
        for name, why in numbers.items():
            chain.add_invalid(good.changed(**{name: hex(int(good.header[name], 16) + 1)}), why)
        chain.add_invalid(good.changed(timestamp=chain.last.header["timestamp"]),
                          "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT")
        chain.add_invalid(good.changed(bloom="0x" + 510 * "0" + "01"), "INVALID_LOG_BLOOM")
        chain.add_invalid(good.changed(parentBeaconBlockRoot=None), "INCORRECT_BLOCK_FORMAT")
        chain.add([transfer(2)])
        self.assert_passes(1, self.blocktest({"t": chain.fixture()}))

    def test_a_valid_block_that_should_be_invalid_fails(self):
        chain = self.small_chain()
        chain.add_invalid(chain.make([transfer(2)]), "INVALID_GAS_USED")
        self.assert_fails("block 2\n.*accepted.*BlockException.INVALID_GAS_USED", self.blocktest({"t": chain.fixture()}))

    def test_a_block_refused_for_another_reason_fails(self):
        chain = self.small_chain()
        wrong = chain.make([transfer(2)]).changed(stateRoot="0x" + 64 * "1")
        chain.add_invalid(wrong, "INVALID_GAS_USED")
        self.assert_fails(r"block 2\n.*refused as state_root \(state root is 0x1+, expected .*\), expected "
                          "BlockException.INVALID_GAS_USED", self.blocktest({"t": chain.fixture()}))
        chain.steps[-1]["expectException"] += "|BlockException.INVALID_STATE_ROOT"
        self.assert_passes(1, self.blocktest({"t": chain.fixture()}))
        chain.steps[-1]["expectException"] = "BlockException.NOT_TO_OUR_TASTE"
        self.assert_fails("there is no exception BlockException.NOT_TO_OUR_TASTE", self.blocktest({"t": chain.fixture()}))

    def test_the_last_imported_branch_counts_after_the_merge(self):
        chain = self.small_chain()
        fork_point = chain.last
        chain.add([transfer(2, value=5)])
        chain.add([transfer(3, value=5)])
        chain.last = fork_point
        chain.add([transfer(2, value=6)])
        self.assert_passes(1, self.blocktest({"t": chain.fixture()}))

    def test_the_heaviest_branch_counts_before_it(self):
        chain = self.small_chain("London")
        fork_point = chain.last
        chain.add([transfer(2, value=5)], wait=30)
        heavy = chain.add([transfer(3, value=5)], wait=30)
        chain.last = fork_point
        chain.add([transfer(2, value=6)], wait=1)  # more difficult than its rival, but one block is not two
        light, chain.last = chain.last, heavy
        self.assert_passes(1, self.blocktest({"t": chain.fixture()}))
        chain.last = light
        chain.add([transfer(3, value=6)], wait=1)
        self.assert_passes(1, self.blocktest({"t": chain.fixture()}))

    def branches(self, chain, plans):
        """Grows a branch for each plan, a list of transactions, one block each, by turns. Ends with the first branch."""
        ends = [chain.last] * len(plans)
        for step in range(len(plans[0])):
            for i, plan in enumerate(plans):
                chain.last = ends[i]
                ends[i] = chain.add([plan[step]])
        chain.last = ends[0]  # as heavy as the others, and there before them

    def test_a_branch_is_taken_back_whole(self):
        """Storage that was wiped, code that was destroyed and created again, in an order of their own on each branch."""
        for fork in ("Istanbul", "London"):
            chain = Chain(self, fork, dict(RICH, **MAKERS))
            chain.add([call(0, MAKER), call(1, MADE)])
            self.assertEqual({"0x" + 63 * "0" + "1", "0x" + 63 * "0" + "7"}, set(chain.last.alloc[MADE]["storage"]))
            chain.add([call(2, MADE)])
            self.branches(chain, [[call(3, MADE, "0x01"), call(4, MAKER), call(5, MADE), call(6, MADE, "0x01")],
                                  [call(3, MADE), call(4, MADE, "0x01"), call(5, MAKER), call(6, MADE)],
                                  [call(3, MAKER), call(4, MADE), transfer(5, to=MADE, gas="0x30d40"), call(6, MADE, "0x01")]])
            with self.subTest(fork=fork):
                self.assert_passes(1, self.blocktest({"t": chain.fixture()}))

    def test_empty_accounts_of_a_branch_vanish_with_it(self):
        """Before EIP-161 a transfer of nothing leaves an account behind."""
        chain = self.small_chain("Frontier")
        self.branches(chain, [[transfer(2, value=0, to="0x" + 40 * digit), transfer(3, value=i)]
                              for i, digit in enumerate("789")])
        self.assert_passes(1, self.blocktest({"t": chain.fixture()}))

    def test_a_branch_switch_costs_the_branch_and_not_the_chain(self):
        """A sibling of every block on a long chain: each block is executed twice at most, whatever is below it."""
        chain = Chain(self, "Cancun", dict(RICH, **MAKERS))
        chain.add([call(0, MAKER)])
        trunk, siblings = 20, 10
        for nonce in range(1, trunk):
            chain.add([call(nonce, MADE)])
        for nonce in range(trunk, trunk + siblings):
            parent = chain.last
            block = chain.add([call(nonce, MADE)])
            chain.last = parent
            chain.add([call(nonce, MADE)], wait=13)
            chain.last = block
        chain.add([call(trunk + siblings, MADE)])
        result = self.blocktest({"t": chain.fixture()}, "--trace")
        self.assert_passes(1, result)
        stores = result.err.count('"SSTORE"')
        self.assertGreaterEqual(stores, len(chain.steps))
        self.assertLessEqual(stores, len(chain.steps) + siblings)

    def test_ommers_and_their_rewards(self):
        for fork in ("Frontier", "Byzantium", "London"):
            chain = self.small_chain(fork)
            point = chain.last
            rival = chain.make(coinbase="0x" + 40 * "c", wait=13)
            chain.add(wait=14)
            block = chain.add(ommers=[rival.header], wait=15)
            self.assertIn("0x" + 40 * "c", block.alloc)
            chain.add(wait=16)  # counts the ommer in its difficulty since Byzantium
            chain.add_invalid(chain.make(ommers=[rival.header]), "UNCLE_IN_CHAIN")
            chain.add_invalid(chain.make(ommers=[point.header]), "UNCLE_IS_ANCESTOR")
            with self.subTest(fork=fork):
                self.assert_passes(1, self.blocktest({"t": chain.fixture()}))

    def test_a_block_of_more_than_eight_mebibytes_is_refused(self):
        """EIP-7934, with transactions of zeros: six of them, as the gas of each is capped (EIP-7825)."""
        limit = 8 * 1024 * 1024
        chain = Chain(self, "Osaka", dict(RICH, **SYSTEM_CONTRACTS), gas_limit=150_000_000)

        def transactions(last):
            return [transfer(i, input="0x" + 2 * size * "0", gas=hex(21000 + 10 * size))
                    for i, size in enumerate([1_398_000] * 5 + [last])]

        last = 1_300_000
        last += limit - len(chain.make(transactions(last)).rlp())
        larger = chain.make(transactions(last + 1))
        self.assertEqual(limit + 1, len(larger.rlp()))
        chain.add_invalid(larger, "RLP_BLOCK_LIMIT_EXCEEDED")
        self.assertEqual(limit, len(chain.add(transactions(last)).rlp()))
        self.assert_passes(1, self.blocktest({"t": chain.fixture()}))

    def test_what_is_not_a_fixture_is_a_failure_with_a_place(self):
        self.assert_fails("\"network\" is missing", self.blocktest({"t": {}}))
        self.write("text.json", "[1, 2")
        result = self.assert_status(1, self.rvm("blocktest", "text.json"))
        self.assertIn("not JSON", result.out)
        self.assert_status(2, self.rvm("blocktest"))
        self.assert_status(2, self.rvm("blocktest", "--fork", "Nowhere", "text.json"))

    def test_a_state_that_cannot_be_fails_its_test_alone(self):
        """A withdrawal to an account that holds 2^256 - 1 wei."""
        chain = self.small_chain()
        impossible = copy.deepcopy(chain.fixture())
        impossible["pre"]["0x" + 40 * "b"] = {"balance": "0x" + 64 * "f"}
        genesis = Chain(self, "Cancun", impossible["pre"]).genesis
        impossible.update(genesisBlockHeader=dict(genesis.header, hash=genesis.hash), genesisRLP="0x" + genesis.rlp().hex())
        block = Chain(self, "Cancun", impossible["pre"])
        rich = block.make().changed(withdrawalsRoot=chain.last.header["withdrawalsRoot"])
        rich.withdrawals = [WITHDRAWAL]
        impossible["blocks"] = [{"rlp": "0x" + rich.rlp().hex(), "blockHeader": dict(rich.header, hash=rich.hash)}]
        result = self.assert_status(1, self.blocktest({"impossible": impossible, "good": chain.fixture()}))
        self.assertEqual("1 passed, 1 failed, 0 skipped", result.out.splitlines()[-1])
        self.assertIn("add_balance", result.out)

    def test_json_names_the_failure(self):
        fixture = self.small_chain().fixture()
        fixture["lastblockhash"] = "0x" + 64 * "0"
        report = self.blocktest({"t": fixture}, "--json").json()
        self.assertEqual((0, 1, 0), (report["passed"], report["failed"], report["skipped"]))
        self.assertEqual("t", report["failures"][0]["test"])


if __name__ == "__main__":
    unittest.main()
