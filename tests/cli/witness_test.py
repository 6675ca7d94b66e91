"""Witnesses: what t8n and blocktest record is enough to do it again alone, and nothing less is."""

import copy
import json
import os
import pathlib
import unittest

from blockchain import Block, Chain, MINER, SENDER, header_rlp, listed, raw, transfer
from ethereum import keccak256
from support import CliTest

FIXTURES = pathlib.Path(os.environ.get("RVM_FIXTURES", "")) / "ethereum"
ENV = {"currentCoinbase": MINER, "currentDifficulty": "0x20000", "currentGasLimit": "0x1c9c380", "currentNumber": "0x1",
       "currentTimestamp": "0x3e8"}
RICH = {SENDER: {"balance": hex(10**18)}}


def word(value):
    return "0x" + value.to_bytes(32, "big").hex()


def address(number):
    return "0x" + number.to_bytes(20, "big").hex()


def contract(code, slots=None, **fields):
    return dict({"balance": "0x0", "nonce": "0x1", "code": "0x" + code, "storage": slots or {}}, **fields)


def call(to, data="0x", nonce=0, **fields):
    return transfer(nonce, value=0, to=to, input=data, gas="0x7a120", **fields)


def flipped(text):
    """One digit in the middle changed."""
    at = len(text) // 2
    return text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1:]


# Stores 0 in the slot that the input names; loads it; pays nothing to the account that it names; asks for its balance.
CLEAR, LOAD, TOUCH, BALANCE = "600060003555", "60003554", "6000600060006000600060003561fffff1", "60003531"
TARGET = address(0xcc)


