import shutil
import unittest

from support import PLUGINS, CliTest


class Plugins(CliTest):
    def test_list_knows_what_files_provide_without_loading_them(self):
        listed = {entry["id"]: entry for entry in self.assert_status(0, self.rvm("plugin", "list", "--json")).json()}
        u256 = listed["org.rvm.u256"]
        self.assertEqual("available", u256["status"])
        self.assertEqual(str(PLUGINS / "u256.so"), u256["file"])
        self.assertIn("rvm.opcode/1:u256.add", u256["provides"])

    def test_inspect_reads_sidecar_and_elf(self):
        facts = self.assert_status(0, self.rvm("plugin", "inspect", PLUGINS / "u256.so", "--json")).json()
        self.assertEqual("org.rvm.u256", facts["sidecar"]["id"])
        self.assertEqual("rvm_plugin_entry_v0", facts["elf"]["entry"])
        self.assertRegex(facts["sha256"], "^[0-9a-f]{64}$")
        whole = (PLUGINS / "u256.so").read_bytes()
        self.assertEqual(facts["sha256"], self.rvm("plugin", "inspect", "-", "--json", stdin=whole).json()["sha256"])

    def test_inspect_refuses_damage(self):
        whole = (PLUGINS / "u256.so").read_bytes()
        for size in (1, 64, 4096, len(whole) - 512):
            self.write("cut.so", whole[:size])
            self.assert_refused(78, "RVM-F02", self.rvm("plugin", "inspect", "cut.so"))
        self.write("text.so", "this is no library")
        self.assert_refused(78, "RVM-F02", self.rvm("plugin", "inspect", "text.so"))

    def test_file_is_a_usage_error_when_missing(self):
        self.assert_refused(2, "RVM-U01", self.rvm("plugin", "inspect"))
        self.assert_refused(2, "RVM-U02", self.rvm("plugin", "inspect", "none.so"))
        self.assert_refused(2, "RVM-U02", self.rvm("plugin", "check", "none.so"))

    def test_check_passes_plugins_of_the_product(self):
        # The others have a test each, plugin_check.NAME; the wallet signs, which no consensus allows.
        for name, profile in (("u256.so", "consensus"), ("wallet.so", "standard")):
            with self.subTest(library=name):
                result = self.assert_status(0, self.rvm("plugin", "check", PLUGINS / name, "--profile", profile, "--json"))
                self.assertTrue(result.json()["sound"])
                verdicts = {step["step"]: step["verdict"] for step in result.json()["steps"]}
                self.assertNotIn("failed", verdicts.values())
                self.assertEqual(("passed", "passed"), (verdicts["file"], verdicts["lifecycle"]))

    def test_check_refuses_damage_and_leaves_nothing_behind(self):
        whole = bytearray((PLUGINS / "u256.so").read_bytes())
        self.write("cut.so", bytes(whole[:8000]))
        result = self.rvm("plugin", "check", "cut.so", env={"TMPDIR": str(self.folder)})
        self.assert_refused(78, "RVM-F02", result)
        self.assertEqual(["cut.so"], [path.name for path in self.folder.iterdir()])

    def test_config_check_loads_everything(self):
        result = self.assert_status(0, self.rvm("config", "check", "--json")).json()
        self.assertTrue(result["valid"])
        self.assertGreaterEqual(result["plugins_loaded"], 3)
        self.assertRegex(result["semantics"], "^sha256:[0-9a-f]{64}$")
        self.assertRegex(result["binaries"], "^sha256:[0-9a-f]{64}$")

    def test_config_check_refuses_with_78(self):
        self.assert_status(78, self.rvm("config", "check", "none.json"))
        manifest = self.write("m.json", '{"format_version": 1, "name": "x", "profle": "development"}')
        result = self.assert_refused(78, "RVM-M05", self.rvm("config", "check", manifest))
        self.assertIn("/profle", result.err)
        self.assertIn("profile", result.err)
        self.assert_refused(78, "RVM-M02", self.rvm("config", "check", "-", stdin="{"))

    def test_plugin_option_adds_a_file(self):
        bare = self.write("bare.json", '{"format_version": 1, "name": "bare", "profile": "development", '
                                       '"trust": {"require": "none"}}')
        shutil.copy(PLUGINS / "u256.so", self.folder / "u256.so")
        listed = self.assert_status(0, self.rvm("plugin", "list", "--json", "--config", bare, "--plugin", "u256.so"))
        self.assertIn("org.rvm.u256", [entry["id"] for entry in listed.json()])


if __name__ == "__main__":
    unittest.main()
