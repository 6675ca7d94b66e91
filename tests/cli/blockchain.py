"""A chain of Ethereum blocks that grows through `rvm t8n`, as a fixture of the block-test form."""

import json

from ethereum import integer, keccak256, rlp, state_root

EMPTY_OMMERS = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
EMPTY_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
ZERO = "0x" + 64 * "0"

# The key whose number is 1 and its address.
KEY = "0x" + 63 * "0" + "1"
SENDER = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"
MINER = "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba"


def raw(text):
    return bytes.fromhex(text[2:])


def number(value):
    """An integer, or its hex, as RLP wants it."""
    return integer(int(value, 16) if isinstance(value, str) else value)


def listed(payload):
    """An RLP list around items that are encoded already."""
    if len(payload) < 56:
        return bytes([0xc0 + len(payload)]) + payload
    size = integer(len(payload))
    return bytes([0xf7 + len(size)]) + size + payload


# Header fields in the order of their encoding: name in fixtures, and whether RLP writes it as a number.
HEADER = [("parentHash", 0), ("uncleHash", 0), ("coinbase", 0), ("stateRoot", 0), ("transactionsTrie", 0),
          ("receiptTrie", 0), ("bloom", 0), ("difficulty", 1), ("number", 1), ("gasLimit", 1), ("gasUsed", 1),
          ("timestamp", 1), ("extraData", 0), ("mixHash", 0), ("nonce", 0), ("baseFeePerGas", 1),
          ("withdrawalsRoot", 0), ("blobGasUsed", 1), ("excessBlobGas", 1), ("parentBeaconBlockRoot", 0),
          ("requestsHash", 0)]


def header_rlp(header):
    return rlp([number(header[name]) if is_number else raw(header[name]) for name, is_number in HEADER if name in header])


def transfer(nonce, value=1, **fields):
    """An unsigned legacy transaction for t8n."""
    transaction = {"nonce": hex(nonce), "gas": "0x5208", "gasPrice": hex(10**10), "value": hex(value),
                   "to": "0x00000000000000000000000000000000000000aa", "input": "0x", "secretKey": KEY}
    transaction.update(fields)
    return transaction


REWARDS = {"Frontier": 5000, "Homestead": 5000, "EIP150": 5000, "EIP158": 5000, "Byzantium": 3000, "Constantinople": 2000,
           "Istanbul": 2000, "Berlin": 2000, "London": 2000}  # milliether
FORKS = list(REWARDS) + ["Paris", "Shanghai", "Cancun", "Prague", "Osaka"]


class Block:
    """A block and the state after it. `withdrawals` is None before Shanghai."""

    def __init__(self, header, body, withdrawals, ommers, alloc):
        self.header, self.body, self.withdrawals, self.ommers, self.alloc = header, body, withdrawals, ommers, alloc

    @property
    def hash(self):
        return "0x" + keccak256(header_rlp(self.header)).hex()

    def rlp(self):
        parts = header_rlp(self.header) + self.body + listed(b"".join(map(header_rlp, self.ommers)))
        if self.withdrawals is not None:
            parts += rlp([[number(w["index"]), number(w["validatorIndex"]), raw(w["address"]), number(w["amount"])]
                          for w in self.withdrawals])
        return listed(parts)

    def changed(self, **fields):
        """The same block with other header fields; None takes one away."""
        header = {name: value for name, value in dict(self.header, **fields).items() if value is not None}
        return Block(header, self.body, self.withdrawals, self.ommers, self.alloc)