class Witness(CliTest):
    def t8n(self, *arguments, fork="Berlin", env=ENV, txs=(), **parts):
        given = json.dumps(dict(parts, env=env, txs=list(txs)))
        state = "--input.witness=stdin" if "witness" in parts else "--input.alloc=stdin"
        return self.rvm("t8n", state, "--input.env=stdin", "--input.txs=stdin", "--state.fork=" + fork,
                        "--output.result=stdout", "--output.alloc=", *arguments, stdin=given)

    def record(self, alloc, txs, **options):
        """The witness, after it gave the same result in a process that knows nothing else."""
        done = self.t8n("--output.witness=stdout", alloc=dict(RICH, **alloc), txs=txs, **options)
        out = self.assert_status(0, done).json()
        alone = self.assert_status(0, self.t8n(witness=out["witness"], txs=txs, **options)).json()
        self.assertEqual(out["result"], alone["result"])
        self.assertNotIn("rejected", out["result"])
        return out["witness"]

    def assert_insufficient(self, reason, witness, txs, **options):
        done = self.t8n(witness=witness, txs=txs, **options)
        self.assert_status(1, done)
        self.assertRegex(done.err, "^error RVM-U05: the witness: " + reason)
        self.assertEqual("", done.out)

    def assert_needs_everything(self, witness, txs, changes=False, **options):
        """Each node, code and key taken away; with `changes` also each node and code changed."""
        for part, reason in (("state", "node 0x[0-9a-f]{64} at depth [0-9]+: the witness does not have it"),
                             ("codes", "the code of account 0x[0-9a-f]{40} is missing")):
            for index, item in enumerate(witness[part]):
                for others in ([], [flipped(item)])[:2 if changes else 1]:
                    less = copy.deepcopy(witness)
                    less[part][index:index + 1] = others
                    with self.subTest(part=part, index=index, changed=bool(others)):
                        self.assert_insufficient(reason, less, txs, **options)
        for index, key in enumerate(witness["keys"]):
            less = copy.deepcopy(witness)
            del less["keys"][index]
            if len(key) == 42:  # with its slots, which would be another account's
                while index < len(less["keys"]) and len(less["keys"][index]) == 66:
                    del less["keys"][index]
            with self.subTest(key=key):
                what = "account " + key if len(key) == 42 else f"slot {hex(int(key, 16))} of account 0x[0-9a-f]{{40}}"
                self.assert_insufficient(what + " is read, and the witness does not name it", less, txs, **options)

    def test_reads_and_writes(self):
        alloc = {TARGET: contract(LOAD + "600101" + "60003555" + "00", {word(n): word(n + 5) for n in range(40)}),
                 **{address(n): {"balance": "0x1"} for n in range(0x1000, 0x1040)}}
        txs = [call(TARGET, word(7))]
        witness = self.record(alloc, txs)
        self.assertEqual([TARGET, word(7), MINER, SENDER], witness["keys"])
        self.assertEqual(["0x" + LOAD + "6001016000355500"], witness["codes"])
        self.assertLess(len(witness["state"]), 14)
        self.assert_needs_everything(witness, txs, changes=True)

    def test_order_and_more_than_needed_do_not_matter(self):
        txs = [call(TARGET, word(1))]
        witness = self.record({TARGET: contract(CLEAR, {word(1): word(1), word(2): word(1)})}, txs)
        expected = self.t8n(witness=witness, txs=txs).json()
        more = dict(witness, state=["0xc22001"] + witness["state"][::-1], codes=witness["codes"] + ["0x00"])
        self.assertEqual(expected, self.assert_status(0, self.t8n(witness=more, txs=txs)).json())

    def test_absent_slots_and_accounts_are_proved(self):
        others = {address(n): {"balance": "0x1"} for n in range(0x1000, 0x1020)}
        slots = {word(n): word(1) for n in range(20)}
        alloc = dict(others, **{TARGET: contract(LOAD + BALANCE + "00", slots)})
        txs = [call(TARGET, word(0xdead))]
        witness = self.record(alloc, txs)
        self.assertIn(address(0xdead), witness["keys"])
        self.assertIn(word(0xdead), witness["keys"])
        self.assert_needs_everything(witness, txs)

    def test_a_cleared_slot_brings_the_node_that_moves_up(self):
        """Two slots, one is cleared: the other is a leaf at the top afterwards, and nobody read it."""
        txs = [call(TARGET, word(1))]
        slots = {word(1): word(0xaaaa), word(2): word(0xbbbb)}
        witness = self.record({TARGET: contract(CLEAR, slots)}, txs)
        self.assertNotIn(word(2), witness["keys"])
        self.assertTrue(any(node.endswith("82bbbb") for node in witness["state"]))
        reading = self.record({TARGET: contract(LOAD + "00", slots)}, txs)
        self.assertFalse(any(node.endswith("82bbbb") for node in reading["state"]))
        self.assert_needs_everything(witness, txs)

    def test_an_emptied_storage(self):
        txs = [call(TARGET, word(1))]
        self.assert_needs_everything(self.record({TARGET: contract(CLEAR, {word(1): word(9)})}, txs), txs)

    def test_a_removed_account_brings_the_node_that_moves_up(self):
        """Paying nothing removes an empty account (EIP-161); several, so that one has a single neighbour."""
        empty = {address(n): {"balance": "0x0"} for n in range(0x2000, 0x2006)}
        txs = [call(TARGET, word(0x2000 + n), nonce=n) for n in range(6)]
        witness = self.record(dict(empty, **{TARGET: contract(TOUCH)}), txs)
        self.assert_needs_everything(witness, txs)

    def test_a_destroyed_contract_and_what_comes_after_it(self):
        """Its slots are read before it goes, and are nobody's business when it has come back (EIP-1014)."""
        runtime = LOAD + "50602035600c57" + "00" + "5b33ff"  # loads a slot; destroys itself when told so
        size = len(runtime) // 2
        init = "6009600755" + f"60{size:02x}60{0x11:02x}600039" + f"60{size:02x}6000f3" + runtime
        maker = address(0xfa)
        length = len(init) // 2
        # CREATE2(0, memory, salt 0) of the code behind the maker's own
        code = f"60{length:02x}6012600039" + f"600060{length:02x}60006000f5" + "00"
        code += "00" * (0x12 - len(code) // 2) + init
        made = "0x" + keccak256(b"\xff" + raw(maker) + bytes(32) + keccak256(bytes.fromhex(init)))[12:].hex()
        alloc = {maker: contract(code), made: contract(runtime, {word(7): word(9), word(8): word(3)})}
        txs = [call(made, word(8) + word(1)[2:], 0), call(maker, "0x", 1), call(made, word(5) + word(0)[2:], 2)]
        witness = self.record(alloc, txs)
        slots = witness["keys"][witness["keys"].index(made) + 1:]
        self.assertEqual(word(8), slots[0])
        self.assertNotIn(word(5), witness["keys"])
        self.assert_needs_everything(witness, txs)

    def test_an_account_that_a_creation_collides_with_for_its_slots(self):
        """EIP-7610: a slot is named although none is read."""
        created = "0x" + keccak256(b"\xd6\x94" + raw(SENDER) + b"\x80")[12:].hex()
        alloc = {created: {"balance": "0x1", "storage": {word(3): word(4), word(5): word(6)}}}
        txs = [transfer(0, value=0, to=None, input="0x00", gas="0x7a120")]
        witness = self.record(alloc, txs)
        self.assertEqual(word(3), witness["keys"][witness["keys"].index(created) + 1])
        less = copy.deepcopy(witness)
        less["keys"].remove(word(3))
        self.assert_insufficient(f"account {created} has slots, of which the witness names none", less, txs)

    def test_a_program_that_has_a_balance(self):
        """Calling it reads whether it is empty, and nothing else of it."""
        identity = address(4)
        for fork in ("Berlin", "Homestead"):
            with self.subTest(fork=fork):
                witness = self.record({identity: {"balance": "0x5"}}, [call(identity)], fork=fork)
                self.assertIn(identity, witness["keys"])

    def test_many_transactions_on_every_fork(self):
        slots = {word(n): word(n + 1) for n in range(16)}
        alloc = {TARGET: contract(CLEAR, slots), address(0xdd): contract(LOAD + "600101" + "60003555", slots)}
        txs = [call(TARGET, word(n), nonce=2 * n) for n in range(4)]
        txs += [call(address(0xdd), word(3 * n), nonce=2 * n + 1) for n in range(4)]
        txs.sort(key=lambda tx: int(tx["nonce"], 16))
        for fork in ("Frontier", "EIP158", "Byzantium", "Istanbul"):
            with self.subTest(fork=fork):
                self.record(alloc, [dict(tx, protected=fork == "Istanbul") for tx in txs], fork=fork)

    def test_refused_documents(self):
        txs = [call(TARGET, word(1))]
        good = self.record({TARGET: contract(LOAD, {word(1): word(1)})}, txs)
        for changes, reason in (({"preStateRoot": "0x12"}, '"preStateRoot": expected 32 bytes, found 1'),
                                ({"state": None}, '"state" is missing'), ({"codes": "0x"}, '"codes": expected an array'),
                                ({"keys": ["0x1234"]}, '"keys": expected 20 bytes .* found 2'),
                                ({"keys": [word(1)]}, '"keys": expected an address first, found a slot'),
                                ({"state": ["0x1"]}, '"state": expected an even number of hex digits'),
                                ({"preStateRoot": word(1)}, "node " + word(1) + " at depth 0: the witness does not have it")):
            with self.subTest(reason=reason):
                done = self.t8n(witness=dict(good, **changes), txs=txs)
                self.assert_status(1, done)
                self.assertRegex(done.err, reason)
        junk = "0xc2" + "2180"
        root = "0x" + keccak256(raw(junk)).hex()
        self.assert_insufficient(f"node {root} at depth 0: expected a path, found the prefix 33",
                                 dict(good, preStateRoot=root, state=[junk]), txs)
        both = self.t8n("--output.witness=w.json", witness=good, txs=txs)
        self.assert_refused(2, "--output.witness", both)

    def chain(self):
        """Three blocks; code in the last asks for the hash of the genesis block."""
        asking = {TARGET: contract("600040" + "600055" + "00")}
        chain = Chain(self, "Cancun", dict(RICH, **asking))
        chain.add([transfer(0, gasPrice=hex(10**10))])
        chain.add([transfer(1)])
        chain.add([call(TARGET, nonce=2)])
        return chain

    def test_blocks(self):
        chain = self.chain()
        self.write("chain.json", json.dumps({"chain": chain.fixture()}))
        self.assert_status(0, self.rvm("blocktest", "--witness=out", "chain.json"))
        files = sorted((self.folder / "out").iterdir())
        self.assertEqual([f"witness-{n}-{block['blockHeader']['hash']}.json" for n, block in enumerate(chain.steps, 1)],
                         [file.name for file in files])
        done = self.assert_status(0, self.rvm("blocktest", "out"))
        self.assertEqual("3 passed, 0 failed, 0 skipped", done.out.splitlines()[-1])
        documents = [json.loads(file.read_text()) for file in files]
        self.assertEqual([1, 1, 3], [len(document["witness"]["headers"]) for document in documents])

        def assert_fails(reason, document):
            self.write("one.json", json.dumps(document))
            failed = self.assert_status(1, self.rvm("blocktest", "one.json"))
            self.assertRegex(failed.out, "from its witness alone\\W+" + reason)

        last = documents[2]
        changed = lambda **fields: dict(last, witness=dict(last["witness"], **fields))
        headers = last["witness"]["headers"]
        assert_fails("the witness: the header of the parent is missing", changed(headers=[]))
        assert_fails("the witness: the header with the hash " + chain.genesis.hash + " is missing", changed(headers=headers[:2]))
        assert_fails("the witness: header 1 has the hash .*, expected", changed(headers=[headers[0], headers[2]]))
        assert_fails("the witness: header 0 has the hash .*, expected", changed(headers=[flipped(headers[0])] + headers[1:]))
        assert_fails("the witness: its root is .*, expected the parent's", changed(preStateRoot=word(1)))
        for index in range(len(last["witness"]["state"])):
            nodes = list(last["witness"]["state"])
            nodes[index] = flipped(nodes[index])
            assert_fails("the witness: node", changed(state=nodes))
        wrong = copy.deepcopy(last)
        header = dict(chain.last.header, stateRoot=word(1))
        wrong["block"] = "0x" + chain.last.changed(stateRoot=word(1)).rlp().hex()
        self.assertNotEqual(header, chain.last.header)
        assert_fails("the block was refused: state root is " + word(1), wrong)

    def test_ommers_that_no_reward_is_for(self):
        """Who an ommer's parent is needs the chain; how far back it is and how many there are does not."""
        chain = Chain(self, "London", RICH)
        rival = chain.make(coinbase="0x" + 40 * "c", wait=13).header
        for _ in range(6):
            chain.add(wait=14)
        chain.add(ommers=[rival], wait=15)  # six back, the farthest
        self.write("chain.json", json.dumps({"chain": chain.fixture()}))
        self.assert_status(0, self.rvm("blocktest", "--witness=out", "chain.json"))
        file = next((self.folder / "out").glob("witness-7-*"))
        self.assert_status(0, self.rvm("blocktest", str(file)))
        document, block = json.loads(file.read_text()), chain.last

        def refusal(*ommers):
            hashed = "0x" + keccak256(listed(b"".join(map(header_rlp, ommers)))).hex()
            changed = Block(dict(block.header, uncleHash=hashed), block.body, None, ommers, block.alloc)
            self.write("one.json", json.dumps(dict(document, block="0x" + changed.rlp().hex())))
            return self.assert_status(1, self.rvm("blocktest", "one.json")).out

        for number in ("0x0", "0x7", "0x8", hex(2**64 - 1)):
            self.assertRegex(refusal(dict(rival, number=number)), "an ommer has the number " + str(int(number, 16)))
        self.assertIn("3 ommers, at most 2", refusal(rival, dict(rival, gasUsed="0x1"), dict(rival, gasUsed="0x2")))

    def test_options(self):
        self.write("chain.json", "{}")
        self.assert_refused(2, "--witness", self.rvm("statetest", "--witness=out", "chain.json"))
        self.assert_refused(2, "--witness", self.rvm("txtest", "--witness", "chain.json"))
        self.assert_refused(2, "expected a folder", self.rvm("blocktest", "--witness=chain.json/x", "chain.json"))

    def test_published_cases(self):
        """A sample, from witnesses alone: with them every root is the fixture's."""
        if not FIXTURES.is_dir():
            self.skipTest("published cases NOT RUN: set RVM_FIXTURES to the unpacked conformance data")
        for verb, area in (("statetest", "state/ethereum-tests/GeneralStateTests"), ("blocktest", "blockchain")):
            files = [path for path in sorted((FIXTURES / area).rglob("*.json")) if path.stat().st_size < 1 << 17][::12]
            done = self.rvm(verb, "--witness", "-", stdin="\n".join(map(str, files)))
            self.assert_status(0, done)
            self.assertGreater(int(done.out.split()[-6]), 100)


if __name__ == "__main__":
    unittest.main()
