"""The SDK's example contracts and programs, built with Debian's compilers where they are, deployed and called."""

import json
import os
import pathlib
import unittest

from support import CliTest

BUILT = pathlib.Path(os.environ["RVM_SHARE"]) / "contracts"
SENDER = "0xca11e40000000000000000000000000000000000"
ALICE, BOB = "00" * 19 + "aa", "00" * 19 + "bb"
# Init code that deploys `PUSH0 PUSH0 REVERT`, and one that deploys `CALLVALUE PUSH0 SSTORE STOP`.
REFUSES, KEEPS = "625f5ffd5f526003601df3", "63345f55005f526004601cf3"


def built(name):
    return unittest.skipUnless((BUILT / name).exists(), f"{name} is not built: its compiler is not installed")


class ContractsTest(CliTest):
    def setUp(self):
        super().setUp()
        self.world = self.folder / "world.json"
        self.world.write_text(json.dumps({SENDER: {"balance": "0x2710"}}))

    def deploy(self, file, *words):
        done = self.assert_status(0, self.rvm("deploy", file, "--state", self.world, "--json", *words))
        return done.json()["address"]

    def deploy_evm(self, init):
        return self.deploy(self.write("init.hex", init), "--format", "evm")

    def call(self, address, data, *words, status=0):
        return self.assert_status(
            status, self.rvm("call", address, "--state", self.world, "--input", data, "--json", *words)).json()

    def account(self, address):
        return json.loads(self.world.read_text())["0x" + address[-40:]]

    @built("token.wasm")
    def test_a_token_in_c(self):
        token = self.deploy(BUILT / "token.wasm")

        def balance(of):
            return int(self.call(token, "00" + of[-40:])["output"], 16)

        self.assertEqual(1_000_000, balance(SENDER))
        sent = self.call(token, "01" + ALICE + f"{400_000:064x}")
        self.assertEqual(1, int(sent["output"], 16))
        self.assertEqual(1, len(sent["logs"]))
        self.assertEqual((600_000, 400_000), (balance(SENDER), balance(ALICE)))
        refused = self.call(token, "01" + ALICE + f"{600_001:064x}", status=1)
        self.assertEqual("0x" + b"too little".hex(), refused["output"])
        self.assertEqual(600_000, balance(SENDER))
        self.call(token, "01" + SENDER[-40:] + f"{600_000:064x}")
        self.assertEqual(600_000, balance(SENDER))

    @built("splitter.wasm")
    def test_a_splitter_in_rust_calls_evm_code_and_undoes_everything(self):
        splitter = self.deploy(BUILT / "splitter.wasm")
        keeps, refuses = self.deploy_evm(KEEPS), self.deploy_evm(REFUSES)
        done = self.call(splitter, ALICE + keeps[-40:], "--value", "101")
        self.assertEqual((50, 2), (int(done["output"], 16), len(done["logs"])))
        self.assertEqual(["0x32", "0x32", "0x1"], [self.account(at)["balance"] for at in (ALICE, keeps, splitter)])
        self.assertEqual({"0x0": "0x32"}, {hex(int(key, 16)): hex(int(value, 16))
                                           for key, value in self.account(keeps)["storage"].items()})
        before = self.world.read_text()
        undone = self.call(splitter, ALICE + refuses[-40:] + BOB, "--value", "99", status=1)
        self.assertEqual(refuses, undone["output"])
        self.assertEqual(before, self.world.read_text())

    @built("count.wasm")
    def test_an_ordinary_program_in_c(self):
        tree = self.folder / "tree"
        tree.mkdir()
        (tree / "poem.txt").write_text("one two\nthree\n")
        done = self.rvm("wasm", "run", BUILT / "count.wasm", "--dir", tree, "poem.txt")
        self.assertEqual((0, "2 3 14 poem.txt\n"), (done.status, done.out), done)
        missing = self.rvm("wasm", "run", BUILT / "count.wasm", "--dir", tree, "poem.txt", "prose.txt")
        self.assertEqual(1, missing.status, missing)
        self.assertIn("prose.txt: No such file or directory", missing.err)

    @built("sort.wasm")
    def test_an_ordinary_program_in_rust(self):
        lines = self.write("lines", "pear\napple\nfig\n")
        words = ("wasm", "run", BUILT / "sort.wasm", "--stdin", lines)
        self.assertEqual("apple\nfig\npear\n", self.rvm(*words).out)
        self.assertEqual("pear\nfig\napple\n", self.rvm(*words, "--env", "REVERSE=1").out)


if __name__ == "__main__":
    unittest.main()