class Chain:
    """A chain of one fork, made by a test that can run rvm: `last` is its end, `steps` what a fixture imports."""

    def __init__(self, test, fork, alloc, gas_limit=30_000_000):
        self.test, self.fork, self.pre, self.steps = test, fork, alloc, []
        header = {"parentHash": ZERO, "uncleHash": EMPTY_OMMERS, "coinbase": "0x" + 40 * "0",
                  "stateRoot": self._root(alloc), "transactionsTrie": EMPTY_ROOT, "receiptTrie": EMPTY_ROOT,
                  "bloom": "0x" + 512 * "0", "difficulty": "0x0" if self.since("Paris") else "0x20000", "number": "0x0",
                  "gasLimit": hex(gas_limit), "gasUsed": "0x0", "timestamp": "0x0", "extraData": "0x", "mixHash": ZERO,
                  "nonce": "0x" + 16 * "0"}
        if self.since("London"):
            header["baseFeePerGas"] = hex(10**9)
        if self.since("Shanghai"):
            header["withdrawalsRoot"] = EMPTY_ROOT
        if self.since("Cancun"):
            header.update(blobGasUsed="0x0", excessBlobGas="0x0", parentBeaconBlockRoot=ZERO)
        if self.since("Prague"):
            header["requestsHash"] = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        self.genesis = self.last = Block(header, b"\xc0", [] if self.since("Shanghai") else None, [], alloc)
        self.hashes = {"0x0": self.genesis.hash}

    def since(self, fork):
        return FORKS.index(self.fork) >= FORKS.index(fork)

    @staticmethod
    def _root(alloc):
        """By the tests' own trie."""
        return "0x" + state_root({raw(address): {
            "balance": int(fields["balance"], 16), "nonce": int(fields.get("nonce", "0x0"), 16),
            "code": raw(fields.get("code", "0x")),
            "storage": {int(key, 16): int(value, 16) for key, value in fields.get("storage", {}).items()}}
            for address, fields in alloc.items()}).hex()

    def make(self, transactions=(), withdrawals=(), ommers=(), wait=12, coinbase=MINER):
        """A valid block on top of the chain, not added."""
        parent = self.last.header
        height = int(parent["number"], 16) + 1
        env = {"currentCoinbase": coinbase, "currentNumber": hex(height),
               "currentTimestamp": hex(int(parent["timestamp"], 16) + wait), "currentGasLimit": parent["gasLimit"],
               "currentRandom": ZERO, "parentBaseFee": parent.get("baseFeePerGas"), "parentGasUsed": parent["gasUsed"],
               "parentGasLimit": parent["gasLimit"], "parentTimestamp": parent["timestamp"],
               "parentDifficulty": parent["difficulty"], "parentUncleHash": parent["uncleHash"],
               "parentExcessBlobGas": parent.get("excessBlobGas"), "parentBlobGasUsed": parent.get("blobGasUsed"),
               "parentBeaconBlockRoot": ZERO, "withdrawals": list(withdrawals),
               "ommers": [{"delta": height - int(ommer["number"], 16), "address": ommer["coinbase"]} for ommer in ommers],
               "blockHashes": self.hashes}
        reward = "-1" if self.since("Paris") else str(REWARDS[self.fork] * 10**15)
        given = json.dumps({"alloc": self.last.alloc, "env": env, "txs": list(transactions)})
        done = self.test.rvm("t8n", "--input.alloc=stdin", "--input.env=stdin", "--input.txs=stdin", "--state.fork",
                             self.fork, "--state.reward", reward, "--output.alloc=stdout", "--output.result=stdout",
                             "--output.body=stdout", stdin=given)
        self.test.assert_status(0, done)
        made = done.json()
        result = made["result"]
        self.test.assertNotIn("rejected", result)
        header = dict(parent, parentHash=self.last.hash, coinbase=coinbase, stateRoot=result["stateRoot"],
                      transactionsTrie=result["txRoot"], receiptTrie=result["receiptsRoot"], bloom=result["logsBloom"],
                      uncleHash="0x" + keccak256(listed(b"".join(map(header_rlp, ommers)))).hex(),
                      difficulty=result["currentDifficulty"] or "0x0", number=env["currentNumber"],
                      gasUsed=result["gasUsed"], timestamp=env["currentTimestamp"])
        for name, of in (("baseFeePerGas", "currentBaseFee"), ("withdrawalsRoot", "withdrawalsRoot"),
                         ("blobGasUsed", "blobGasUsed"), ("excessBlobGas", "currentExcessBlobGas"),
                         ("requestsHash", "requestsHash")):
            if name in parent:
                header[name] = result[of]
        return Block(header, raw(made["body"]), list(withdrawals) if self.since("Shanghai") else None, list(ommers),
                     made["alloc"])

    def add(self, *arguments, **options):
        """A valid block on top of the chain."""
        self.last = self.make(*arguments, **options)
        self.hashes[self.last.header["number"]] = self.last.hash
        self.steps.append({"rlp": "0x" + self.last.rlp().hex(), "blockHeader": dict(self.last.header, hash=self.last.hash)})
        return self.last

    def add_invalid(self, block, why):
        """`why` is the published fixtures' name for the reason."""
        self.steps.append({"rlp": "0x" + block.rlp().hex(), "expectException": "BlockException." + why})

    def fixture(self):
        return {"network": self.fork, "config": {"network": self.fork, "chainid": "0x1"}, "sealEngine": "NoProof",
                "genesisBlockHeader": dict(self.genesis.header, hash=self.genesis.hash),
                "genesisRLP": "0x" + self.genesis.rlp().hex(), "pre": self.pre, "blocks": self.steps,
                "lastblockhash": self.last.hash, "postState": self.last.alloc}
