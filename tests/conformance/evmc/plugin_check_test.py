"""`rvm plugin check` on the plugin evmc, without and with a virtual machine: plugin_check_test.py PROGRAM PLUGIN MACHINE."""

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, PLUGIN, MACHINE = sys.argv[1:4]


class PluginCheck(unittest.TestCase):
    def check(self, *arguments):
        done = subprocess.run([PROGRAM, "plugin", "check", PLUGIN, "--json", *arguments], capture_output=True, text=True)
        return done, {step["step"]: step for step in json.loads(done.stdout).get("steps", [])}

    def with_config(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "config.json"
            file.write_text(text)
            return self.check("--plugin-config", file)

    def test_without_a_machine_the_format_is_skipped_and_says_why(self):
        done, steps = self.check()
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertEqual("skipped", steps["formats"]["verdict"])
        self.assertIn("format evmc runs nothing without configuration (give it with --plugin-config FILE)", steps["formats"]["reason"])
        self.assertIn('"library"', steps["formats"]["reason"])
        self.assertEqual("passed", steps["failures"]["verdict"])  # every allocation and host call fails once

    def test_with_a_machine_it_is_checked(self):
        digest = hashlib.sha256(pathlib.Path(MACHINE).read_bytes()).hexdigest()
        done, steps = self.with_config(json.dumps({"library": MACHINE, "sha256": digest, "symbol": "evmc_create_rvm"}))
        self.assertEqual(0, done.returncode, done.stdout)
        for step in ("load", "lifecycle", "configuration", "formats", "failures"):
            self.assertEqual("passed", steps[step]["verdict"], steps[step])

    def test_a_wrong_configuration_is_refused(self):
        done, _ = self.with_config("[1]")
        self.assertEqual(2, done.returncode)
        self.assertIn("holds array", done.stdout)
        done, steps = self.with_config('{"libary": "x.so"}')
        self.assertEqual(78, done.returncode)
        self.assertEqual("failed", steps["load"]["verdict"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
