"""An operator takes a new version of a plugin into use, and goes back: lock, diff, switch, over one state."""

import json
import os
import pathlib
import shutil
import unittest

from support import PLUGINS, CliTest

BUILT = pathlib.Path(os.environ["RVM_UPGRADE_PLUGINS"])
# Adds 1 to slot 0 by the plugin's opcode, returns the new value.
COUNTER = """space key 32  space count 32
push key push count sload
push count + 24 load64 bswap stamp.mark set r0
push count + 24 get r0 bswap store64
push key push count sstore
get r0
"""


class Upgrade(CliTest):
    def setUp(self):
        super().setUp()
        (self.folder / "plugins").mkdir(mode=0o755)
        for version in (1, 2):
            shutil.copy(BUILT / f"stamp_{version}.so", self.folder / "plugins")
            source = {"format_version": 1, "name": "node", "profile": "development", "trust": {"require": "none"},
                      "plugins": [{"path": f"plugins/stamp_{version}.so"}]}
            self.write(f"v{version}.json", json.dumps(source))
            self.assert_status(0, self.rvm("config", "lock", f"v{version}.json", "-o", f"v{version}.lock.json"))
        self.write("counter.rasm", COUNTER)

    def call(self, version, address):
        result = self.rvm("call", address, "--config", f"v{version}.lock.json", "--state", "world.json", "--json")
        return self.assert_status(0, result).json()

    def test_from_1_to_2_and_back_over_one_state(self):
        deployed = self.assert_status(0, self.rvm("deploy", "counter.rasm", "--config", "v1.lock.json", "--state",
                                                  "world.json", "--json")).json()["address"]
        first = self.call(1, deployed)
        # What the switch means is known before it is made.
        changes = {(c["what"], c["id"]): c for c in self.assert_status(
            1, self.rvm("config", "diff", "v1.lock.json", "v2.lock.json", "--json")).json()["changes"]}
        self.assertEqual({"before": 10, "after": 12}, changes["opcode", "stamp.mark"]["members"]["base"])
        self.assertEqual("added", changes["opcode", "stamp.double"]["change"])
        self.assertEqual({"before": "1.0.0", "after": "2.0.0"}, changes["plugin", "org.example.stamp"]["members"]["version"])
        second = self.call(2, deployed)
        self.assertEqual(("1", "2"), (first["result"]["decimal"], second["result"]["decimal"]))
        third = self.call(1, deployed)
        self.assertEqual("3", third["result"]["decimal"])
        # The second call differs from the third by the opcode's price alone.
        self.assertEqual(2, second["gas_used"] - third["gas_used"])

    def test_from_1_to_2_and_back_across_the_height_at_which_the_price_changes(self):
        """Version 2 keeps the old price up to a height, so that nodes can switch one by one before it."""
        for version in (1, 2):
            document = json.loads((self.folder / f"v{version}.lock.json").read_text())
            del document["expect"]
            document["plugins"].append({"path": str(PLUGINS / "lmdb.so")})
            document["trust"] = {"require": "none"}
            document["storage"] = {"engine": "lmdb", "config": {"path": "world"}}
            if version == 2:
                document["gas"] = {"stamp.mark": {"base": 10}}
                document["chain"] = {"activations": [{"height": 4, "gas": {"stamp.mark": {"base": 12}}},
                                                     {"height": 6, "gas": {"stamp.mark": {"base": 30}}}]}
            self.write(f"node{version}.json", json.dumps(document, indent=1))
        call = lambda version, *more: self.assert_status(
            0, self.rvm("call", address, "--config", f"node{version}.json", "--json", *more)).json()
        deployed = self.assert_status(0, self.rvm("deploy", "counter.rasm", "--config", "node1.json", "--json")).json()
        address = deployed["address"]  # height 1
        call(1)  # the slot was zero before: this one is not like the others
        used = [call(version)["gas_used"] for version in (2, 2, 1, 2, 1, 2)]  # heights 3 to 8
        self.assertEqual([0, 2, 0, 20, 0, 20], [gas - used[0] for gas in used])
        # The past costs what it cost, whatever the height is now.
        again = [call(2, "--env", f"block.number={height}")["gas_used"] - used[0] for height in (1, 3, 4, 5, 6, 2**200)]
        self.assertEqual([0, 0, 2, 2, 20, 20], again)
        self.assertEqual("14", call(1)["result"]["decimal"], "one world all the way")

        changes = {(c["what"], c["id"]): c for c in self.assert_status(
            1, self.rvm("config", "diff", "node1.json", "node2.json", "--json")).json()["changes"]}
        self.assertNotIn(("opcode", "stamp.mark"), changes, "its price now is the same")
        self.assertEqual({"base": {"before": None, "after": 12}}, changes["price", "stamp.mark from height 4"]["members"])
        self.assertTrue(changes["price", "stamp.mark from height 6"]["consensus"])
        decisions = self.assert_status(0, self.rvm("config", "explain", "node2.json", "--json")).json()["decisions"]
        lines = (self.folder / "node2.json").read_text().splitlines()
        found = {d["decision"]: lines[d["line"] - 1] for d in decisions if d["subject"] == "price of stamp.mark"}
        self.assertEqual({"base 10", "base 12 from height 4 on", "base 30 from height 6 on"}, set(found))
        self.assertIn("12", found["base 12 from height 4 on"])

    def test_rules_that_activate_at_a_height(self):
        document = {"format_version": 1, "profile": "development", "plugins": [{"path": str(PLUGINS / name)} for name in
                    ("evm.so", "crypto.so")],
                    "chain": {"rules": {"evm": "evm/paris"}, "activations": [{"height": 5, "rules": {"evm": "evm/shanghai"}}]}}
        self.write("node.json", json.dumps(document))
        self.write("push0.hex", "5f5f5260205ff3")  # PUSH0 came with Shanghai
        run = lambda height: self.rvm("run", "push0.hex", "--config", "node.json", "--env", f"block.number={height}").status
        self.assertEqual([1, 1, 0, 0], [run(height) for height in (0, 4, 5, 6)])
        self.assertIn("evm/shanghai from height 5 on", self.rvm("config", "explain", "node.json").out)
        document["chain"]["activations"][0]["rules"]["evm"] = "evm/atlantis"
        self.write("node.json", json.dumps(document))
        refused = self.assert_refused(78, "RVM-R02", self.rvm("config", "check", "node.json"))
        self.assertIn("/chain/activations/0/rules/evm", refused.err)

    def test_a_store_whose_accounts_need_an_absent_format_does_not_open(self):
        listed = lambda *names: [{"path": str(PLUGINS / name)} for name in names]
        document = {"format_version": 1, "profile": "development", "plugins": listed("lmdb.so", "evm.so", "crypto.so"),
                    "storage": {"engine": "lmdb", "config": {"path": "world"}}}
        self.write("all.json", json.dumps(document))
        self.write("less.json", json.dumps({**document, "plugins": listed("lmdb.so")}))
        self.write("init.hex", "6001600c60003960016000f300")  # deploys the byte 00
        address = self.assert_status(0, self.rvm("deploy", "init.hex", "--config", "all.json", "--json")).json()["address"]
        for verb in (["call", address], ["state", "show"], ["config", "check", "less.json"]):
            refused = self.assert_refused(78, "RVM-S09", self.rvm(*verb, "--config", "less.json"))
            self.assertIn(address, refused.err)
            self.assertIn("rvm.format/1:evm", refused.err)
        self.assert_status(0, self.rvm("call", address, "--config", "all.json"))

    def test_a_program_of_version_2_is_refused_under_version_1_by_name(self):
        self.write("new.rasm", "push 21 stamp.double\n")
        self.assert_status(0, self.rvm("asm", "new.rasm", "-o", "new.rvm", "--config", "v2.lock.json"))
        self.assertIn("42", self.assert_status(0, self.rvm("run", "new.rvm", "--config", "v2.lock.json")).out)
        self.assertIn("stamp.double", self.assert_refused(1, "RVM-N05", self.rvm("run", "new.rvm", "--config",
                                                                                "v1.lock.json")).err)

    def test_a_node_that_missed_the_switch_does_not_start(self):
        shutil.copy(self.folder / "plugins" / "stamp_2.so", self.folder / "plugins" / "stamp_1.so")
        self.assert_refused(78, "RVM-T03", self.rvm("config", "check", "v1.lock.json"))
        document = json.loads((self.folder / "v1.lock.json").read_text())
        document["trust"] = {"require": "none"}
        del document["plugins"][0]["sha256"]
        self.write("unpinned.json", json.dumps(document))
        self.assert_refused(78, "RVM-R05", self.rvm("config", "check", "unpinned.json"))


if __name__ == "__main__":
    unittest.main()
