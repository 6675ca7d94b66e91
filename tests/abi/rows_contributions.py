"""Rows K1-K8: what plugins contribute, and whom it collides with."""

import unittest

from common import (ABI, CRYPTO, FORMAT, INTERNAL, OPCODE, PROGRAM_KIND, REFUSED, RowTest, SYSCALL, Subject, TRAPPED)

PIN = {"require": "pin"}


class Contributions(RowTest):
    # ---- K1 ----

    def assert_both_named(self, entry, *subjects):
        for text in subjects:
            self.assertIn(text, entry["found"])

    def test_K1_two_owners_of_an_opcode_id(self):
        folder = self.new_folder()
        first = Subject("test.one", provides=[OPCODE + "test.same"]).write(folder)
        second = Subject("test.two", provides=[OPCODE + "test.same"]).write(folder)
        manifest = self.manifest([first, second])
        entry = self.assert_refused(self.config_check(manifest), "RVM-K01", manifest, "/prefer", "one provider", "test.one")
        self.assert_both_named(entry, "test.one", "test.two", str(first), str(second))

    def test_K1_two_owners_of_a_mnemonic(self):
        folder = self.new_folder()
        first = Subject("test.one", "opcode: shared mnemonic").write(folder)
        second = Subject("test.two", "opcode: shared mnemonic").write(folder)
        entry = self.assert_refused(self.judge(first, second), "RVM-K01", second, "test.two.add", "mnemonic", "test.one")
        self.assert_both_named(entry, "test.one", "test.two", str(first), str(second))
        self.assert_others_run(folder)

    def test_K1_two_mnemonics_in_one_plugin(self):
        subject = Subject(behaviour="opcode: shared mnemonic", provides=[OPCODE + "test.a", OPCODE + "test.b"])
        entry = self.assert_row(subject, "RVM-K01", "test.b", "mnemonic", "test.a")
        self.assert_both_named(entry, "test.a", "test.b")

    def test_K1_two_programs_at_one_address(self):
        folder = self.new_folder()
        first = Subject("test.one", provides=[PROGRAM_KIND + "test.one"]).write(folder)
        second = Subject("test.two", provides=[PROGRAM_KIND + "test.two"]).write(folder)
        entry = self.assert_refused(self.judge(first, second), "RVM-K01", second, "test.two", "address", "test.one")
        self.assert_both_named(entry, str(first), str(second))
        self.assert_others_run(folder)

    def test_K1_items_of_the_core_are_taken(self):
        folder = self.new_folder()
        library = Subject(provides=[FORMAT + "native"]).write(folder)
        manifest = self.manifest([library])
        entry = self.assert_refused(self.config_check(manifest), "RVM-K01", manifest, "/prefer", "one provider", "native")
        self.assert_both_named(entry, "(built in)", str(library))

    def test_K1_instructions_of_the_native_vm_stay_its_own(self):
        subject = Subject(provides=[OPCODE + "add"])
        library = subject.write(self.new_folder())
        result = self.run_program("push 1\npush 2\nadd\n", library)
        if result.status == 0:  # the built-in instruction wins: price 1 + 1 + 2
            self.assertEqual(("3", 4), (result.json()["result"]["decimal"], result.json()["gas_used"]))
        else:
            self.assert_refused(result, "RVM-K01", library, "add", "", "")

    # ---- K2 ----

    def two_hashes(self, folder):
        return (Subject("test.one", provides=[CRYPTO + "test.sum"]).write(folder),
                Subject("test.two", provides=[CRYPTO + "test.sum"]).write(folder))

    def test_K2_two_providers_and_no_preference(self):
        folder = self.new_folder()
        first, second = self.two_hashes(folder)
        manifest = self.manifest([first, second])
        entry = self.assert_refused(self.config_check(manifest), "RVM-K02", manifest, "/prefer",
                                    "one provider, or a preference", "test.one")
        self.assert_both_named(entry, "test.two", str(first), str(second))
        self.assertIn('"prefer"', entry["hint"])

    def test_K2_preference_decides_and_shows_in_the_fingerprint(self):
        first, second = self.two_hashes(self.new_folder())
        fingerprints = set()
        for chosen in ("test.one", "test.two"):
            result = self.assert_status(0, self.judge(first, second, prefer={CRYPTO + "test.sum": chosen}))
            self.assertTrue(any(chosen in entry["message"] for entry in result.findings()), result)
            fingerprints.add(result.json()["semantics"])
        self.assertEqual(2, len(fingerprints))

    # ---- K3, K4 ----

    def test_K3_base_price_of_zero(self):
        for subject, field in ((Subject(behaviour="opcode: free"), "gas"),
                               (Subject(behaviour="syscall: free", provides=[SYSCALL + "test.call"]), "gas.base")):
            with self.subTest(field=field):
                entry = self.assert_row(subject, "RVM-K03", "contributions[0]", "at least 1", "0")
                self.assertTrue(entry["where"].endswith("." + field), entry)

    def test_K3_deployment_may_list_an_item_as_free(self):
        library = Subject(behaviour="opcode: free").write(self.new_folder())
        self.assert_status(0, self.judge(library, free_items=["test.subject.add"]))

    def test_K3_prices_without_end_run_out_of_gas(self):
        for behaviour in ("syscall: custom price without end", "syscall: price overflows"):
            with self.subTest(behaviour=behaviour):
                library = Subject(behaviour=behaviour, provides=[SYSCALL + "test.call"]).write(self.new_folder())
                result = self.run_program("space buffer 64\npush buffer push 64 push buffer push 64\nsyscall \"test.call\"\n",
                                          library)
                self.assert_status(TRAPPED, result)
                self.assertEqual("out of gas", result.json().get("trap", {}).get("name"), result)
                self.assertEqual(result.json()["gas_limit"], result.json()["gas_used"])

    def test_K4_windows_and_immediates_beyond_their_limits(self):
        for behaviour, field, expected, found in (("opcode: 17 pops", "pops", "0 to 16", "17"),
                                                  ("opcode: 17 pushes", "pushes", "0 to 16", "17"),
                                                  ("opcode: 9 immediate bytes", "immediate_size", "0 to 8", "9")):
            with self.subTest(behaviour=behaviour):
                entry = self.assert_row(Subject(behaviour=behaviour), "RVM-K03", "contributions[0]", expected, found)
                self.assertTrue(entry["where"].endswith("." + field), entry)

    def test_K4_immediate_past_the_end_of_code(self):
        library = Subject(behaviour="opcode: 8 immediate bytes").write(self.new_folder())
        manifest = self.manifest([library])
        source = self.assembly("push 1\npush 2\ntest.subject.add 5\n")
        binary = self.folder / "whole.rvm"
        self.assert_status(0, self.rvm("asm", source, "-o", binary, "--config", manifest))
        self.assert_status(0, self.rvm("run", binary, "--config", manifest))
        whole = binary.read_bytes()
        cut = self.folder / "cut.rvm"
        cut.write_bytes(whole[:-3])
        result = self.rvm("run", cut, "--config", manifest, "--json")
        self.assert_status(TRAPPED, result)
        self.assertIn(result.json().get("trap", {}).get("name", result.out), ("invalid code", result.out))

    def test_K4_program_where_accounts_live(self):
        entry = self.assert_row(Subject(behaviour="program: address of an account", provides=[PROGRAM_KIND + "test.program"]),
                                "RVM-K03", "contributions[0]", "16 leading zero bytes", "0x7777")
        self.assertTrue(entry["where"].endswith(".address"), entry)

    # ---- K5, K6 ----

    def test_K5_external_item_under_consensus(self):
        subject = Subject(behaviour="opcode: external")
        entry = self.assert_row(subject, "RVM-K04", "contributions[0]", "no EXTERNAL", "0x80000000", profile="consensus")
        self.assertTrue(entry["where"].endswith(".flags"), entry)
        library = subject.write(self.new_folder())
        self.assert_status(0, self.judge(library))  # profile standard records it

    def test_K5_pure_item_that_calls_the_state_traps(self):
        library = Subject(behaviour="opcode: pure calls state").write(self.new_folder())
        result = self.assert_status(TRAPPED, self.run_program("push 1\npush 2\ntest.subject.add\n", library))
        self.assertEqual("illegal instruction", result.json()["trap"]["name"], result)
        self.assertEqual([], result.json()["storage"])
        check = self.assert_status(REFUSED, self.rvm("plugin", "check", library, "--json"))
        findings = [entry for step in check.json()["steps"] for entry in step["findings"]]
        self.assertIn(("RVM-K05", str(library), "opcode test.subject.add", "PURE"),
                      [(entry["code"], entry["file"], entry["where"], entry.get("expected")) for entry in findings])

    def test_K6_known_answer_that_does_not_hold(self):
        subject = Subject(behaviour="crypto: wrong answer", provides=[CRYPTO + "test.sum"])
        self.assert_row(subject, "RVM-K06", "test.sum known answer 0", "00000127", "00000126", profile="consensus")

    def test_K6_known_answers_are_asked_when_a_primitive_is_first_used(self):
        folder = self.new_folder()
        Subject("test.hash", "crypto: wrong answer", provides=[CRYPTO + "test.sum"]).write(folder)
        user = Subject("test.user", "link: resolves sum", requires=[CRYPTO + "test.sum"]).write(folder)
        result = self.judge(user, folder / "test.hash.so")
        self.assert_status(REFUSED, result)
        self.assert_finding(result, "RVM-K06", folder / "test.hash.so", "test.sum known answer 0", "00000127", "00000126")

    def test_K6_no_known_answers_under_consensus(self):
        subject = Subject(behaviour="crypto: no answers", provides=[CRYPTO + "test.sum"])
        self.assert_row(subject, "RVM-K06", "test.sum", "at least 1", "0", profile="consensus")
        self.assert_status(0, self.judge(subject.write(self.new_folder())))

    # ---- K7, K8 ----

    def test_K7_list_that_differs_when_asked_again(self):
        self.assert_row(Subject(behaviour="contributions: differ"), "RVM-K08", "contributions", "1 items", "0 items")

    def test_K7_list_without_end(self):
        self.assert_row(Subject(behaviour="contributions: endless"), "RVM-K08", "contributions", "at most", "more")

    def test_K7_no_list(self):
        self.assert_row(Subject(behaviour="contributions: null"), "RVM-K08", "contributions", "a list", "NULL")

    def test_K7_items_other_than_promised(self):
        folder = self.new_folder()
        library = Subject(behaviour="contributions: empty").write(folder)
        self.assert_refused(self.judge(library), "RVM-K08", library, "contributions", OPCODE + "test.subject.add", "missing")
        self.assert_others_run(folder)

    def test_K7_unknown_kind_is_skipped_with_a_warning(self):
        library = Subject(provides=[OPCODE + "test.subject.add", "rvm.oracle/9:test.delphi"]).write(self.new_folder())
        result = self.assert_status(0, self.judge(library))
        self.assert_finding(result, "RVM-K09", library, "contributions[1].kind", f"a kind of {ABI}", "rvm.oracle/9",
                            severity="warning")

    def formats(self, *behaviours):
        folder = self.new_folder()
        return [Subject(f"test.format{i}", behaviour, provides=[FORMAT + f"test{i}"]).write(folder)
                for i, behaviour in enumerate(behaviours)]

    def code(self, text):
        path = self.folder / "program.hex"
        path.write_text(text.encode().hex())
        return path

    def test_K8_two_formats_recognise_the_code(self):
        manifest = self.manifest(self.formats("", ""))
        result = self.rvm("run", self.code("SUBJo"), "--config", manifest, "--json")
        entry = self.assert_refused(result, "RVM-K07", manifest, "/prefer", "one format, or a preference", "test0")
        self.assertIn("test1", entry["found"])

    def test_K8_preference_between_two_formats(self):
        manifest = self.manifest(self.formats("", ""), prefer={FORMAT + "test1": "test.format1"})
        result = self.assert_status(0, self.rvm("run", self.code("SUBJo"), "--config", manifest, "--json"))
        self.assertEqual("test1", result.json()["format"])

    def test_K8_two_formats_would_fall_back(self):
        manifest = self.manifest(self.formats("format: fallback", "format: fallback"))
        result = self.rvm("run", self.code("abcde"), "--config", manifest, "--json")
        entry = self.assert_refused(result, "RVM-K07", manifest, "/prefer", "one format, or a preference", "test0")
        self.assertIn("test1", entry["found"])

    def test_K8_one_certain_format_beats_a_fallback(self):
        manifest = self.manifest(self.formats("format: fallback", ""))
        result = self.assert_status(0, self.rvm("run", self.code("SUBJo"), "--config", manifest, "--json"))
        self.assertEqual(("test1", "0x2a"), (result.json()["format"], result.json()["output"]))

    def test_K8_no_format_recognises_the_code(self):
        manifest = self.manifest(self.formats(""))
        result = self.rvm("run", self.code("abcde"), "--config", manifest, "--json")
        self.assert_refused(result, "RVM-P01", self.folder / "program.hex", "", "", "")


if __name__ == "__main__":
    unittest.main()
