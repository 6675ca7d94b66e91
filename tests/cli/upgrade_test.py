"""An operator takes a new version of a plugin into use, and goes back: lock, diff, switch, over one state."""

import json
import os
import pathlib
import shutil
import unittest

from support import CliTest

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
