"""Builds state tests with expected post states computed here, in plain Python."""

import copy

from ethereum import address_of, alloc_json, hexed, logs_hash, state_root, write_json

SECRET = 0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8
SENDER = address_of(SECRET)
TARGET = bytes.fromhex("00000000000000000000000000000000000a11ce")
COINBASE = bytes.fromhex("2adc25665018aa1fe0e6bc666dac8fc2697ff9ba")
ETHER = 10**18
BASE_FEE = 7


class StateCase:
    """One transaction under one fork: change `tx` and `pre`, then say what `post` is or that it is refused."""

    def __init__(self, fork, **tx):
        self.fork = fork
        self.env = {"currentCoinbase": hexed(COINBASE), "currentGasLimit": hexed(60_000_000), "currentNumber": "0x1",
                    "currentTimestamp": "0x3e8", "currentDifficulty": "0x20000", "currentRandom": "0x0",
                    "currentBaseFee": hexed(BASE_FEE), "currentExcessBlobGas": "0x0"}
        self.pre = {SENDER: {"balance": ETHER}}
        self.tx = {"nonce": 0, "gasPrice": 10, "gas": 100_000, "to": TARGET, "value": 0, "data": b"", **tx}
        if "maxFeePerGas" in self.tx:
            del self.tx["gasPrice"]
        self.exception = None
        self.logs = ()
        self.post = None

    def refuse(self, exception):
        """The state stays as it is; `exception` is the published fixtures' name for the reason."""
        self.exception = "TransactionException." + exception
        self.post = copy.deepcopy(self.pre)
        return self

    def accept(self, gas_used, price=10, tip=None, blob_cost=0, value=None):
        """The sender pays, the coinbase gets `tip` a gas (all of the price before London), the target gets the value."""
        self.post = copy.deepcopy(self.pre)
        value = self.tx["value"] if value is None else value
        sender = self.post[SENDER]
        sender["nonce"] = sender.get("nonce", 0) + 1
        sender["balance"] -= gas_used * price + blob_cost + value
        fee = gas_used * (price if tip is None else tip)
        if fee:
            coinbase = self.post.setdefault(COINBASE, {})
            coinbase["balance"] = coinbase.get("balance", 0) + fee
        if value:
            target = self.post.setdefault(self.tx["to"], {})
            target["balance"] = target.get("balance", 0) + value
        return self

    def transaction(self):
        tx = self.tx
        out = {"nonce": hexed(tx["nonce"]), "gasLimit": [hexed(tx["gas"])], "to": hexed(tx["to"]) if tx["to"] else "",
               "value": [hexed(tx["value"])], "data": [hexed(tx["data"])], "sender": hexed(SENDER),
               "secretKey": hexed(SECRET)}
        for key in ("gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "maxFeePerBlobGas"):
            if key in tx:
                out[key] = hexed(tx[key])
        if "accessList" in tx:
            out["accessLists"] = [[{"address": hexed(a), "storageKeys": [hexed(k.to_bytes(32, "big")) for k in keys]}
                                   for a, keys in tx["accessList"]]]
        if "blobs" in tx:
            out["blobVersionedHashes"] = [hexed(blob) for blob in tx["blobs"]]
        if "authorizations" in tx:
            out["authorizationList"] = tx["authorizations"]
        return out

    def json(self):
        entry = {"hash": hexed(state_root(self.post)), "logs": hexed(logs_hash(self.logs)),
                 "indexes": {"data": 0, "gas": 0, "value": 0}, "state": alloc_json(self.post)}
        if self.exception:
            entry["expectException"] = self.exception
        return {"env": self.env, "pre": alloc_json(self.pre), "transaction": self.transaction(),
                "post": {self.fork: [entry]}, "config": {"chainid": "0x1"}}


def write_cases(path, cases):
    """`cases` is {name: StateCase}."""
    return write_json(path, {name: case.json() for name, case in cases.items()})
