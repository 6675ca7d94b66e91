"""Writes tests/data/ethereum/chains.json: small chains of some forks, with invalid blocks, branches and ommers.

    RVM_PROGRAM=... RVM_SHARE=... RVM_PLUGINS=... python3 -B make_chains.py

The roots in it come from `rvm t8n`; published block tests are what proves t8n. The file fixes them for a test without those.
"""

import json
import pathlib

import blocktest_test
from blockchain import transfer

CHAINS = ("Frontier", "Byzantium", "London", "Shanghai", "Cancun", "Osaka")
OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "ethereum" / "chains.json"

# Stores the number of its block and the hash of the one before, and logs both.
CONTRACT = {"0x00000000000000000000000000000000000000ee": {"balance": "0x0", "nonce": "0x1",
            "code": "0x4360005560014303406001554360005260014303406020526001604060" + "00a100"}}


class Maker(blocktest_test.BlockTest):
    def runTest(self):
        pass

    def chain(self, fork):
        chain = self.small_chain(fork, CONTRACT)
        to = list(CONTRACT)[0]
        chain.add([transfer(2, to=to, value=0, gas=hex(200_000))])
        point = chain.last
        good = chain.make([transfer(3)])
        for name, root in (("stateRoot", "STATE"), ("receiptTrie", "RECEIPTS"), ("transactionsTrie", "TRANSACTIONS")):
            chain.add_invalid(good.changed(**{name: "0x" + 64 * "1"}), f"INVALID_{root}_ROOT")
        if chain.since("Paris"):
            chain.add([transfer(3, value=7)])
            chain.last = point
            chain.add([transfer(3, to=to, value=0, gas=hex(200_000))])
        else:
            rival = chain.make(coinbase="0x" + 40 * "c", wait=13)
            chain.add(wait=14)
            chain.add(ommers=[rival.header], wait=15)
        return chain.fixture()


if __name__ == "__main__":
    maker = Maker()
    maker.setUp()
    text = json.dumps({fork: maker.chain(fork) for fork in CHAINS}, separators=(",", ":"))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text + "\n")
    maker.doCleanups()
    print(OUT, len(text))
