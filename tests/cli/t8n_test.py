"""`rvm t8n`: geth's flags, geth's JSON, and roots that published block tests confirm."""

import json
import os
import pathlib
import unittest

from blockchain import MINER, SENDER, ZERO, raw, transfer
from ethereum import keccak256, rlp, state_root
from support import CliTest

FIXTURES = pathlib.Path(os.environ.get("RVM_FIXTURES", "")) / "ethereum/blockchain"
ALLOC = {SENDER: {"balance": hex(10**18)}}
ENV = {"currentCoinbase": MINER, "currentDifficulty": "0x20000", "currentGasLimit": "0x1c9c380", "currentNumber": "0x1",
       "currentTimestamp": "0x3e8"}
MERGED = {"currentCoinbase": MINER, "currentGasLimit": "0x1c9c380", "currentNumber": "0x1", "currentTimestamp": "0x3e8",
          "currentRandom": ZERO, "currentBaseFee": "0x7", "withdrawals": []}
CANCUN = dict(MERGED, currentExcessBlobGas="0x0", parentBeaconBlockRoot=ZERO)
# LOG1 with one word of memory, topic 0x42
LOGGER = {"0x00000000000000000000000000000000000000cc": {"balance": "0x0", "code": "0x604260206000a100"}}


class T8n(CliTest):
    def t8n(self, *arguments, alloc=ALLOC, env=ENV, txs=(), fork="Berlin"):
        given = json.dumps({"alloc": alloc, "env": env, "txs": list(txs) if not isinstance(txs, str) else txs})
        return self.rvm("t8n", "--input.alloc=stdin", "--input.env=stdin", "--input.txs=stdin", "--state.fork=" + fork,
                        "--output.result=stdout", "--output.alloc=stdout", "--output.body=stdout", *arguments, stdin=given)

    def result(self, *arguments, **options):
        return self.assert_status(0, self.t8n(*arguments, **options)).json()

    def test_a_transfer(self):
        out = self.result(txs=[transfer(0, value=1000)])
        result = out["result"]
        self.assertEqual("0x5208", result["gasUsed"])
        self.assertNotIn("rejected", result)
        receipt = result["receipts"][0]
        self.assertEqual(("0x0", "0x1", "0x5208", "0x5208", "0x0"), tuple(receipt[name] for name in (
            "type", "status", "gasUsed", "cumulativeGasUsed", "transactionIndex")))
        self.assertEqual("0x", receipt["root"])
        fee = 21000 * 10**10
        self.assertEqual({"balance": hex(10**18 - 1000 - fee), "nonce": "0x1"}, out["alloc"][SENDER])
        self.assertEqual({"balance": hex(1000)}, out["alloc"]["0x" + 38 * "0" + "aa"])
        self.assertEqual({"balance": hex(fee)}, out["alloc"][MINER])

    def test_roots_are_those_of_the_parts(self):
        out = self.result(txs=[transfer(0)])
        body = raw(out["body"])
        self.assertEqual(0xf8, body[0])
        transaction = body[2:]  # a list of one transaction, whose size needs one byte
        self.assertEqual("0x" + keccak256(transaction).hex(), out["result"]["receipts"][0]["transactionHash"])
        leaf = rlp([bytes([0x20]) + bytes([0x80]), transaction])  # the key is RLP(0)
        self.assertEqual("0x" + keccak256(leaf).hex(), out["result"]["txRoot"])

    def test_the_state_root_is_that_of_the_alloc(self):
        """By the tests' own trie."""
        contract = {"0x00000000000000000000000000000000000000dd": {
            "balance": "0x1", "nonce": "0x1", "code": "0x6001600255600160035500", "storage": {"0x1": "0x2", "0x3": "0x4"}}}
        out = self.result(alloc=dict(ALLOC, **contract), txs=[transfer(0, gas="0x1ffff", to=list(contract)[0])])
        state = {raw(address): {"balance": int(fields["balance"], 16), "nonce": int(fields.get("nonce", "0x0"), 16),
                                "code": raw(fields.get("code", "0x")),
                                "storage": {int(key, 16): int(value, 16) for key, value in fields.get("storage", {}).items()}}
                 for address, fields in out["alloc"].items()}
        self.assertEqual({1: 2, 2: 1, 3: 1}, state[raw(list(contract)[0])]["storage"])
        self.assertEqual("0x" + state_root(state).hex(), out["result"]["stateRoot"])

    def test_what_cannot_be_applied_is_rejected_and_the_rest_goes_on(self):
        result = self.result(txs=[transfer(5), transfer(0), transfer(0), transfer(1, gas="0x1"), {"nonce": "0x1"},
                                  transfer(1, protected="no")])["result"]
        self.assertEqual(1, len(result["receipts"]))
        self.assertEqual([0, 2, 3, 4, 5], [entry["index"] for entry in result["rejected"]])
        self.assertRegex(result["rejected"][0]["error"], "nonce_too_high")
        self.assertRegex(result["rejected"][1]["error"], "nonce_too_low")
        self.assertRegex(result["rejected"][2]["error"], "intrinsic_gas")
        self.assertRegex(result["rejected"][3]["error"], "missing")
        self.assertRegex(result["rejected"][4]["error"], "protected")

    def test_logs_and_their_bloom(self):
        out = self.result(alloc=dict(ALLOC, **LOGGER), txs=[transfer(0, value=0, gas="0xffff", to=list(LOGGER)[0])])
        log = out["result"]["receipts"][0]["logs"][0]
        self.assertEqual((list(LOGGER)[0], ["0x" + 62 * "0" + "42"], "0x" + 64 * "0", "0x0"),
                         (log["address"], log["topics"], log["data"], log["logIndex"]))
        bloom = int(out["result"]["logsBloom"], 16)
        self.assertLessEqual(1, bin(bloom).count("1"))
        for item in (raw(list(LOGGER)[0]), raw(log["topics"][0])):
            digest = keccak256(item)
            for at in (0, 2, 4):
                self.assertTrue(bloom >> ((digest[at] << 8 | digest[at + 1]) & 2047) & 1)
        logs = rlp([[raw(log["address"]), [raw(topic) for topic in log["topics"]], raw(log["data"])]])
        self.assertEqual("0x" + keccak256(logs).hex(), out["result"]["logsHash"])

    def test_an_account_that_is_there_twice(self):
        address = SENDER[2:].lower()
        found = self.t8n(alloc={"0x" + address: {"balance": "0x1"}, "0x" + address.upper(): {"balance": "0x2"}})
        self.assertIn(f'"alloc": account 0x{address} is there twice', self.assert_status(1, found).err)

    def test_rewards(self):
        self.assertEqual(hex(2 * 10**18), self.result("--state.reward", str(2 * 10**18))["alloc"][MINER]["balance"])
        self.assertNotIn(MINER, self.result("--state.reward=-1")["alloc"])
        ommers = dict(ENV, ommers=[{"delta": 1, "address": "0x" + 40 * "b"}])
        alloc = self.result("--state.reward=3200", env=ommers)["alloc"]
        self.assertEqual((hex(3300), hex(2800)), (alloc[MINER]["balance"], alloc["0x" + 40 * "b"]["balance"]))

    def test_before_byzantium_receipts_have_roots(self):
        result = self.result(txs=[transfer(0)], fork="Homestead")["result"]
        self.assertEqual(result["stateRoot"], result["receipts"][0]["root"])

    def test_difficulty_and_base_fee_come_from_the_parent(self):
        env = dict(ENV, currentTimestamp="0xa", parentTimestamp="0x0", parentDifficulty="0x1f4000", parentBaseFee="0x3e8",
                   parentGasUsed="0x0", parentGasLimit="0x1c9c380")
        del env["currentDifficulty"]
        result = self.result(env=env, fork="London")["result"]
        self.assertEqual(("0x1f4000", hex(875)), (result["currentDifficulty"], result["currentBaseFee"]))

    def test_withdrawals(self):
        env = dict(MERGED, withdrawals=[{"index": "0x0", "validatorIndex": "0x0", "address": "0x" + 40 * "b", "amount": "0x2"}])
        out = self.result(env=env, fork="Shanghai")
        self.assertEqual(hex(2 * 10**9), out["alloc"]["0x" + 40 * "b"]["balance"])
        withdrawal = rlp([b"", b"", raw("0x" + 40 * "b"), b"\x02"])
        leaf = rlp([bytes([0x20, 0x80]), withdrawal])
        self.assertEqual("0x" + keccak256(leaf).hex(), out["result"]["withdrawalsRoot"])

    def test_cancun_has_blob_fields(self):
        result = self.result(env=CANCUN, fork="Cancun")["result"]
        self.assertEqual(("0x0", "0x0"), (result["blobGasUsed"], result["currentExcessBlobGas"]))
        env = dict(CANCUN, parentExcessBlobGas="0x80000", parentBlobGasUsed="0x20000")
        del env["currentExcessBlobGas"]
        self.assertEqual("0x40000", self.result(env=env, fork="Cancun")["result"]["currentExcessBlobGas"])

    def test_chain_id_is_signed(self):
        one = self.result(txs=[transfer(0)])
        other = self.result("--state.chainid", "1337", txs=[transfer(0)])
        self.assertNotEqual(one["body"], other["body"])
        self.assertEqual(one["alloc"], other["alloc"])
        unprotected = self.result("--state.chainid", "1337", txs=[transfer(0, protected=False)])
        self.assertEqual(one["alloc"], unprotected["alloc"])
        foreign = self.result("--state.chainid", "1337", txs=one["body"])
        self.assertRegex(foreign["result"]["rejected"][0]["error"], "wrong_chain")

    def test_transactions_as_rlp(self):
        first = self.result(txs=[transfer(0), transfer(1)])
        again = self.result(txs=first["body"])
        self.assertEqual(first, again)

    def test_files_in_and_out(self):
        self.write("a.json", json.dumps(ALLOC))
        self.write("e.json", json.dumps(ENV))
        self.write("t.json", json.dumps([transfer(0)]))
        done = self.rvm("t8n", "--input.alloc", "a.json", "--input.env", "e.json", "--input.txs", "t.json", "--state.fork",
                        "Berlin", "--output.basedir", "out", "--output.body", "body.rlp")
        self.assert_status(0, done)
        self.assertEqual("", done.out)
        expected = self.result(txs=[transfer(0)])
        for file, name in (("alloc.json", "alloc"), ("result.json", "result"), ("body.rlp", "body")):
            self.assertEqual(expected[name], json.loads((self.folder / "out" / file).read_text()))

    def test_traces_are_files(self):
        txs = [transfer(0), transfer(1, value=0, gas="0xffff", to=list(LOGGER)[0])]
        out = self.result("--trace", "--output.basedir", "traces", alloc=dict(ALLOC, **LOGGER), txs=txs)
        hashes = [receipt["transactionHash"] for receipt in out["result"]["receipts"]]
        names = sorted(path.name for path in (self.folder / "traces").iterdir())
        self.assertEqual([f"trace-{i}-{hash}.jsonl" for i, hash in enumerate(hashes)], names)
        lines = [json.loads(line) for line in (self.folder / "traces" / names[1]).read_text().splitlines()]
        self.assertEqual(["PUSH1", "PUSH1", "PUSH1", "LOG1", "STOP"], [line["opName"] for line in lines if "opName" in line])

    def test_wrong_use(self):
        self.assert_refused(2, "--state.fork", self.rvm("t8n", "--state.fork", "Nowhere"))
        self.assert_refused(2, "--nothing", self.rvm("t8n", "--nothing", "1"))
        self.assert_refused(2, "needs a value", self.rvm("t8n", "--input.env"))
        self.assert_refused(2, "--state.reward", self.rvm("t8n", "--state.reward", "much"))
        missing = self.rvm("t8n")
        self.assert_refused(2, "--input.alloc: expected a JSON file, found alloc.json: No such file", missing)
        self.assert_refused(1, "standard input", self.rvm("t8n", "--input.alloc=stdin", stdin="{"))
        self.assert_refused(1, "currentRandom", self.t8n(env=dict(ENV, currentBaseFee="0x7"), fork="Paris"))
        self.assert_refused(1, "withdrawals", self.t8n(env={k: v for k, v in MERGED.items() if k != "withdrawals"}, fork="Shanghai"))
        self.assert_refused(1, "parentBeaconBlockRoot", self.t8n(env=MERGED, fork="Cancun"))
        self.assert_refused(1, "currentBaseFee", self.t8n(fork="London"))

    def test_first_blocks_of_published_tests(self):
        """The first valid block of published tests, made again: every root of its header comes out."""
        if not FIXTURES.is_dir():
            self.skipTest("published blocks NOT RUN: set RVM_FIXTURES to the unpacked conformance data")
        files = sorted(path for path in FIXTURES.rglob("*.json") if path.stat().st_size < 1 << 18)[::60]
        compared = 0
        for file in files:
            for name, test in list(json.loads(file.read_text()).items())[:2]:
                block = test["blocks"][0]
                if "At" in test["network"] or "blockHeader" not in block or block["uncleHeaders"]:
                    continue
                with self.subTest(file=file.name, test=name):
                    self.compare(test, block)
                    compared += 1
        self.assertGreater(compared, 15)

    def compare(self, test, block):
        header, genesis = block["blockHeader"], test["genesisBlockHeader"]
        env = {"currentCoinbase": header["coinbase"], "currentGasLimit": header["gasLimit"],
               "currentNumber": header["number"], "currentTimestamp": header["timestamp"],
               "currentDifficulty": header["difficulty"], "currentRandom": header["mixHash"],
               "parentBaseFee": genesis.get("baseFeePerGas"), "parentGasUsed": genesis["gasUsed"],
               "parentGasLimit": genesis["gasLimit"], "parentExcessBlobGas": genesis.get("excessBlobGas"),
               "parentBlobGasUsed": genesis.get("blobGasUsed"), "parentBeaconBlockRoot": header.get("parentBeaconBlockRoot"),
               "withdrawals": block.get("withdrawals"), "blockHashes": {genesis["number"]: genesis["hash"]}}
        rewards = {"Frontier": 5, "Homestead": 5, "EIP150": 5, "EIP158": 5, "Byzantium": 3}
        merged = int(header["difficulty"], 16) == 0
        reward = "-1" if merged else str(rewards.get(test["network"], 2) * 10**18)
        transactions = "0x" + transactions_of(raw(block["rlp"])).hex()
        result = self.result("--state.reward", reward, alloc=test["pre"], env=env, txs=transactions, fork=test["network"])["result"]
        self.assertNotIn("rejected", result)
        names = {"stateRoot": "stateRoot", "txRoot": "transactionsTrie", "receiptsRoot": "receiptTrie", "gasUsed": "gasUsed",
                 "logsBloom": "bloom", "currentBaseFee": "baseFeePerGas", "withdrawalsRoot": "withdrawalsRoot",
                 "blobGasUsed": "blobGasUsed", "currentExcessBlobGas": "excessBlobGas", "requestsHash": "requestsHash"}
        expected = {ours: header[theirs] for ours, theirs in names.items() if theirs in header}
        plain = lambda fields: {key: int(value, 16) for key, value in fields.items()}
        self.assertEqual(plain(expected), plain({key: result[key] for key in expected}))


def transactions_of(block):
    """The second item of a block's list."""
    def split(data):
        first = data[0]
        if first < 0xc0:
            raise ValueError("expected a list")
        if first < 0xf8:
            return 1, 1 + first - 0xc0
        count = first - 0xf7
        return 1 + count, 1 + count + int.from_bytes(data[1:1 + count], "big")

    start, _ = split(block)
    rest = block[start:]
    rest = rest[split(rest)[1]:]
    return rest[:split(rest)[1]]


if __name__ == "__main__":
    unittest.main()
