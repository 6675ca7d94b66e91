import pathlib
import unittest

from support import VERBS, CliTest

README = pathlib.Path(__file__).resolve().parents[2] / "host" / "README.md"


class Help(CliTest):
    def test_every_verb_has_help_with_usage_and_example(self):
        for verb in VERBS:
            with self.subTest(verb=verb):
                result = self.assert_status(0, self.rvm(verb, "--help"))
                self.assertTrue(result.out.startswith(f"rvm {verb}: "), result.out)
                self.assertIn("\nUsage:\n  rvm " + verb, result.out)
                self.assertRegex(result.out, r"\nExample:\n  .*rvm ")
                self.assertEqual("", result.err)

    def test_help_lists_the_table(self):
        listed = [line["verb"] for line in self.assert_status(0, self.rvm("help", "--json")).json()]
        self.assertEqual(VERBS, [verb for verb in listed if verb in VERBS])
        text = self.assert_status(0, self.rvm("help")).out
        for verb in VERBS:
            self.assertIn(f"\n  {verb}", text)

    def test_help_of_a_verb_is_its_help(self):
        self.assertEqual(self.rvm("run", "--help").out, self.rvm("help", "run").out)

    def test_no_verb_is_a_usage_error_that_helps(self):
        result = self.assert_status(2, self.rvm())
        self.assertIn("Verbs:", result.out)

    def test_help_works_without_a_deployment(self):
        self.assert_status(0, self.rvm("help", "--config", "missing.json"))

    def test_unknown_verb_suggests(self):
        result = self.assert_refused(2, "RVM-U01", self.rvm("disam"))
        self.assertIn("did you mean `rvm disasm`?", result.err)

    def test_unknown_option_suggests(self):
        result = self.assert_refused(2, "RVM-U01", self.rvm("run", "--gaz", "5", "x"))
        self.assertIn("did you mean --gas?", result.err)

    def test_unknown_actions_suggest(self):
        self.assertIn("rvm plugin list", self.assert_refused(2, "RVM-U01", self.rvm("plugin", "lsit")).err)
        self.assertIn("rvm config check", self.assert_refused(2, "RVM-U01", self.rvm("config", "chek")).err)

    def test_global_options_stand_before_or_after_the_verb(self):
        self.assertEqual(self.rvm("--json", "version").json(), self.rvm("version", "--json").json())

    def test_readme_documents_every_verb_as_help_does(self):
        text = README.read_text()
        for entry in self.rvm("help", "--json").json():
            if entry["verb"] in VERBS:
                with self.subTest(verb=entry["verb"]):
                    usage = entry["usage"].replace("|", "\\|")
                    row = f"| `{entry['verb']}` | `rvm {usage}` | {entry['summary']} |"
                    self.assertIn(row, text)


class Explain(CliTest):
    def test_lists_all_codes(self):
        listed = self.assert_status(0, self.rvm("explain", "--json")).json()
        self.assertGreater(len(listed), 50)
        self.assertEqual(len(listed), len({entry["code"] for entry in listed}))
        self.assertEqual(len(listed), len(self.rvm("explain").out.splitlines()))

    def test_explains_one_in_any_spelling(self):
        for code in ("RVM-F02", "rvm-f02", "f02"):
            self.assertIn("RVM-F02", self.assert_status(0, self.rvm("explain", code)).out)
        self.assertIn("RVM-F02", self.assert_status(0, self.rvm("explain", "-", stdin="RVM-F02\n")).out)

    def test_unknown_code_is_a_usage_error(self):
        self.assert_refused(2, "RVM-U01", self.rvm("explain", "RVM-F99"))


class Version(CliTest):
    def test_names_every_number(self):
        version = self.assert_status(0, self.rvm("version", "--json")).json()
        self.assertEqual(("0.1.0", "0.4", 1, 1),
                         (version["rvm"], version["abi"], version["container"], version["manifest"]))
        self.assertEqual(self.rvm("version").out, self.rvm("--version").out)


if __name__ == "__main__":
    unittest.main()
