"""rvm config and rvm fingerprint: what operators ask about a deployment."""

import hashlib
import json
import shutil
import unittest

from support import PLUGINS, SHARE, CliTest

BASE = {"format_version": 1, "name": "node", "profile": "development", "search_paths": [str(PLUGINS)],
        "trust": {"require": "none"}, "plugins": [{"id": "org.rvm.crypto"}, {"id": "org.rvm.u256"}],
        "syscalls": ["crypto.*"], "chain": {"id": 5}}


class Config(CliTest):
    def manifest(self, file, **changes):
        document = {**BASE, **changes}
        return self.write(file, json.dumps(document, indent=1))

    def decisions(self, manifest):
        return self.assert_status(0, self.rvm("config", "explain", "--json", manifest)).json()["decisions"]

    # ---- explain ----

    def test_explain_names_the_line_behind_each_decision(self):
        manifest = self.manifest("m.json", gas={"u256.add": {"base": 77}}, limits={"native": {"call_depth": 9}})
        lines = manifest.read_text().split("\n")
        found = {}
        for decision in self.decisions(manifest):
            found[decision["subject"]] = decision
            if "line" in decision:
                self.assertIn(decision["pointer"].rsplit("/", 1)[1].replace("~1", "/"),
                              lines[decision["line"] - 1] + "0123456789", decision)
        price = found["price of u256.add"]
        self.assertEqual("base 77", price["decision"])
        self.assertIn("77", lines[price["line"] - 1])
        self.assertEqual("9", found["limit call_depth"]["decision"])
        self.assertIn('"call_depth": 9', lines[found["limit call_depth"]["line"] - 1])
        self.assertEqual("default", found["limit memory_bytes"]["cause"])
        self.assertEqual("granted", found["syscall crypto.sha256"]["decision"])
        self.assertIn("crypto.*", lines[found["syscall crypto.sha256"]["line"] - 1])
        self.assertEqual("/plugins/1", found["plugin org.rvm.u256"]["pointer"])

    def test_explain_follows_what_the_manifest_says(self):
        text = self.assert_status(0, self.rvm("config", "explain", self.manifest("m.json", syscalls=[]))).out
        self.assertRegex(text, r"syscall crypto\.sha256 +not granted")
        pin = hashlib.sha256((PLUGINS / "u256.so").read_bytes()).hexdigest()
        pinned = self.manifest("p.json", plugins=[{"id": "org.rvm.u256", "sha256": pin}], trust={"require": "pin"})
        text = self.assert_status(0, self.rvm("config", "explain", pinned)).out
        self.assertRegex(text, rf"trusted +by its pin {pin} +\(line \d+, /plugins/0/sha256\)")

    def test_a_deployment_that_does_not_open_is_refused(self):
        for action in ("explain", "lock"):
            with self.subTest(action=action):
                broken = self.manifest("m.json", plugins=[{"id": "org.example.none"}])
                self.assert_refused(78, "RVM-F01", self.rvm("config", action, broken))
                self.assert_refused(78, "RVM-M01", self.rvm("config", action, "missing.json"))

    # ---- lock ----

    def test_lock_pins_what_runs_and_is_sound(self):
        source = self.manifest("m.json", discovery="directory", plugins=[{"id": "org.rvm.u256", "optional": True}])
        self.assert_status(0, self.rvm("config", "lock", source, "-o", "locked.json"))
        locked = json.loads((self.folder / "locked.json").read_text())
        self.assertEqual(("listed", "pin"), (locked["discovery"], locked["trust"]["require"]))
        pins = {entry["id"]: entry["sha256"] for entry in locked["plugins"]}
        self.assertEqual(hashlib.sha256((PLUGINS / "u256.so").read_bytes()).hexdigest(), pins["org.rvm.u256"])
        self.assertIn("org.rvm.evm", pins)
        self.assertTrue(next(e for e in locked["plugins"] if e["id"] == "org.rvm.u256")["optional"])
        self.assertEqual(self.fingerprint(source)["semantics"], locked["expect"]["semantics"])
        self.assert_status(0, self.rvm("config", "check", "locked.json"))

    def test_another_file_or_other_rules_break_the_lock(self):
        (self.folder / "plugins").mkdir(mode=0o755)
        for name in ("crypto.so", "u256.so"):
            shutil.copy(PLUGINS / name, self.folder / "plugins" / name)
        source = self.manifest("m.json", search_paths=["plugins"])
        self.assert_status(0, self.rvm("config", "lock", source, "-o", "locked.json"))
        self.assert_status(0, self.rvm("config", "check", "locked.json"))
        document = json.loads((self.folder / "locked.json").read_text())
        self.write("dear.json", json.dumps({**document, "gas": {"u256.add": {"base": 1000}}}))
        self.assert_refused(78, "RVM-R05", self.rvm("config", "check", "dear.json"))
        with open(self.folder / "plugins" / "u256.so", "ab") as library:
            library.write(b"\0")
        self.assert_refused(78, "RVM-T03", self.rvm("config", "check", "locked.json"))

    def test_a_lock_in_another_folder_means_the_same_files(self):
        (self.folder / "plugins").mkdir(mode=0o755)
        shutil.copy(PLUGINS / "u256.so", self.folder / "plugins" / "u256.so")
        (self.folder / "elsewhere").mkdir()
        for name, entry in (("found.json", {"id": "org.rvm.u256"}), ("named.json", {"path": "plugins/u256.so"})):
            source = self.manifest(name, search_paths=["plugins"], plugins=[entry])
            self.assert_status(0, self.rvm("config", "lock", source, "-o", "elsewhere/locked.json"))
            self.assert_status(0, self.rvm("config", "check", "elsewhere/locked.json"))

    # ---- diff ----

    def diff(self, status, before, after):
        result = self.assert_status(status, self.rvm("config", "diff", "--json", before, after)).json()
        self.assertEqual(status == 1, result["consensus_relevant"])
        return {(change["what"], change["id"]): change for change in result["changes"]}

    def test_equal_deployments_do_not_differ(self):
        self.assertEqual({}, self.diff(0, self.manifest("a.json"), self.manifest("b.json")))
        self.assertIn("equal", self.assert_status(0, self.rvm("config", "diff", "a.json", "b.json")).out)

    def test_what_nodes_must_agree_on_exits_with_1(self):
        base = self.manifest("a.json")
        prices = self.diff(1, base, self.manifest("b.json", gas={"u256.add": {"base": 1000}}))
        self.assertEqual([("opcode", "u256.add")], list(prices))
        self.assertEqual(1000, prices["opcode", "u256.add"]["members"]["base"]["after"])
        less = self.diff(1, base, self.manifest("b.json", plugins=[{"id": "org.rvm.crypto"}]))
        self.assertEqual("lost", less["opcode", "u256.add"]["change"])
        self.assertEqual("lost", less["plugin", "org.rvm.u256"]["change"])
        more = self.diff(1, base, self.manifest("b.json", plugins=[*BASE["plugins"], {"id": "org.rvm.evm"}]))
        self.assertEqual("added", more["format", "evm"]["change"])
        denied = self.diff(1, base, self.manifest("b.json", syscalls=[]))
        self.assertEqual("lost", denied["syscall", "crypto.sha256"]["change"])
        limits = self.diff(1, base, self.manifest("b.json", limits={"native": {"call_depth": 7}}))
        self.assertEqual({"before": 1024, "after": 7}, limits["limit", "native.call_depth"]["members"]["value"])
        rules = self.diff(1, self.manifest("a.json", plugins=[*BASE["plugins"], {"id": "org.rvm.evm"}]),
                          self.manifest("b.json", plugins=[*BASE["plugins"], {"id": "org.rvm.evm"}],
                                        chain={"id": 5, "rules": {"evm": "evm/cancun"}}))
        self.assertEqual("evm/cancun", rules["rules", "evm"]["members"]["follows"]["after"])

    def test_what_is_local_exits_with_0(self):
        changes = self.diff(0, self.manifest("a.json"), self.manifest("b.json", name="other", discovery="listed",
                                                                      profile="standard"))
        self.assertEqual({("setting", "name"), ("setting", "profile")}, set(changes))

    def test_diff_wants_two_files(self):
        self.assert_refused(2, "RVM-U01", self.rvm("config", "diff", self.manifest("a.json")))
        self.assert_refused(78, "RVM-M01", self.rvm("config", "diff", "a.json", "none.json"))

    # ---- init, schema, check, fingerprint ----

    def test_init_writes_manifests_that_are_sound(self):
        for profile in ("development", "standard", "consensus"):
            with self.subTest(profile=profile):
                name = f"{profile}.json"
                self.assert_status(0, self.rvm("config", "init", name, "--profile", profile))
                checked = self.assert_status(0, self.rvm("config", "check", "--json", name)).json()
                self.assertEqual((profile, profile), (checked["profile"], checked["name"]))
                self.assert_refused(2, "RVM-U01", self.rvm("config", "init", name))
        entries = json.loads((self.folder / "consensus.json").read_text())["plugins"]
        self.assertTrue(entries and all(len(entry["sha256"]) == 64 for entry in entries))
        self.assert_refused(2, "RVM-U01", self.rvm("config", "init", "x.json", "--profile", "strict"))
        self.assertFalse((self.folder / "x.json").exists())

    def test_schema_prints_what_editors_need(self):
        for name in ("manifest", "sidecar"):
            printed = self.assert_status(0, self.rvm("config", "schema", name)).raw
            self.assertEqual((SHARE / "configs" / f"{name}.schema.json").read_bytes(), printed)
        self.assert_refused(2, "RVM-U01", self.rvm("config", "schema", "trace"))

    def test_check_answers_in_json_also_when_nothing_opens(self):
        document = self.assert_status(78, self.rvm("config", "check", "--json", "-", stdin="{")).json()
        self.assertEqual("standard input", document["findings"][0]["file"])
        self.assertEqual((False, 78, "RVM-M02"), (document["valid"], document["exit"], document["findings"][0]["code"]))

    def test_warnings_can_be_denied(self):
        manifest = self.manifest("m.json", plugins=[{"id": "org.example.none", "optional": True}])
        self.assertIn("warning", self.assert_status(0, self.rvm("config", "check", manifest)).err)
        denied = self.assert_status(78, self.rvm("config", "check", "--deny-warnings", manifest))
        self.assertIn("1 warning is denied", denied.out)
        self.assert_status(0, self.rvm("config", "check", "--deny-warnings", self.manifest("m.json")))

    def test_an_option_of_another_action_is_refused(self):
        manifest = self.manifest("m.json")
        for words, option, owners in (
                (("config", "explain", "--deny-warnings", manifest), "--deny-warnings", "config check and lock"),
                (("config", "init", "a.json", "-o", "b.json"), "--output", "config lock"),
                (("config", "check", "-o", "x.json", manifest), "--output", "config lock"),
                (("config", "schema", "--profile", "standard"), "--profile", "config init"),
                (("plugin", "list", "--kind", "opcode"), "--kind", "plugin new"),
                (("plugin", "check", PLUGINS / "u256.so", "--lang", "c"), "--lang", "plugin new"),
                (("plugin", "keygen", "secret", "--key", "x"), "--key", "plugin sign")):
            with self.subTest(words=words):
                before = set(self.folder.iterdir())
                refused = self.assert_refused(2, "RVM-U01", self.rvm(*words))
                self.assertIn(f"`rvm {words[0]} {words[1]}` does not take {option}", refused.err)
                self.assertIn(f"{option} is an option of `rvm {owners}`", refused.err)
                self.assertEqual(before, set(self.folder.iterdir()))
        self.assertRegex(self.rvm("plugin", "--help").out, r"--kind KIND +new: what it provides")

    def test_lock_writes_nothing_over_denied_warnings(self):
        mistyped = self.manifest("m.json", gas={"u256.ad": {"base": 3}})
        self.assert_status(0, self.rvm("config", "lock", mistyped, "-o", "locked.json"))
        refused = self.rvm("config", "lock", "--deny-warnings", mistyped, "-o", "denied.json")
        self.assertIn("/gas/u256.ad", self.assert_refused(78, "RVM-D01", refused).err)
        self.assertEqual("", refused.out)
        self.assertFalse((self.folder / "denied.json").exists())
        self.assert_status(0, self.rvm("config", "lock", "--deny-warnings", self.manifest("n.json"), "-o", "denied.json"))

    def warnings(self, **changes):
        """(pointer, hint) of each warning that `config check` and `config explain` both give."""
        manifest = self.manifest("m.json", **changes)
        self.assert_status(78, self.rvm("config", "check", "--deny-warnings", manifest))
        told = []
        for action in ("check", "explain"):
            document = self.assert_status(0, self.rvm("config", action, "--json", manifest)).json()
            told.append([(f["where"], f.get("hint", "")) for f in document["findings"]
                         if (f["severity"], f["code"]) == ("warning", "RVM-D01")])
        self.assertEqual(*told)
        return told[0]

    def test_check_warns_of_a_name_that_nothing_answers_to(self):
        two = BASE["plugins"]
        for changes, where, near in (
                ({"syscalls": ["crypto.sha256", "crypto.sha265"]}, "/syscalls/1", "crypto.sha256"),
                ({"syscalls": ["cyrpto.*"]}, "/syscalls/0", "crypto.*"),
                ({"syscalls": ["nosuch.*", "*"]}, "/syscalls/0", ""),
                ({"gas": {"u256.ad": {"base": 3}, "u256.mul": {"base": 9}}}, "/gas/u256.ad", "u256.add"),
                ({"gas": {"push": {"base": 9}}}, "/gas/push", ""),
                ({"gas": {"u256.add": {"base": 3, "per_unit": 2}}}, "/gas/u256.add/per_unit", ""),
                ({"free_items": ["u256.ad", "u256.*"]}, "/free_items/0", "u256.add"),
                ({"free_items": ["u265.*"]}, "/free_items/0", "u256.*"),
                ({"chain": {"rules": {"natve": "x/1"}}}, "/chain/rules/natve", "native"),
                ({"chain": {"activations": [{"height": 2, "rules": {"natve": "x/1"}}]}},
                 "/chain/activations/0/rules/natve", "native"),
                ({"chain": {"activations": [{"height": 2, "gas": {"u256.ad": {"base": 3}}}]}},
                 "/chain/activations/0/gas/u256.ad", "u256.add"),
                ({"prefer": {"rvm.opcode/1:u256.ad": "org.rvm.u256"}}, "/prefer/rvm.opcode~11:u256.ad",
                 "rvm.opcode/1:u256.add"),
                ({"prefer": {"rvm.opcode/1:u256.add": "org.rvm.crypto"}}, "/prefer/rvm.opcode~11:u256.add",
                 "org.rvm.u256 does"),
                ({"pre_state_format": "natve"}, "/pre_state_format", "native")):
            with self.subTest(changes=changes):
                (pointer, hint), = self.warnings(plugins=two, **changes)
                self.assertEqual(where, pointer)
                self.assertIn(near, hint)
                self.assertEqual(near == "", hint == "")

    def test_names_that_something_answers_to_are_no_warnings(self):
        sound = self.manifest("m.json", free_items=["u256.*"], gas={"u256.add": {"base": 0}, "crypto.sha256": {"per_unit": 4}},
                              syscalls=["crypto.*", "*"], prefer={"rvm.opcode/1:u256.add": "org.rvm.u256"},
                              pre_state_format="native",
                              chain={"activations": [{"height": 4, "gas": {"u256.mul": {"base": 9},
                                                                                     "crypto.sha256": {"per_unit": 4}}}]})
        self.assert_status(0, self.rvm("config", "check", "--deny-warnings", sound))
        # A deployment without any syscall: a beginning of ids is in place for plugins to come.
        empty = self.manifest("e.json", plugins=[])
        self.assert_status(0, self.rvm("config", "check", "--deny-warnings", empty))
        notes = self.rvm("config", "check", "--json", empty).json()["findings"]
        self.assertIn(("note", "/syscalls/0"), [(f["severity"], f.get("where")) for f in notes])

    def test_the_manifests_that_are_shipped_have_no_warnings(self):
        for name in ("dev", "consensus", "embedded"):
            with self.subTest(name=name):
                self.assert_status(0, self.rvm("config", "check", "--deny-warnings", SHARE / "configs" / f"{name}.json"))

    def test_explain_does_not_put_prices_of_nothing_in_force(self):
        changed = self.manifest("m.json", gas={"u256.ad": {"base": 3}},
                                chain={"rules": {"evmx": "evmx/1"}, "activations": [{"height": 9, "gas": {"u256.ad": {"base": 4}}}]})
        told = [d["decision"] for d in self.decisions(changed) if d["subject"] in ("price of u256.ad", "rules of evmx")]
        self.assertEqual(["base 3, but no plugin brings the item", "evmx/1, but no plugin brings the format",
                          "base 4 from height 9 on, but no plugin brings the item"], told)
        unit = self.decisions(self.manifest("m.json", gas={"u256.add": {"per_unit": 3}}))
        self.assertIn("per unit 3, but an opcode has no units", [d["decision"] for d in unit])

    def fingerprint(self, *arguments):
        return self.assert_status(0, self.rvm("fingerprint", "--json", *arguments)).json()

    def test_fingerprints_are_the_hashes_of_their_texts(self):
        manifest = self.manifest("m.json")
        printed = self.fingerprint(manifest, "--texts")
        for name in ("semantics", "binaries"):
            text = printed[f"{name}_text"]
            self.assertEqual("sha256:" + hashlib.sha256(text.encode()).hexdigest(), printed[name])
        checked = self.assert_status(0, self.rvm("config", "check", "--json", manifest)).json()
        self.assertEqual(checked["semantics"], printed["semantics"])
        self.assertNotEqual(printed["semantics"], self.fingerprint(self.manifest("n.json", chain={"id": 6}))["semantics"])
        self.assertEqual(printed["semantics"], self.fingerprint(self.manifest("n.json", name="n"))["semantics"])


if __name__ == "__main__":
    unittest.main()
